"""Classification of a venue's answer to a write: does an order exist?

RawAnswer (status, headers, text as received) -> classify -> Outcome

The table reads the answer and never ccxt's exception class: ccxt raises `ExchangeError` for
timeouts and returns orders without an id for empty answers (docs/venues.md has the rules). Only a
code listed as REJECTED in the table proves the absence of an order. An unlisted code, a cut
answer, a 5xx and a missing answer are UNKNOWN. An unlisted code in a clean answer is a weaker kind
of UNKNOWN (`is_clean_refusal`): the doubt about such an order ends after 45 s, not after 24 h.
The codes of each venue are in `binance/codes.py` and `bybit/codes.py`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

from trading.domain.messages import Message, message
from trading.domain.orders import Outcome, Placement

FIRST_CLIENT_ERROR, FIRST_SERVER_ERROR = 400, 500

_parse = partial(json.loads, parse_float=Decimal)


@dataclass(frozen=True, kw_only=True)
class RawAnswer:
    """
    An HTTP answer, or none.

    Attributes:
        status: None when no whole answer arrived: refused, reset, timed out or cut.
        headers: names in lower case.
        text: the body as received; the text never leaves the adapter.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = field(default="", repr=False)

    @cached_property
    def json(self) -> Any:
        """The body with numbers kept as written; None when the body is not JSON."""
        try:
            return _parse(self.text)
        except (ValueError, RecursionError):
            return None

    @property
    def is_ok(self) -> bool:
        """Whether the status is 2xx."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_country_block(self) -> bool:
        """Whether the answer refuses the country of this server (451, CloudFront's page)."""
        if self.status == 451:
            return True
        text = self.text.lower()
        return self.status == 403 and "cloudfront" in text and "country" in text


NO_ANSWER = RawAnswer()


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthTable:
    """
    The signals of a venue.

    Attributes:
        code_field: the body's field with the code.
        success: codes of an answer that confirms the request; "" is a body without a code.
        statuses: HTTP statuses with a meaning of their own.
        codes: outcome by code; a missing code is UNKNOWN.
        words: our words for a code, shown to people.
        account_limits: BACK_OFF codes that count against one account, not against the address.
        clock: codes that say that a request's time stamp is off.
        filters: codes that contradict the cached rules of the instrument.
        regions: codes that refuse the country of this server or of the account.
        clean_statuses: first and last HTTP status with which the venue sends a whole refusal, so
            an unlisted code counts as a clean refusal.
    """

    code_field: str
    success: frozenset[str]
    statuses: Mapping[int, Outcome]
    codes: Mapping[str, Outcome]
    words: Mapping[str, Message]
    account_limits: frozenset[str] = frozenset()
    clock: frozenset[str] = frozenset()
    filters: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    clean_statuses: tuple[int, int] = (FIRST_CLIENT_ERROR, FIRST_SERVER_ERROR - 1)


_DUPLICATE_TEXT = {"-2010": "Duplicate order sent."}
"""-2010 stands for any refusal of a new spot order; only this text speaks of a duplicate."""


def find_code(answer: RawAnswer, table: TruthTable) -> str | None:
    """The body's code as text, "" for a body without a code, None when there is no JSON object."""
    if isinstance(answer.json, list):
        return ""
    if not isinstance(answer.json, dict):
        return None
    return str(answer.json.get(table.code_field, ""))


def classify(answer: RawAnswer, table: TruthTable) -> Outcome:
    """
    The outcome proven by the answer; ACCEPTED only means a success reported by the venue.

    The caller still has to find an id and our client order id in the answer, else the outcome is
    UNKNOWN.
    """
    if answer.status is None or answer.status >= FIRST_SERVER_ERROR:
        return Outcome.UNKNOWN
    code = find_code(answer, table)
    if answer.is_country_block or (code is None and answer.status not in table.statuses):
        return Outcome.UNKNOWN
    if answer.status in table.statuses:
        return table.statuses[answer.status]
    if code in table.success:
        return Outcome.ACCEPTED if answer.is_ok else Outcome.UNKNOWN
    wanted = _DUPLICATE_TEXT.get(code or "")
    if wanted is not None and answer.json.get("msg") != wanted:
        return Outcome.UNKNOWN
    return table.codes.get(code or "", Outcome.UNKNOWN)


def is_account_limit(answer: RawAnswer, table: TruthTable) -> bool:
    """Whether the limit in the answer is the account's own, not the address's."""
    return find_code(answer, table) in table.account_limits


def is_clean_refusal(answer: RawAnswer, table: TruthTable) -> bool:
    """
    Whether a whole answer refuses with a business code missing from the table.

    Such an answer is no proof of the absence of an order, but ends the doubt after 45 s if no
    lookup shows the order. After no answer, a cut answer or a 5xx the doubt lasts up to 24 h.
    """
    code = find_code(answer, table)
    first, last = table.clean_statuses
    return (
        classify(answer, table) is Outcome.UNKNOWN
        and answer.status is not None
        and first <= answer.status <= last
        and code not in table.codes
        and bool(code)
        and _looks_like_code(code or "")
        and code not in table.success
    )


def build_refusal(
    answer: RawAnswer, table: TruthTable, *, venue: str, wait: float | None
) -> Placement:
    """
    The placement of a refused or unproven answer, in our words.

    Args:
        wait: seconds that the venue asks us to stay away, None when the answer does not say.
    """
    outcome = classify(answer, table)
    if outcome is Outcome.ACCEPTED:
        outcome = Outcome.UNKNOWN
    return Placement(
        outcome=outcome,
        reason=message(f"answer-{outcome}", venue=venue, why=describe(answer, table)),
        retry_after_seconds=wait if outcome is Outcome.BACK_OFF else None,
        is_clean=is_clean_refusal(answer, table),
        has_stale_rules=find_code(answer, table) in table.filters,
    )


def describe(answer: RawAnswer, table: TruthTable) -> Message:
    """The answer in our words: never the venue's text; a code only in the usual form of codes."""
    if answer.status is None:
        return message("answer-none")
    code, status = find_code(answer, table), str(answer.status)
    if answer.is_country_block:
        return message("answer-country", status=status)
    if code is not None and code in table.words:
        return message("answer-coded", why=table.words[code], code=code)
    if code and _looks_like_code(code):
        return message("answer-code", status=status, code=code)
    return message("answer-status", status=status)


def _looks_like_code(code: str) -> bool:
    return len(code) <= 8 and code.lstrip("-").isdigit()
