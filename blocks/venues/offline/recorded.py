"""A recording as a market: answers as of an instant, and never with later data.

Recording -> candles of four intervals, each with the instant it became known -> bisect by as_of

Everything is built once; a snapshot is four slices of ready tuples, so a week of cycles costs
about as much as loading the file. The ticker is the close of the newest known 5m candle and
carries the candle's end as time: past the end of the file the ticker grows stale, and stale
prices are denied.
"""

from bisect import bisect_right
from datetime import datetime, timedelta
from pathlib import Path

from blocks.venues.offline.instruments import build_imitated_instrument
from blocks.venues.offline.recording import Recording, keep_whole, load_recording, render_length
from trading.domain.errors import BadInput, PermanentError
from trading.domain.instruments import FUNDING_INTERVAL, Instrument
from trading.domain.units import CYCLE_INTERVAL, Pair, VenueName, floor_time
from trading.market.candles import Candle, CandleSeries, Interval
from trading.market.snapshot import (
    FundingRate,
    MarketSource,
    OpenInterest,
    OrderBook,
    Ticker,
    synthesize_book,
)


class RecordedMarket:
    """`MarketData` of a file: a single pair, Binance USD-M's rules, synthesized books."""

    venue = VenueName.BINANCE
    source = MarketSource.RECORDED

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._candles: dict[Interval, tuple[Candle, ...]] = {}
        self._known_at: dict[Interval, list[datetime]] = {}
        for interval in Interval:
            candles = keep_whole(recording.candles, interval=interval, base=Interval.M5.duration)
            self._candles[interval] = candles
            self._known_at[interval] = [
                _ceil_time(candle.open_time + interval.duration, recording.base)
                for candle in candles
            ]
        self._settled_at = [at for at, _ in recording.funding]

    @classmethod
    def open(
        cls, path: Path, *, pair: Pair | None = None, now: datetime | None = None
    ) -> "RecordedMarket":
        """Load the file; arguments and errors as of `load_recording`."""
        return cls(load_recording(path, pair=pair, now=now))

    @property
    def pair(self) -> Pair:
        """The recorded pair."""
        return self._recording.pair

    @property
    def notice(self) -> str | None:
        """A notice for people about drawn candles, None for a recording without drawn candles."""
        if not self._recording.is_drawn:
            return None
        return (
            f"The recording holds candles of {render_length(self._recording.base)}: shorter ones "
            "are drawn from their open, high, low and close, and known only when those close."
        )

    def first_as_of(self, warmup: int) -> datetime:
        """
        The first cycle time with at least `warmup` (> 0) closed candles in every interval.

        Raises:
            BadInput: when the recording is too short for it.
        """
        for interval, known_at in self._known_at.items():
            if len(known_at) < warmup:
                raise BadInput(
                    f"The recording holds {len(known_at)} candles of {interval}: {warmup} are "
                    "needed before the first cycle."
                )
        ready = max(known_at[warmup - 1] for known_at in self._known_at.values())
        return _ceil_time(ready, CYCLE_INTERVAL)

    @property
    def last_as_of(self) -> datetime:
        """The last cycle time at which the newest candle is current."""
        return floor_time(self._known_at[Interval.M5][-1], CYCLE_INTERVAL)

    async def fetch_ticker(self, pair: Pair, *, as_of: datetime) -> Ticker:
        """
        The newest known close, inside the synthesized book's spread.

        Raises:
            PermanentError: before the recording begins.
        """
        book = self._build_book(pair, as_of)
        newest = self._newest(as_of)
        return Ticker(
            last_price=newest.close,
            mark_price=newest.close,
            best_bid=book.bids[0].price,
            best_ask=book.asks[0].price,
            as_of=book.as_of,
        )

    async def fetch_candles(
        self, pair: Pair, interval: Interval, *, limit: int, as_of: datetime
    ) -> CandleSeries:
        """Candles known at `as_of`; fewer than `limit` near the beginning."""
        self._check_pair(pair)
        known = bisect_right(self._known_at[interval], as_of)
        candles = self._candles[interval][max(known - limit, 0) : known]
        return CandleSeries(pair=pair, interval=interval, candles=candles)

    async def fetch_order_book(self, pair: Pair, *, as_of: datetime) -> OrderBook | None:
        """Synthesized around the newest known close, with depth from the same candle's volume."""
        return self._build_book(pair, as_of)

    async def fetch_funding_rate(self, pair: Pair, *, as_of: datetime) -> FundingRate | None:
        """The newest settled rate: the next rate is not in the past of `as_of`."""
        self._check_pair(pair)
        settled = bisect_right(self._settled_at, as_of)
        if settled == 0:
            return None
        return FundingRate(
            rate=self._recording.funding[settled - 1][1],
            next_at=floor_time(as_of, FUNDING_INTERVAL) + FUNDING_INTERVAL,
            as_of=as_of,
        )

    async def fetch_open_interest(self, pair: Pair, *, as_of: datetime) -> OpenInterest | None:  # noqa: ARG002
        """Candle files hold none."""
        return None

    async def fetch_instrument(self, pair: Pair, *, as_of: datetime) -> Instrument:
        """Binance's rules, or rules in proportion to the prices."""
        self._check_pair(pair)
        return build_imitated_instrument(pair, rules=self._recording.rules, as_of=as_of)

    async def close(self) -> None:
        """Nothing is open."""

    def _check_pair(self, pair: Pair) -> None:
        if pair != self.pair:
            raise PermanentError(f"{pair} is not in this recording, which holds {self.pair}.")

    def _newest(self, as_of: datetime) -> Candle:
        known_at = self._known_at[Interval.M5]
        known = bisect_right(known_at, as_of)
        if known == 0:
            raise PermanentError(f"The recording begins at {known_at[0]}, after {as_of}.")
        return self._candles[Interval.M5][known - 1]

    def _build_book(self, pair: Pair, as_of: datetime) -> OrderBook:
        self._check_pair(pair)
        newest = self._newest(as_of)
        return synthesize_book(
            newest.close,
            volume=newest.volume,
            instrument=build_imitated_instrument(pair, rules=self._recording.rules, as_of=as_of),
            as_of=newest.open_time + Interval.M5.duration,
        )


def _ceil_time(instant: datetime, interval: timedelta) -> datetime:
    floored = floor_time(instant, interval)
    return floored if floored == instant else floored + interval
