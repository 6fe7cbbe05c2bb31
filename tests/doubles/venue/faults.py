"""What can go wrong between us and a venue, on demand."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Action(StrEnum):
    """What happens to one request."""

    LOSE_REQUEST = "lose_request"
    LOSE_ANSWER = "lose_answer"
    CUT_BODY = "cut_body"
    ANSWER = "answer"
    DO_TWICE = "do_twice"
    MUTATE = "mutate"


@dataclass(slots=True, kw_only=True)
class Fault:
    """
    One fault.

    Attributes:
        where: regular expression on "METHOD /path".
        is_done: whether the venue does what was asked before it answers something else.
        times: how often it happens.
        skip: how many matching requests are served well before.
        mutation: operator and key, for MUTATE.
        struck: how many requests it has happened to.
        seconds: how long the fault lasts from its first strike on; 0 counts `times`.
    """

    where: str
    action: Action
    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    is_done: bool = True
    times: int = 1
    skip: int = 0
    mutation: Mapping[str, str] = field(default_factory=dict)
    seconds: int = 0
    began_ms: int = -1
    struck: int = 0

    def strikes(self, request: str, *, now_ms: int = 0) -> bool:
        """Whether it happens to this request; counts itself down."""
        if not self.times or not re.search(self.where, request):
            return False
        if self.seconds:
            self.began_ms = now_ms if self.began_ms < 0 else self.began_ms
            is_on = now_ms < self.began_ms + self.seconds * 1000
            self.struck += is_on
            return is_on
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        self.struck += 1
        return True

    def take_back(self) -> None:
        """The request had nothing to change: the fault strikes a later one."""
        self.struck -= 1
        self.times += not self.seconds
