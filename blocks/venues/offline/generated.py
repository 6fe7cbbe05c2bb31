"""A made-up market: regimes, jumps and gaps from a seed, for machines that reach no venue.

(seed, pair, as_of) -> sample_path -> ticks -> Candle, Ticker, OrderBook, FundingRate

Clearly labelled: `source` is SAMPLE and no real money was ever traded. Whatever the order of
requests, the same seed, pair and instant give the same answer on every machine. The market
imitates Binance USD-M. Candles may be left out on purpose (`outage_every_days`), to see the effect
of a broken feed; by default no candle is left out, because a missing 5m candle holds a pair for
25 h, until the gap is out of view.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from blocks.venues.offline.instruments import Rules, build_imitated_instrument, find_rules
from blocks.venues.offline.price_path import (
    CANDLES_PER_DAY,
    POINTS_PER_CANDLE,
    STEPS_PER_CANDLE,
    SampleDay,
    build_sample_day,
    draw_score,
)
from trading.domain.instruments import FUNDING_INTERVAL, Instrument
from trading.domain.units import Pair, VenueName, floor_time
from trading.market.candles import Candle, CandleSeries, Interval
from trading.market.snapshot import (
    FundingRate,
    MarketSource,
    OpenInterest,
    OrderBook,
    Ticker,
    synthesize_book,
)

DEFAULT_SEED = 7

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_STEP = Interval.M5.duration / STEPS_PER_CANDLE
_FUNDING_STEP = Decimal("0.00000001")
_USUAL_NOTIONAL = Decimal(20_000_000)  # quote units in 5 minutes, a large perpetual's


class SampleMarket:
    """
    `MarketData` of a generator.

    Args:
        seed: another seed is another history of every pair.
        outage_every_days: 0 for a feed without holes, else one 5m candle is missing about every
            so many days.
    """

    venue = VenueName.BINANCE
    source = MarketSource.SAMPLE

    def __init__(self, seed: int = DEFAULT_SEED, *, outage_every_days: int = 0) -> None:
        self._seed = seed
        self._outage_every_days = outage_every_days

    async def fetch_ticker(self, pair: Pair, *, as_of: datetime) -> Ticker:
        """The made-up price at `as_of` (moves every 75 s) inside the book's spread."""
        rules = find_rules(pair)
        price = self._price(pair, rules, as_of)
        book = self._book(pair, rules, as_of)
        return Ticker(
            last_price=price,
            mark_price=price,
            best_bid=book.bids[0].price,
            best_ask=book.asks[0].price,
            as_of=as_of,
        )

    async def fetch_candles(
        self, pair: Pair, interval: Interval, *, limit: int, as_of: datetime
    ) -> CandleSeries:
        """Generated for as far back as asked: there is no first candle."""
        rules = find_rules(pair)
        end = floor_time(as_of, interval.duration)
        start = end - limit * interval.duration
        days = range((start - _EPOCH) // _DAY, (end - interval.duration - _EPOCH) // _DAY + 1)
        candles = tuple(
            candle
            for day in days
            for candle in _build_candles(self._seed, pair, day=day, rules=rules, interval=interval)
            if start <= candle.open_time < end and not self._is_missing(pair, interval, candle)
        )
        return CandleSeries(pair=pair, interval=interval, candles=candles)

    async def fetch_order_book(self, pair: Pair, *, as_of: datetime) -> OrderBook | None:
        """Synthesized around the price, with the depth of an ordinary 5 minutes."""
        rules = find_rules(pair)
        return self._book(pair, rules, as_of)

    async def fetch_funding_rate(self, pair: Pair, *, as_of: datetime) -> FundingRate | None:
        """A rate for each 8 h, known at the start: 0.5 bp on average, mostly within 2 bp."""
        find_rules(pair)
        settled_at = floor_time(as_of, FUNDING_INTERVAL)
        score = draw_score(self._seed, pair.slug, "funding", int(settled_at.timestamp()))
        return FundingRate(
            rate=_FUNDING_STEP * (5_000 + score // 5),
            next_at=settled_at + FUNDING_INTERVAL,
            as_of=as_of,
        )

    async def fetch_open_interest(self, pair: Pair, *, as_of: datetime) -> OpenInterest | None:  # noqa: ARG002
        """Nothing is made up about other people's positions."""
        return None

    async def fetch_instrument(self, pair: Pair, *, as_of: datetime) -> Instrument:
        """Binance's rules for the pair."""
        return build_imitated_instrument(pair, rules=find_rules(pair), as_of=as_of)

    async def close(self) -> None:
        """Nothing is open."""

    def _price(self, pair: Pair, rules: Rules, as_of: datetime) -> Decimal:
        since_epoch = as_of - _EPOCH
        day, into_day = since_epoch // _DAY, since_epoch % _DAY
        candle, into_candle = into_day // Interval.M5.duration, into_day % Interval.M5.duration
        points = _build_day(self._seed, pair, day=day, rules=rules).points
        return int(points[candle, into_candle // _STEP]) * rules.tick

    def _book(self, pair: Pair, rules: Rules, as_of: datetime) -> OrderBook:
        return synthesize_book(
            self._price(pair, rules, as_of),
            volume=_USUAL_NOTIONAL / rules.price,
            instrument=build_imitated_instrument(pair, rules=rules, as_of=as_of),
            as_of=as_of,
        )

    def _is_missing(self, pair: Pair, interval: Interval, candle: Candle) -> bool:
        if self._outage_every_days == 0 or interval is not Interval.M5:
            return False
        since_epoch = candle.open_time - _EPOCH
        spell, into_spell = divmod(since_epoch, self._outage_every_days * _DAY)
        score = draw_score(self._seed, pair.slug, "outage", spell)
        count = self._outage_every_days * CANDLES_PER_DAY
        return into_spell // interval.duration == score % count


def _build_day(seed: int, pair: Pair, *, day: int, rules: Rules) -> SampleDay:
    return build_sample_day(seed, pair.slug, day=day, scale=int(rules.price / rules.tick))


@lru_cache(maxsize=1024)
def _build_candles(
    seed: int, pair: Pair, *, day: int, rules: Rules, interval: Interval
) -> tuple[Candle, ...]:
    """Candles of a day and an interval: every interval divides the day."""
    sample = _build_day(seed, pair, day=day, rules=rules)
    merged = interval.duration // Interval.M5.duration
    count = CANDLES_PER_DAY // merged
    points = sample.points.reshape(count, merged * POINTS_PER_CANDLE)
    usual = _USUAL_NOTIONAL / rules.price / 1000 / rules.step
    volumes = sample.activity.reshape(count, merged).sum(axis=1) * max(int(usual), 1)
    midnight = _EPOCH + day * _DAY
    rows = zip(
        points[:, 0].tolist(),
        points.max(axis=1).tolist(),
        points.min(axis=1).tolist(),
        points[:, -1].tolist(),
        volumes.tolist(),
        strict=True,
    )
    return tuple(
        Candle(
            open_time=midnight + number * interval.duration,
            open=opened * rules.tick,
            high=high * rules.tick,
            low=low * rules.tick,
            close=close * rules.tick,
            volume=volume * rules.step,
        )
        for number, (opened, high, low, close, volume) in enumerate(rows)
    )
