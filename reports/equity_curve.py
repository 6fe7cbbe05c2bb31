"""Drawing of a pair's report: the equity curve, entries and exits, the source of the prices.

PairReport -> CurvePoint ..., Marker ..., Caption -> reports.charts -> PNG
"""

from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path

from reports.charts import Caption, CurvePoint, Marker, draw_equity
from trading.cycle import CycleRecord
from trading.domain.orders import Fill
from trading.domain.units import ZERO, Mode, Side
from trading.market.snapshot import MarketSource
from trading.reporting.pair_report import PairReport

SOURCES = {
    MarketSource.LIVE: "live prices",
    MarketSource.RECORDED: "RECORDED prices",
    MarketSource.SAMPLE: "SAMPLE prices (made up)",
}


def draw_report(report: PairReport, target: Path | BytesIO) -> None:
    """
    Write the equity curve of a pair.

    Raises:
        ValueError: for a report without a finished cycle.
    """
    points = [
        CurvePoint(
            at=one.as_of,
            equity=one.worth,
            hold=one.capital,
            buy_and_hold=one.capital + one.buy_and_hold_pnl,
            drawdown=one.drawdown,
        )
        for one in report.portfolios
    ]
    pair = report.config.pair
    caption = Caption(
        title=f"{pair}, {points[0].at:%d %b} to {points[-1].at:%d %b %Y}",
        source=_describe_source(report.latest_record, mode=report.config.mode),
        voters=", ".join(list_voters(report.latest_record)) or "none yet",
        quote=pair.quote,
    )
    draw_equity(target, points, markers=list(find_markers(report.fills)), caption=caption)


def list_voters(record: CycleRecord | None) -> tuple[str, ...]:
    """Names of the voters of a cycle, in the order of the council."""
    return tuple(one.model.name for one in record.decisions) if record else ()


def find_markers(fills: Iterable[Fill]) -> Iterator[Marker]:
    """Where positions began and ended, from executions oldest first."""
    held = ZERO
    for fill in fills:
        was_flat = held == 0
        held += fill.quantity * fill.side.sign
        if was_flat:
            yield Marker(at=fill.filled_at, kind="long" if fill.side is Side.BUY else "short")
        elif held == 0:
            yield Marker(at=fill.filled_at, kind="exit")


def _describe_source(record: CycleRecord | None, *, mode: Mode) -> str:
    money = "REAL money" if mode is Mode.LIVE else "PAPER money"
    if record is None or record.market is None:
        return money
    return f"{SOURCES[record.market.source]}, {money}"
