"""Lists of a venue, parsed row by row: an unreadable row is a note, never a failure.

answer's list -> parse(row) -> values, oddities ("positions ETHUSDT" -> a message)
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from blocks.venues.base.subjects import tell_subject
from trading.domain.errors import BadInput, TransientError
from trading.domain.messages import Message, message

MALFORMED = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, BadInput)
"""Errors of reading an answer that differs from the venue's document."""

UNKNOWN = "unknown"

logger = logging.getLogger(__name__)


@contextmanager
def refuse_malformed(venue: str, *, about: str) -> Iterator[None]:
    """Raise a TransientError for an answer of `venue` that differs from the venue's document."""
    try:
        yield
    except MALFORMED:
        raise TransientError(
            message("venue-answer-unknown", venue=venue, about=tell_subject(about))
        ) from None


def is_row_of(row: Any, **wanted: str) -> bool:
    """Whether a row is an object with the wanted fields."""
    return isinstance(row, dict) and all(row.get(key) == value for key, value in wanted.items())


def find_row(rows: Any, **wanted: str) -> dict[str, Any]:
    """
    The first row with the wanted fields.

    Raises:
        LookupError: without such a row; a bare `next` would end the coroutine with a RuntimeError.
        TypeError: when the answer is no list.
    """
    if not isinstance(rows, list):
        raise TypeError("no list")
    for row in rows:
        if is_row_of(row, **wanted):
            return dict(row)
    raise LookupError("no such row")


def read_symbol(row: Any) -> str:
    """
    The symbol of a row.

    Raises:
        ValueError: without one, so that the row is noted: it may be of any pair.
    """
    symbol = row["symbol"]
    if not isinstance(symbol, str) or not symbol:
        raise ValueError("no symbol")
    return symbol


class RowReader:
    """
    Parses the lists of one account.

    Attributes:
        oddities: rows of the newest answers that could not be read, a message by subject and
            symbol; `UNKNOWN` stands for a symbol that could not be read.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.oddities: dict[str, Message] = {}

    def parse[Value](
        self, rows: Any, parse: Callable[[Any], Value | None], *, about: str
    ) -> list[Value]:
        """
        The values of a list.

        Args:
            parse: one row's value; None leaves out a row that is not wanted.
            about: the subject of the list ("positions"); its older notes are dropped.

        Raises:
            TypeError: when the answer is no list.
        """
        if not isinstance(rows, list):
            raise TypeError(f"no list of {about}")
        self.oddities = {k: v for k, v in self.oddities.items() if not k.startswith(about)}
        found = []
        for row in rows:
            try:
                value = parse(row)
            except MALFORMED:
                self._note_row(about, row)
                continue
            if value is not None:
                found.append(value)
        return found

    def note(self, subject: str, told: Message) -> None:
        """Keep a message about the account, and log a warning the first time."""
        if self.oddities.get(subject) != told:
            logger.warning("%s", told)
        self.oddities[subject] = told

    def _note_row(self, about: str, row: object) -> None:
        symbol = row.get("symbol") if isinstance(row, Mapping) else None
        is_name = isinstance(symbol, str) and symbol.isascii() and symbol.isalnum()
        name = str(symbol)[:30] if is_name else UNKNOWN
        self.note(
            f"{about} {name}",
            message("venue-row-unreadable", venue=self._name, about=tell_subject(about), row=name),
        )
