"""The scorecard for people: each voice with votes, results and costs.

Scorecard -> render_scorecard_markdown (Prefect artifact) | render_scorecard_text (terminal)
"""

from decimal import Decimal

from reports.documents.receipt_layout import Section, Table, render_markdown, render_plain
from trading.council.scorecard import ModelScore, Scorecard
from trading.domain.units import HUNDRED
from trading.reporting.formatting import (
    UNKNOWN,
    quote_stranger,
    show_dollars,
    show_instant,
    show_percent,
)

_HEAD = (
    "voice", "asked", "silent", "made up", "late", "judged", "right", "entries", "Brier", "alone",
    "cost", "time",
)  # fmt: skip
_RIGHT = (
    "Right: the share of judged votes; an entry that earned after costs, a hold or a close that "
    "the next cycle proved right."
)
_BRIER = (
    "Brier: mean squared error of the stated win probability of entries, 0 is perfect and 0.25 is "
    "a coin; in brackets the number of entries. Made up: answers with a figure that no fact has."
)
_ALONE = (
    "Alone: what following this voice alone would have earned, one notional at a time, after "
    "costs, before any risk rule."
)


def render_scorecard_markdown(card: Scorecard, *, title: str) -> str:
    """The scorecard for a Prefect artifact."""
    return render_markdown(title, _build_sections(card))


def render_scorecard_text(card: Scorecard, *, title: str) -> str:
    """The scorecard for a terminal."""
    return render_plain(title, _build_sections(card))


def _build_sections(card: Scorecard) -> tuple[Section, ...]:
    since = f"Cycles since {show_instant(card.since)}."
    if not card.models:
        return (Section(title="Voices", lines=(since, "Nobody was asked yet.")),)
    voices = (*card.models, *(() if card.quorum is None else (card.quorum,)))
    return (
        Section(
            title="Voices",
            lines=(since, _describe_benchmarks(card)),
            table=Table(head=_HEAD, rows=tuple(map(_row, voices))),
            notes=(
                _RIGHT,
                _BRIER,
                _ALONE,
            ),
        ),
        Section(title="How sure, how right", notes=tuple(map(_describe_calibration, voices))),
    )


def _describe_benchmarks(card: Scorecard) -> str:
    quorum = None if card.quorum is None else card.quorum.net_return
    return (
        f"Quorum {show_percent(quorum)}, doing nothing {show_percent(Decimal(0))}, "
        f"buy and hold {show_percent(card.buy_and_hold_return)}."
    )


def _row(score: ModelScore) -> tuple[str, ...]:
    entries = sum(count for action, count in score.votes.items() if action.is_entry)
    right = sum(count for action, count in score.right.items() if action.is_entry)
    name = quote_stranger(score.model.name)
    if score.model.is_offline and "offline" not in name:
        name += " (offline rules)"
    return (
        name,
        str(score.asked),
        str(sum(score.abstentions.values())),
        show_percent(score.fabricated_share, decimals=0),
        str(score.late),
        str(sum(score.votes.values())),
        show_percent(score.accuracy, decimals=0),
        f"{right} of {entries}",
        UNKNOWN if score.brier is None else f"{score.brier:.3f} ({score.chances})",
        show_percent(score.net_return),
        show_dollars(score.cost_usd),
        UNKNOWN if score.latency_ms is None else f"{score.latency_ms} ms",
    )


def _describe_calibration(score: ModelScore) -> str:
    steps = ", ".join(
        f"{bucket.lower}-{min(bucket.lower + 10, int(HUNDRED))}: {bucket.right} of {bucket.votes}"
        for bucket in score.buckets
    )
    return f"{quote_stranger(score.model.name)}: {steps or 'nothing judged yet'}."
