"""Seats of the council for people: the vendor's catalog, the price, and warnings about voices.

identities of the seated models -> explain_voices -> a warning, or NO_MESSAGE
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from trading.council.consensus import QUORUM
from trading.council.decisions import ModelIdentity
from trading.domain.messages import NO_MESSAGE, Message, message

SHUTDOWN_NOTICE = timedelta(days=30)
"""A model with a shutdown date within this time is reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """
    A model in the vendor's catalog.

    Attributes:
        exists: None when the catalog can't be read.
        shutdown_on: None when the vendor names no date.
        note: reason for an unreadable catalog.
    """

    exists: bool | None
    shutdown_on: date | None = None
    note: str = ""

    def is_closing(self, today: date) -> bool:
        """Whether the model is shut down within `SHUTDOWN_NOTICE`, or was shut down."""
        return self.shutdown_on is not None and self.shutdown_on <= today + SHUTDOWN_NOTICE


class Catalog(Protocol):
    """A vendor's entry about one model."""

    async def look_up(self) -> Listing:
        """The model's entry; never raises."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatView:
    """
    A configured seat.

    Attributes:
        price: text for people: dollars per million tokens of input and output.
        catalog: None for a rule.
    """

    identity: ModelIdentity
    price: str
    catalog: Catalog | None


def explain_voices(identities: Iterable[ModelIdentity]) -> Message:
    """A warning about a council with too few voices of models; else `NO_MESSAGE`."""
    seated = tuple(identities)
    models = [one for one in seated if not one.is_offline]
    voices = {one.vendor for one in seated}
    if seated and len(voices) < QUORUM:
        return message("council-one-voice", maker=seated[0].vendor, quorum=QUORUM)
    if len(models) == 1:
        rules = len(seated) - 1
        return message("council-one-model", model=models[0].name, rules=rules)
    if models and len({one.vendor for one in models}) == 1:
        return message("council-one-maker", maker=models[0].vendor)
    return NO_MESSAGE
