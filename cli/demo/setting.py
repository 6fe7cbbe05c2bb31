"""Where and when a demo plays: the market and the cycle times, fixed before anything starts.

file or seed, number of cycles -> Setting
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli.base.clock import now_utc
from trading.domain.errors import BadInput
from trading.domain.units import CYCLE_INTERVAL, Pair

if TYPE_CHECKING:
    from blocks.venues.offline.recorded import RecordedMarket
    from trading.ports import MarketData

SAMPLE_PAIR = Pair("BTC", "USDT")
SAMPLE_END = datetime(2025, 5, 24, tzinfo=UTC)
"""The made-up days are always the same ones; with the default seed the last one has trades."""
WARM_UP_CANDLES = 54
"""Closed candles of 4 h before the first cycle: 9 days; the rules' slowest figure needs 50."""
CYCLES_PER_DAY = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """Options of the command; `pair` "" means the file's pair, or BTC/USDT without a file."""

    candles: Path | None
    pair: str
    seed: int
    cycles: int
    out: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Market and period of a demo; `notice` explains the prices to the user."""

    market: "MarketData"
    pair: Pair
    times: tuple[datetime, ...]
    notice: str | None


def open_setting(options: DemoOptions) -> Setting:
    """
    Choose the market and the cycle times.

    Raises:
        BadInput: as `run_demo`.
    """
    from blocks.venues.offline.generated import SampleMarket
    from blocks.venues.offline.recorded import RecordedMarket

    pair = Pair.parse(options.pair) if options.pair else None
    if options.candles is None:
        return Setting(
            market=SampleMarket(options.seed),
            pair=pair or SAMPLE_PAIR,
            times=list_times(SAMPLE_END, count=options.cycles),
            notice="The prices are MADE UP by a seeded generator (sample market).",
        )
    market = RecordedMarket.open(options.candles.expanduser(), pair=pair, now=now_utc())
    return Setting(
        market=market,
        pair=market.pair,
        times=list_recorded_times(market, count=options.cycles),
        notice=market.notice,
    )


def list_recorded_times(market: "RecordedMarket", *, count: int) -> tuple[datetime, ...]:
    """
    The last `count` cycle times of a recording, with enough candles before for the warm-up.

    Raises:
        BadInput: for a recording too short.
    """
    first, last = market.first_as_of(WARM_UP_CANDLES), market.last_as_of
    fits = (last - first) // CYCLE_INTERVAL + 1
    if count > fits:
        days = max(0, fits // CYCLES_PER_DAY)
        raise BadInput(
            f"The recording has room for {days} days ({max(0, fits)} cycles) after the 9 that "
            f"warm the indicators up; {count} cycles were asked for."
        )
    return list_times(last, count=count)


def list_times(last: datetime, *, count: int) -> tuple[datetime, ...]:
    """`count` cycle times, ending with the given instant."""
    return tuple(last - CYCLE_INTERVAL * back for back in reversed(range(count)))
