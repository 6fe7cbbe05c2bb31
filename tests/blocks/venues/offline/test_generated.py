"""The made-up market: labelled, repeatable, lively, and never ahead of its time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from blocks.venues.offline import generated as sample
from blocks.venues.offline.generated import SampleMarket
from blocks.venues.offline.price_path import Regime, build_sample_day
from tests.trading.builders import find_gaps
from trading.domain.errors import PermanentError
from trading.domain.units import Pair
from trading.market.candles import CandleSeries, Interval, aggregate_candles
from trading.market.snapshot import MarketSource

BTC = Pair("BTC", "USDT")
AS_OF = datetime(2025, 11, 22, 12, 0, tzinfo=UTC)
GOLDEN = tuple(Decimal(n) for n in ("124467.3", "124681.5", "124337.2", "124663.4", "1966.8"))


async def _candles(
    market: SampleMarket, interval: Interval, *, as_of: datetime = AS_OF, limit: int = 300
) -> CandleSeries:
    return await market.fetch_candles(BTC, interval, limit=limit, as_of=as_of)


def test_is_labelled_as_made_up() -> None:
    assert SampleMarket().source is MarketSource.SAMPLE


async def test_the_same_seed_gives_the_same_candles_on_every_machine() -> None:
    candle = (await _candles(SampleMarket(7), Interval.H1, limit=1)).candles[0]

    assert (candle.open, candle.high, candle.low, candle.close, candle.volume) == GOLDEN


async def test_what_was_asked_before_changes_nothing() -> None:
    market = SampleMarket(7)
    await _candles(market, Interval.H4, as_of=AS_OF + timedelta(days=40))
    asked_late = await _candles(market, Interval.M5)
    sample._build_candles.cache_clear()
    build_sample_day.cache_clear()

    assert await _candles(SampleMarket(7), Interval.M5) == asked_late


async def test_another_seed_or_pair_is_another_history() -> None:
    closes = {
        (await market.fetch_ticker(pair, as_of=AS_OF)).last_price
        for market in (SampleMarket(1), SampleMarket(2))
        for pair in (BTC, Pair("ETH", "USDT"))
    }

    assert len(closes) == 4


@pytest.mark.parametrize("interval", Interval)
async def test_candles_are_contiguous_and_closed_at_as_of(interval: Interval) -> None:
    series = await _candles(SampleMarket(), interval, as_of=AS_OF + timedelta(minutes=4))

    assert len(series.candles) == 300
    assert find_gaps(series) == ()
    assert series.closes_at == AS_OF


@pytest.mark.parametrize("interval", [Interval.M15, Interval.H1, Interval.H4])
async def test_longer_candles_are_made_of_the_5m_ones(interval: Interval) -> None:
    market = SampleMarket()
    many = 6 * (interval.duration // Interval.M5.duration)
    short = await _candles(market, Interval.M5, limit=many)

    long = await _candles(market, interval, limit=6)

    assert aggregate_candles(short.candles, interval=interval) == long.candles


async def test_a_later_look_leaves_the_past_as_it_was() -> None:
    market = SampleMarket()
    earlier = await _candles(market, Interval.M5)
    later = await _candles(market, Interval.M5, as_of=AS_OF + timedelta(hours=2))

    assert later.candles[:-24] == earlier.candles[24:]


async def test_the_ticker_moves_inside_a_candle_and_stays_within_it() -> None:
    market = SampleMarket()
    instants = [AS_OF + timedelta(seconds=75) * step for step in range(4)]
    prices = [(await market.fetch_ticker(BTC, as_of=at)).last_price for at in instants]
    candle = (await _candles(market, Interval.M5, as_of=AS_OF + timedelta(minutes=5))).candles[-1]

    assert len(set(prices)) > 1
    assert prices[0] == candle.open
    assert all(candle.low <= price <= candle.high for price in prices)


def test_every_regime_comes_and_trends_go_where_they_say() -> None:
    days = [build_sample_day(7, "BTC-USDT", day=day, scale=10**6) for day in range(20_000, 20_200)]
    moves: dict[Regime, list[float]] = {regime: [] for regime in Regime}
    for day in days:
        for regime, spell in zip(day.regimes, day.points.reshape(3, -1), strict=True):
            moves[regime].append(spell[-1] / spell[0] - 1)
    mean = {regime: sum(some) / len(some) for regime, some in moves.items()}

    assert all(len(some) > 30 for some in moves.values())
    assert mean[Regime.UP] > 0.005
    assert mean[Regime.DOWN] < -0.005
    assert abs(mean[Regime.RANGE]) < 0.005


async def test_prices_gap_between_candles_and_jump_inside_them() -> None:
    candles = (await _candles(SampleMarket(), Interval.M5, limit=288 * 30)).candles
    gaps = [b.open / a.close - 1 for a, b in pairwise(candles)]
    jumps = [candle for candle in candles if candle.high / candle.low > Decimal("1.006")]

    assert 30 < sum(abs(gap) > Decimal("0.0002") for gap in gaps) < 120
    assert sum(gap == 0 for gap in gaps) > 8_000
    assert len(jumps) > 5


async def test_the_price_keeps_its_scale_for_years() -> None:
    market = SampleMarket(3)
    prices = [
        (await market.fetch_ticker(BTC, as_of=AS_OF - timedelta(days=30 * month))).last_price
        for month in range(72)
    ]

    assert Decimal(40_000) < min(prices)
    assert max(prices) < Decimal(250_000)


async def test_no_candle_is_missing_unless_outages_are_asked_for() -> None:
    month = 288 * 30
    whole = await _candles(SampleMarket(), Interval.M5, limit=month)
    holed = await _candles(SampleMarket(outage_every_days=5), Interval.M5, limit=month)

    assert find_gaps(whole) == ()
    assert 4 <= len(find_gaps(holed)) <= 7
    assert set(holed.candles) < set(whole.candles)


async def test_the_book_is_synthetic_and_around_the_ticker() -> None:
    market = SampleMarket()
    book = await market.fetch_order_book(BTC, as_of=AS_OF)
    ticker = await market.fetch_ticker(BTC, as_of=AS_OF)

    assert book is not None
    assert book.is_synthetic
    assert book.bids[0].price == ticker.best_bid < ticker.last_price < ticker.best_ask
    assert ticker.spread_ratio < Decimal("0.0002")


async def test_funding_changes_at_its_settlements_and_stays_small() -> None:
    market = SampleMarket()
    rates = [
        await market.fetch_funding_rate(BTC, as_of=AS_OF + timedelta(hours=hours))
        for hours in range(0, 24 * 30, 4)
    ]
    values = [rate.rate for rate in rates if rate is not None]

    assert rates[0] is not None
    assert rates[0].next_at == datetime(2025, 11, 22, 16, tzinfo=UTC)
    assert values[1] == values[2] != values[3]
    assert max(map(abs, values)) < Decimal("0.0005")


async def test_the_instrument_is_what_binance_says_of_the_pair() -> None:
    instrument = await SampleMarket().fetch_instrument(BTC, as_of=AS_OF)

    assert (instrument.tick_size, instrument.step_size) == (Decimal("0.1"), Decimal("0.001"))
    assert instrument.min_notional == 100
    assert instrument.taker_fee_rate == Decimal("0.0005")


@pytest.mark.parametrize("pair", [Pair("BTC", "EUR"), Pair("BTCC", "USDT")])
async def test_a_pair_that_is_not_listed_is_refused(pair: Pair) -> None:
    with pytest.raises(PermanentError, match=f"{pair} is not traded"):
        await SampleMarket().fetch_instrument(pair, as_of=AS_OF)
