"""The truth table: what a venue's answer to a write proves.

RawAnswer (status, headers, text as it came) -> classify -> Outcome

The table reads the answer itself and never ccxt's exception class: ccxt raises `ExchangeError`
for timeouts, and returns orders without an id for empty answers (VENUES.md, findings 2 and 3).
Only a code that stands here as REJECTED proves that there is no order; whatever is not listed, is
cut, comes with a 5xx or never came is UNKNOWN. Entries that say UNKNOWN are written down because
somebody classed them otherwise before.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

from trading.domain.orders import Outcome, Placement

FIRST_SERVER_ERROR = 500

_parse = partial(json.loads, parse_float=Decimal)


@dataclass(frozen=True, kw_only=True)
class RawAnswer:
    """
    One HTTP answer, or none.

    Attributes:
        status: None when no whole answer came: refused, reset, timed out or cut.
        headers: names in lower case.
        text: the body as it came; it never leaves the adapter.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = field(default="", repr=False)

    @cached_property
    def json(self) -> Any:
        """The body with numbers kept as they are written; None when it is no JSON."""
        try:
            return _parse(self.text)
        except (ValueError, RecursionError):
            return None

    @property
    def is_ok(self) -> bool:
        """Whether the status is 2xx."""
        return self.status is not None and 200 <= self.status < 300


NO_ANSWER = RawAnswer()


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthTable:
    """
    One venue's signals.

    Attributes:
        code_field: where the body carries its code.
        success: codes of an answer that did what was asked; "" is a body without a code.
        statuses: HTTP statuses that mean something by themselves.
        codes: by code; whatever is missing is UNKNOWN.
        words: what we say of a code to people.
    """

    code_field: str
    success: frozenset[str]
    statuses: Mapping[int, Outcome]
    codes: Mapping[str, Outcome]
    words: Mapping[str, str]


_R, _U, _D, _B = Outcome.REJECTED, Outcome.UNKNOWN, Outcome.DUPLICATE, Outcome.BACK_OFF

BINANCE_TABLE = TruthTable(
    code_field="code",
    success=frozenset({"", "0", "200"}),
    # 403 (firewall), 451 and pages are probably no order; looked up all the same.
    statuses={418: _B, 429: _B, 403: _U, 451: _U},
    codes={
        "-1000": _U,
        "-1001": _U,
        "-1006": _U,
        "-1007": _U,
        "-1008": _U,  # documented as a sure failure; looked up all the same
        "-1003": _B,
        "-1015": _B,
        "-1021": _R,
        "-1111": _R,
        "-2015": _R,
        "-2019": _R,
        "-2021": _R,
        "-2022": _R,
        "-4061": _R,
        "-4120": _R,
        "-4164": _R,
        "-2010": _D,  # spot: "Duplicate order sent."
        "-4116": _D,
        "-20132": _D,
    },
    words={
        "-1003": "too many requests",
        "-1015": "too many orders",
        "-1021": "our clock differs from the venue's",
        "-1111": "more decimals than the pair allows",
        "-2015": "the key, its address list or its rights do not allow it",
        "-2019": "the margin is insufficient",
        "-2021": "it would trigger at once",
        "-2022": "there is nothing to reduce",
        "-4061": "the account is in hedge mode",
        "-4120": "stops belong to the algo-order service",
        "-4164": "it is below the smallest notional",
    },
)

BYBIT_TABLE = TruthTable(
    code_field="retCode",
    success=frozenset({"0"}),
    statuses={403: _B},
    codes={
        "10000": _U,
        "10014": _U,  # "duplicate request": of what, it does not say
        "10016": _U,
        "10019": _U,
        "10403": _U,
        "10429": _U,
        "429": _U,
        "5004": _U,
        "170001": _U,
        "170007": _U,
        "170032": _U,
        "170146": _U,
        "20003": _U,
        "20006": _U,
        "500000": _U,
        "3400214": _U,
        "10006": _B,
        "10018": _B,
        "170005": _B,
        "10002": _R,
        "10003": _R,
        "10004": _R,
        "10005": _R,
        "10010": _R,
        "33004": _R,
        # Beyond VENUES.md: checks that Bybit documents as coming before an order exists.
        "110007": _R,
        "110012": _R,
        "110017": _R,
        "110092": _R,
        "110093": _R,
        "110094": _R,
        "110072": _D,
        "170141": _D,
    },
    words={
        "10002": "our clock differs from the venue's",
        "10003": "the key is not known",
        "10004": "the signature is wrong",
        "10005": "the key's rights do not allow it",
        "10006": "too many requests",
        "10010": "the key does not allow this address",
        "10018": "too many requests from this address",
        "33004": "the key has expired",
        "110007": "the balance is insufficient",
        "110012": "the balance is insufficient",
        "110017": "there is nothing to reduce",
        "110092": "it would trigger at once",
        "110093": "it would trigger at once",
        "110094": "it is below the smallest notional",
        "170005": "too many orders",
    },
)

_DUPLICATE_TEXT = {"-2010": "Duplicate order sent."}
"""-2010 is any refusal of a new spot order; only with this text does it speak of a duplicate."""


def find_code(answer: RawAnswer, table: TruthTable) -> str | None:
    """The body's code as text, "" for a body without one, None when there is no JSON object."""
    if isinstance(answer.json, list):
        return ""
    if not isinstance(answer.json, dict):
        return None
    return str(answer.json.get(table.code_field, ""))


def classify(answer: RawAnswer, table: TruthTable) -> Outcome:
    """
    What the answer proves; ACCEPTED only says that the venue calls it a success.

    The caller still has to find an id and our own client order id in it, else it is UNKNOWN.
    """
    if answer.status is None or answer.status >= FIRST_SERVER_ERROR:
        return Outcome.UNKNOWN
    if answer.status in table.statuses:
        return table.statuses[answer.status]
    code = find_code(answer, table)
    if code is None:
        return Outcome.UNKNOWN
    if code in table.success:
        return Outcome.ACCEPTED if answer.is_ok else Outcome.UNKNOWN
    wanted = _DUPLICATE_TEXT.get(code)
    if wanted is not None and answer.json.get("msg") != wanted:
        return Outcome.UNKNOWN
    return table.codes.get(code, Outcome.UNKNOWN)


def build_refusal(
    answer: RawAnswer, table: TruthTable, *, venue: str, wait: float | None
) -> Placement:
    """
    The placement of an answer that is not accepted, in our words.

    Args:
        wait: seconds that the venue asks us to stay away, None when it does not say.
    """
    outcome = classify(answer, table)
    if outcome is Outcome.ACCEPTED:
        outcome = Outcome.UNKNOWN
    return Placement(
        outcome=outcome,
        reason=f"{venue} {_VERBS[outcome]} ({_describe(answer, table)}).",
        retry_after_seconds=wait if outcome is Outcome.BACK_OFF else None,
    )


_VERBS = {
    Outcome.REJECTED: "refused it",
    Outcome.DUPLICATE: "has an order of that name already",
    Outcome.BACK_OFF: "asks us to stay away",
    Outcome.UNKNOWN: "did not say what became of it",
}


def _describe(answer: RawAnswer, table: TruthTable) -> str:
    if answer.status is None:
        return "no answer"
    code = find_code(answer, table)
    if code is not None and code in table.words:
        return f"{table.words[code]}, code {code}"
    # A code is the venue's text: only what looks like one is shown.
    if code and len(code) <= 8 and code.lstrip("-").isdigit():
        return f"status {answer.status}, code {code}"
    return f"status {answer.status}"
