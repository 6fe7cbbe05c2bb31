"""Compares the figures quoted in reasons with the facts of the question.

reasons, facts, the vote's own numbers -> find_fabrication -> the first made-up figure or ""

A figure is true when a cited fact shows the same number at the quoted precision: "61" quotes 61.3,
"64k" quotes 63,900, "-0.8 %" quotes -0.84. A reason without a cited fact is compared with all
facts. A figure beside the name of an indicator has to be this indicator's. The sign counts; a word
such as "below" or "fell" stands for a minus. Dates, intervals, periods ("RSI 14"), counts of
candles and ratios ("2:1") are not figures. The difference of two quoted figures, and the
percentage between two quoted figures, are allowed.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import permutations

from trading.council.decisions import Proposal
from trading.council.question.fact_sheet import Fact
from trading.domain.units import HUNDRED, ZERO

_CITED = re.compile(r"\bF(\d{1,3})\b")
_NO_FIGURES = re.compile(
    r"\bF\d{1,3}\b|\b\d{4}-\d\d-\d\d\b|\b\d{1,2}:\d{1,2}\b|\b\d+(?:\.\d+)?\s*(?:to|/)\s*1\b"
    r"|\b\d+[- ]?(?:m|min|minutes?|h|hours?|d|days?|hourly|weeks?)\b"
    r"|\b\d+[- ](?:candles?|closes?|periods?|bars?|times in a row|of the last|stories|sources)\b"
    r"|\blast \d+\b|\b(?:rsi|adx|atr)\s?\(?14\)?(?!\.\d)(?=[\s,:=)]+(?:\w+\s+){0,2}[-+$]?\d)"
    r"|\b(?:ema|high|low)[ -]?(?:20|50)\b|\(\d+(?:,\s?\d+)*\)|\b12/26/9\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?<![\w.])([-+\u2212]?)\$?(\d[\d,]*(?:\.\d+)?)\s?(k\b|m\b|bps?\b|%|x\b)?", re.I
)
_OWN = re.compile(
    r"\b(?:stop|target|risk|reward|confidence|probability|break-?even|win)\b[^.;]{0,20}$", re.I
)
_MINUS = re.compile(
    r"\b(?:down|fell|falls?|falling|dropp?(?:ed|s)?|lost|loses?|below|under|minus|negative)\b"
    r"[^.;,]{0,12}$",
    re.I,
)
_MINUS_BEHIND = re.compile(r"^\s*(?:below|under|lower|down)\b", re.I)
_THRESHOLD = re.compile(r"(above|over|below|under|>|<)\s*(?:the\s)?$", re.I)
_ROUND = frozenset(map(Decimal, (20, 25, 30, 40, 50, 60, 70, 75, 80)))
_NAMES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("rsi", ("rsi",)),
    ("adx", ("adx",)),
    ("macd", ("macd_atr",)),
    ("atr", ("atr_pct",)),
    ("funding", ("rate_pct",)),
    ("spread", ("spread_pct",)),
    ("imbalance", ("imbalance",)),
    ("percentile", ("percentile",)),
    ("mood", ("score",)),
    ("ema20", ("ema20",)),
    ("ema50", ("ema50",)),
)
_NAMED = re.compile(
    rf"\b({'|'.join(word for word, _ in _NAMES)})\b[^\d.;]{{0,25}}$", re.IGNORECASE
)
_UNITS = {"k": Decimal(1_000), "m": Decimal(1_000_000)}


@dataclass(frozen=True, slots=True)
class _Quote:
    """A quoted figure: signed value, half a unit of its last digit, and the name before it."""

    text: str
    value: Decimal
    tolerance: Decimal
    name: str
    is_threshold: str = ""


def find_fabrication(proposal: Proposal, sheet: Sequence[Fact]) -> str:
    """The first figure that no fact shows, with the number of its reason; "" for none."""
    if not sheet:  # the first edition numbers no facts
        return ""
    facts = {fact.number: fact for fact in sheet}
    for number, reason in enumerate(proposal.reasons, start=1):
        cited = [int(found) for found in _CITED.findall(reason)]
        if unknown := [one for one in cited if one not in facts]:
            return f"reason {number}: there is no fact F{unknown[0]}"
        chosen = [facts[one] for one in cited] or list(sheet)
        if wrong := _find_wrong(reason, chosen, own=_list_own(proposal)):
            return f"reason {number}: {wrong} is in none of the facts"
    return ""


def _find_wrong(reason: str, facts: Iterable[Fact], *, own: frozenset[Decimal]) -> str:
    figures = [(name, value) for fact in facts for name, value in _list_figures(fact)]
    true: list[_Quote] = []
    doubtful: list[_Quote] = []
    for quote in _find_quotes(reason, own=own):
        (true if _is_shown(quote, figures) else doubtful).append(quote)
    derived = _derive(true)
    return next(
        (one.text for one in doubtful if not any(_is_near(one, value) for value in derived)), ""
    )


def _list_figures(fact: Fact) -> Iterable[tuple[str, Decimal]]:
    for name, text in fact.figures:
        for part in text.split():
            if re.fullmatch(r"[-+]?\d+(\.\d+)?", part):
                yield name, Decimal(part)


def _list_own(proposal: Proposal) -> frozenset[Decimal]:
    """The vote's own numbers, which a reason may repeat."""
    own = (
        proposal.confidence,
        proposal.win_probability,
        proposal.stop_pct,
        proposal.target_pct,
        proposal.target_pct / proposal.stop_pct
        if proposal.stop_pct and proposal.target_pct
        else None,
    )
    return frozenset(value for value in own if value is not None)


def _find_quotes(reason: str, *, own: frozenset[Decimal]) -> Iterable[_Quote]:
    text = _NO_FIGURES.sub(lambda found: "_" * len(found.group()), reason)
    for found in _NUMBER.finditer(text):
        sign, digits, unit = found.group(1), found.group(2).rstrip(","), found.group(3) or ""
        before, behind = reason[: found.start()], reason[found.end() :]
        value = Decimal(digits.replace(",", ""))
        scale = _UNITS.get(unit.lower(), Decimal(1))
        scale = Decimal("0.01") if unit.lower().startswith("bp") else scale
        exponent = int(value.as_tuple().exponent)
        quote = _Quote(
            text=found.group().strip(),
            value=value * scale,
            tolerance=Decimal(1).scaleb(exponent) / 2 * scale,
            name=_find_name(before),
            is_threshold=_find_threshold(before, value),
        )
        if _OWN.search(before) and any(_is_near(quote, one) for one in own):
            continue
        is_minus = sign in {"-", "\u2212"} or (
            not sign and bool(_MINUS.search(before) or _MINUS_BEHIND.match(behind))
        )
        yield quote if not is_minus or quote.is_threshold else _negate(quote)


def _negate(quote: _Quote) -> _Quote:
    return _Quote(quote.text, -quote.value, quote.tolerance, quote.name)


def _find_name(before: str) -> str:
    found = _NAMED.search(before)
    return found.group(1).lower() if found else ""


def _find_threshold(before: str, value: Decimal) -> str:
    found = _THRESHOLD.search(before)
    return found.group(1).lower() if found and value in _ROUND else ""


def _is_shown(quote: _Quote, figures: Sequence[tuple[str, Decimal]]) -> bool:
    names = dict(_NAMES).get(quote.name)
    values = [value for name, value in figures if names is None or name in names]
    if quote.is_threshold and any(_is_beyond(quote, value) for value in values):
        return True
    return any(_is_near(quote, value) for value in values)


def _is_beyond(quote: _Quote, value: Decimal) -> bool:
    """Whether the value lies on the side of a round threshold that the reason says."""
    is_above = quote.is_threshold in {"above", "over", ">"}
    return value > quote.value if is_above else ZERO <= value < quote.value


def _is_near(quote: _Quote, value: Decimal) -> bool:
    return abs(quote.value - value) <= quote.tolerance


def _derive(true: Sequence[_Quote]) -> list[Decimal]:
    """Differences of the true figures, and percentages between them, in both signs."""
    found: list[Decimal] = []
    for one, other in permutations(true, 2):
        found.append(one.value - other.value)
        if other.value:
            found.append((one.value / other.value - 1) * HUNDRED)
    return found
