"""Receipts: each cycle explained to people, cycles without a trade too.

    CycleRecord -> sections -> render_receipt_markdown (Prefect artifact)
                            -> render_receipt_text (`quorum why`)
    CycleRecord, CycleRecord ... -> choose_telling -> the few worth reading

The first line gives the reason for the trade or for its absence. The next line names all that is
not real: sample or recorded markets, synthetic books, paper money, rules in the place of models.
No part is left out for being empty: a missing part is reported as missing. The parts about the
council are in `reports.documents.receipt_votes`, the parts about risk and money in
`reports.documents.receipt_books`.
"""

from collections.abc import Iterable

from reports.documents.receipt_books import (
    describe_orders,
    describe_portfolio,
    describe_position,
    describe_risk,
)
from reports.documents.receipt_layout import Section, Table, render_markdown, render_plain
from reports.documents.receipt_votes import describe_news, describe_news_check, describe_votes
from reports.texts.catalog import render
from trading.cycle import CycleOutcome, CycleRecord, MarketSummary
from trading.domain.units import Mode
from trading.indicators.values import Indicators
from trading.market.candles import Interval
from trading.market.snapshot import MarketSource
from trading.reporting.formatting import (
    UNKNOWN,
    quote_stranger,
    show_figure,
    show_instant,
    show_percent,
    show_price,
)

_OUTCOMES = {
    CycleOutcome.ENTERED: "Entered",
    CycleOutcome.EXITED: "Left",
    CycleOutcome.HELD: "Held",
    CycleOutcome.DENIED: "Denied an entry in",
    CycleOutcome.SKIPPED: "Skipped",
    CycleOutcome.FAILED: "Failed on",
    CycleOutcome.INTERRUPTED: "Was interrupted on",
}
_SOURCES = {
    MarketSource.LIVE: "Market data: live from the venue.",
    MarketSource.RECORDED: "Market data: RECORDED. These prices are from a file, not from now.",
    MarketSource.SAMPLE: "Market data: SAMPLE. A generator made these prices up; no real market.",
}
_MODES = {
    Mode.PAPER: "Money: PAPER. No order left this machine.",
    Mode.REPLAY: "Money: PAPER, in a replay. No order left this machine.",
    Mode.LIVE: "Money: live. Orders went to the venue.",
}
_TELLING = {
    CycleOutcome.ENTERED: 100,
    CycleOutcome.EXITED: 90,
    CycleOutcome.FAILED: 80,
    CycleOutcome.INTERRUPTED: 70,
    CycleOutcome.DENIED: 60,
    CycleOutcome.HELD: 20,
    CycleOutcome.SKIPPED: 0,
}


def render_receipt_markdown(record: CycleRecord) -> str:
    """The receipt for a Prefect artifact."""
    return render_markdown(_headline(record), _build_sections(record))


def render_receipt_text(record: CycleRecord) -> str:
    """The receipt for a terminal."""
    return render_plain(_headline(record), _build_sections(record))


def telling_score(record: CycleRecord) -> int:
    """How much a receipt has to tell: trades first, then denials, then holds with split votes."""
    entries = sum(d.proposal is not None and d.proposal.action.is_entry for d in record.decisions)
    denials = len(record.risk.denials) if record.risk else 0
    return (
        _TELLING[record.outcome]
        + 5 * min(entries, 3)
        + 2 * min(denials, 3)
        + min(len(record.orders), 3)
        + min(len(record.warnings), 2)
    )


def choose_telling(records: Iterable[CycleRecord], *, count: int = 3) -> tuple[CycleRecord, ...]:
    """
    The `count` most telling receipts in the order of time, as many outcomes as there are.

    Three entries tell less than an entry, an exit and a denial: within an outcome only the best
    stands in the first row, the others follow when there is room.
    """
    ranked = sorted(records, key=lambda r: (-telling_score(r), r.key.cycle_time))
    first: dict[CycleOutcome, CycleRecord] = {}
    for record in ranked:
        first.setdefault(record.outcome, record)
    others = [record for record in ranked if first[record.outcome] is not record]
    chosen = (*first.values(), *others)[:count]
    return tuple(sorted(chosen, key=lambda r: r.key.cycle_time))


def _headline(record: CycleRecord) -> str:
    return (
        f"{_OUTCOMES[record.outcome]} {record.key.pair}: {quote_stranger(render(record.reason))}"
    )


def _build_sections(record: CycleRecord) -> tuple[Section, ...]:
    return (
        _describe_cycle(record),
        _describe_market(record.market),
        _describe_indicators(record),
        describe_votes(record.decisions, consensus=record.consensus),
        describe_news(record.news, as_of=record.as_of),
        describe_news_check(record.news_check),
        describe_risk(record.risk),
        describe_orders(record.orders, fees=record.fees),
        describe_position(record.position, market=record.market, as_of=record.as_of),
        describe_portfolio(record.portfolio),
        _describe_warnings(record),
    )


def _describe_cycle(record: CycleRecord) -> Section:
    closed_at = record.closed_at
    closed = "still open" if closed_at is None else f"closed {show_instant(closed_at)}"
    return Section(
        title="Cycle",
        lines=(
            (
                f"{show_instant(record.key.cycle_time)}, {record.mode} mode, "
                f"venue {record.venue}. "
                f"Decided on what was known at {show_instant(record.as_of)}; {closed}."
            ),
            _MODES[record.mode],
        ),
    )


def _describe_market(market: MarketSummary | None) -> Section:
    if market is None:
        return Section(title="Market", lines=("No market data reached this cycle.",))
    ages = ", ".join(f"{name} {round(age)} s" for name, age in market.ages_seconds.items())
    funding = show_percent(market.funding_rate, decimals=4)
    return Section(
        title="Market",
        lines=(
            _SOURCES[market.source],
            (
                f"Last {show_price(market.last_price)}, mark {show_price(market.mark_price)}, "
                f"spread {show_percent(market.spread_ratio, decimals=4)}, funding {funding}."
            ),
            _describe_book(market.book_is_synthetic),
            f"Ages: {ages or 'not measured'}.",
            "Quality: good." if not market.findings else "Quality: the check objected.",
        ),
        notes=tuple(quote_stranger(finding) for finding in market.findings),
    )


def _describe_book(book_is_synthetic: bool | None) -> str:
    if book_is_synthetic is None:
        return "Order book: none."
    if book_is_synthetic:
        return "Order book: SYNTHETIC, made from the newest candle."
    return "Order book: the venue's."


def _describe_indicators(record: CycleRecord) -> Section:
    rows = tuple(
        _indicator_row(interval, record.indicators[interval])
        for interval in Interval
        if interval in record.indicators
    )
    if not rows:
        return Section(title="Indicators", lines=("None were computed.",))
    head = ("interval", "close", "trend", "RSI", "MACD hist", "band", "width", "ATR", "ADX", "vol")
    return Section(title="Indicators", table=Table(head=head, rows=rows))


def _indicator_row(interval: Interval, values: Indicators) -> tuple[str, ...]:
    trend = UNKNOWN if values.trend is None else {1: "up", 0: "none", -1: "down"}[values.trend]
    return (
        str(interval),
        show_price(values.close),
        trend,
        show_figure(values.rsi, decimals=1),
        show_figure(values.macd_histogram),
        show_figure(values.bollinger_position_ratio),
        show_percent(values.bollinger_width_ratio),
        show_percent(values.atr_ratio),
        show_figure(values.adx, decimals=1),
        show_figure(values.volume_ratio),
    )


def _describe_warnings(record: CycleRecord) -> Section:
    if not record.warnings:
        return Section(title="Warnings", lines=("None.",))
    return Section(title="Warnings", notes=tuple(map(quote_stranger, record.warnings)))
