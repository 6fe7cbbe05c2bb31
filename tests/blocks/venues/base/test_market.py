"""The live venues' public sides: real ccxt over HTTP against a double of both."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import pytest_asyncio

from blocks.venues.base.market import PublicMarket
from blocks.venues.binance.market import BinanceMarket
from blocks.venues.bybit.market import BybitMarket
from reports.texts.catalog import tell
from tests.doubles.venue_public import BINANCE, BINANCE_INTEREST, BYBIT, PublicVenue
from tests.trading.builders import find_gaps
from trading.domain.errors import PermanentError, TransientError
from trading.domain.units import Pair
from trading.market.candles import Interval
from trading.market.snapshot import MarketSource

BTC = Pair("BTC", "USDT")
NOW = datetime(2025, 11, 22, 12, 1, 7, tzinfo=UTC)
AS_OF = datetime(2025, 11, 22, 12, 0, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)

PATHS = {
    BinanceMarket: {"book": f"{BINANCE}/depth", "rules": f"{BINANCE}/exchangeInfo"},
    BybitMarket: {"book": f"{BYBIT}/orderbook", "rules": f"{BYBIT}/instruments-info"},
}
TOO_MANY = {
    BinanceMarket: (429, '{"code":-1003,"msg":"Too many requests; current limit is 2400."}'),
    BybitMarket: (200, '{"retCode":10006,"retMsg":"Too many visits!","result":{},"time":1}'),
}


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The double is on this machine, whatever this machine's proxy is."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest_asyncio.fixture
async def venue() -> AsyncIterator[PublicVenue]:
    async with PublicVenue(now_ms=NOW_MS).serve() as venue:
        yield venue


@pytest_asyncio.fixture(params=[BinanceMarket, BybitMarket])
async def market(
    request: pytest.FixtureRequest, venue: PublicVenue
) -> AsyncIterator[BinanceMarket | BybitMarket]:
    market = request.param(url=venue.url, deadline_seconds=5)
    yield market
    await market.close()


async def test_prices_are_exactly_what_the_venue_wrote(market: PublicMarket) -> None:
    ticker = await market.fetch_ticker(BTC, as_of=AS_OF)

    mark = "100001.23456789" if isinstance(market, BinanceMarket) else "100001.23"
    assert str(ticker.mark_price) == mark
    assert str(ticker.last_price) == "100000.10"
    assert (str(ticker.best_bid), str(ticker.best_ask)) == ("99999.90", "100000.00")
    assert NOW - timedelta(seconds=1) < ticker.as_of <= NOW
    assert market.source is MarketSource.LIVE


@pytest.mark.parametrize("interval", Interval)
async def test_candles_had_closed_at_as_of(market: PublicMarket, interval: Interval) -> None:
    series = await market.fetch_candles(BTC, interval, limit=300, as_of=AS_OF)

    assert len(series.candles) == 300
    assert series.closes_at == AS_OF
    assert find_gaps(series) == ()
    assert str(series.candles[0].low) == "99990.25"
    assert series.candles[0].volume == Decimal("12.345")


async def test_the_unfinished_candle_is_never_given(market: PublicMarket) -> None:
    series = await market.fetch_candles(BTC, Interval.H1, limit=10, as_of=NOW)

    assert len(series.candles) == 10
    assert series.closes_at == AS_OF


async def test_long_histories_come_in_pages(market: PublicMarket, venue: PublicVenue) -> None:
    series = await market.fetch_candles(BTC, Interval.M5, limit=2500, as_of=AS_OF)

    assert len(series.candles) == 2500
    assert find_gaps(series) == ()
    assert series.closes_at == AS_OF
    assert len(venue.requests) == 3


async def test_a_young_pair_has_fewer_candles(market: PublicMarket, venue: PublicVenue) -> None:
    venue.first_ms = NOW_MS - 3 * 3_600_000

    series = await market.fetch_candles(BTC, Interval.H1, limit=300, as_of=AS_OF)

    assert len(series.candles) == 2


async def test_the_book_is_real(market: PublicMarket) -> None:
    book = await market.fetch_order_book(BTC, as_of=AS_OF)

    assert book is not None
    assert not book.is_synthetic
    assert str(book.bids[0].price) == "99999.90"
    assert str(book.asks[0].quantity) == "1.2"
    assert book.as_of == NOW


async def test_an_empty_side_is_no_book(market: PublicMarket, venue: PublicVenue) -> None:
    empty = {
        BinanceMarket: f'{{"E": {NOW_MS}, "bids": [["1", "1"]], "asks": []}}',
        BybitMarket: f'{{"retCode": 0, "result": {{"b": [], "a": [], "ts": {NOW_MS}}}}}',
    }
    venue.refuse(PATHS[type(market)]["book"], status=200, body=empty[type(market)])

    assert await market.fetch_order_book(BTC, as_of=AS_OF) is None


async def test_funding_comes_with_its_next_settlement(market: PublicMarket) -> None:
    funding = await market.fetch_funding_rate(BTC, as_of=AS_OF)

    assert funding is not None
    assert funding.rate in {Decimal("0.0001"), Decimal("-0.000035")}
    assert funding.next_at == datetime(2025, 11, 22, 16, tzinfo=UTC)


async def test_rules_are_the_venues(market: PublicMarket) -> None:
    rules = await market.fetch_instrument(BTC, as_of=AS_OF)

    is_binance = isinstance(market, BinanceMarket)
    assert (rules.venue, rules.symbol) == (market.venue, "BTCUSDT")
    assert (rules.tick_size, rules.step_size) == (Decimal("0.10"), Decimal("0.001"))
    assert rules.max_quantity == (120 if is_binance else 119)
    assert rules.min_notional == (100 if is_binance else 5)
    assert rules.max_leverage == (20 if is_binance else 100)
    assert rules.maintenance_margin_ratio == Decimal("0.025" if is_binance else "0.005")


async def test_rules_are_read_once_a_day(market: PublicMarket, venue: PublicVenue) -> None:
    path = PATHS[type(market)]["rules"]
    for hours in (0, 1, 23):
        await market.fetch_instrument(BTC, as_of=AS_OF + timedelta(hours=hours))
    assert venue.count(path) == 1

    again = await market.fetch_instrument(BTC, as_of=AS_OF + timedelta(hours=24))

    assert venue.count(path) == 2
    assert again.fetched_at == AS_OF + timedelta(hours=24)


@pytest.mark.parametrize("hours", [1, 2, 4, 8])
async def test_the_rules_tell_the_hours_between_settlements(
    market: PublicMarket, venue: PublicVenue, hours: int
) -> None:
    venue.funding_hours = hours

    rules = await market.fetch_instrument(BTC, as_of=AS_OF)

    assert rules.funding_interval == timedelta(hours=hours)


@pytest.mark.parametrize(("before", "after"), [(8, 1), (8, 2), (2, 4), (1, 8)])
async def test_a_changed_settlement_drops_the_cached_rules(
    market: PublicMarket, venue: PublicVenue, before: int, after: int
) -> None:
    venue.funding_hours = before
    await market.fetch_instrument(BTC, as_of=NOW - timedelta(hours=1))
    await market.fetch_funding_rate(BTC, as_of=NOW)
    assert (
        await market.fetch_instrument(BTC, as_of=NOW)
    ).funding_interval.seconds == 3600 * before

    venue.funding_hours = after
    await market.fetch_funding_rate(BTC, as_of=NOW)

    rules = await market.fetch_instrument(BTC, as_of=NOW)
    assert rules.funding_interval == timedelta(hours=after)


async def test_binance_trades_only_what_is_trading(venue: PublicVenue) -> None:
    market = BinanceMarket(url=venue.url)
    for base in ("OLD", "NEW"):
        with pytest.raises(PermanentError, match=f"does not trade a perpetual of {base}/USDT"):
            await market.fetch_instrument(Pair(base, "USDT"), as_of=AS_OF)
    await market.close()


async def test_bybit_trades_only_what_it_lists(venue: PublicVenue) -> None:
    market = BybitMarket(url=venue.url)
    venue.refuse(
        PATHS[BybitMarket]["rules"], status=200, body='{"retCode":0,"result":{"list":[]}}'
    )
    with pytest.raises(PermanentError, match="does not trade a perpetual of BTC/USDT"):
        await market.fetch_instrument(BTC, as_of=AS_OF)
    await market.close()


async def test_another_quote_is_refused_without_asking(
    market: PublicMarket, venue: PublicVenue
) -> None:
    with pytest.raises(PermanentError, match="BTC/EUR"):
        await market.fetch_ticker(Pair("BTC", "EUR"), as_of=AS_OF)
    assert venue.requests == []


async def test_an_unknown_symbol_is_permanent(market: PublicMarket, venue: PublicVenue) -> None:
    status, body = {
        BinanceMarket: (400, '{"code":-1121,"msg":"Invalid symbol."}'),
        BybitMarket: (200, '{"retCode":10001,"retMsg":"params error: symbol","result":{}}'),
    }[type(market)]
    venue.refuse(PATHS[type(market)]["book"], status=status, body=body)

    with pytest.raises(PermanentError, match="refuses to give order book of BTC/USDT"):
        await market.fetch_order_book(BTC, as_of=AS_OF)


async def test_too_many_questions_are_transient_and_carry_the_wait(
    market: PublicMarket, venue: PublicVenue
) -> None:
    status, body = TOO_MANY[type(market)]
    venue.refuse(
        PATHS[type(market)]["book"], status=status, body=body, headers={"Retry-After": "17"}
    )

    with pytest.raises(TransientError) as caught:
        await market.fetch_order_book(BTC, as_of=AS_OF)
    assert caught.value.retry_after_seconds == 17


async def test_bybit_says_when_its_window_resets(venue: PublicVenue) -> None:
    market = BybitMarket(url=venue.url)
    status, body = TOO_MANY[BybitMarket]
    reset = int(datetime.now(UTC).timestamp() * 1000) + 30_000
    venue.refuse(
        PATHS[BybitMarket]["book"],
        status=status,
        body=body,
        headers={"X-Bapi-Limit-Reset-Timestamp": str(reset)},
    )
    with pytest.raises(TransientError) as caught:
        await market.fetch_order_book(BTC, as_of=AS_OF)
    assert caught.value.retry_after_seconds == pytest.approx(30, abs=5)

    venue.refuse(PATHS[BybitMarket]["book"], status=403, body="Forbidden")
    with pytest.raises(TransientError) as caught:
        await market.fetch_order_book(BTC, as_of=AS_OF)
    assert caught.value.retry_after_seconds == 600
    await market.close()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, ""),
        (200, "<html>busy</html>"),
        (200, "{}"),
        (200, '{"retCode": 0, "result": {"b": [["x", "1"]], "a": 5}, "bids": 1, "asks": 2}'),
        (200, '{"retCode":10000,"retMsg":"Server Timeout","code":-1000,"msg":"unknown"}'),
        (503, "Service Unavailable"),
        (500, '{"code":-1001,"msg":"Internal error","retCode":10016,"retMsg":"x"}'),
    ],
)
async def test_what_is_no_answer_is_transient_and_says_no_more_than_its_class(
    market: PublicMarket, venue: PublicVenue, status: int, body: str
) -> None:
    venue.refuse(PATHS[type(market)]["book"], status=status, body=body)

    with pytest.raises(TransientError) as caught:
        await market.fetch_order_book(BTC, as_of=AS_OF)
    assert caught.value.retry_after_seconds is None
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "127.0.0.1" not in str(caught.value)
    assert "order book of BTC/USDT" in tell(caught.value)


async def test_a_float_in_an_answer_never_becomes_money(venue: PublicVenue) -> None:
    market = BinanceMarket(url=venue.url)
    body = f'{{"E": {NOW_MS}, "bids": [[0.1234567890123456789, 1]], "asks": [[2, 1]]}}'
    venue.refuse(PATHS[BinanceMarket]["book"], status=200, body=body)

    book = await market.fetch_order_book(BTC, as_of=AS_OF)

    assert book is not None
    assert str(book.bids[0].price) == "0.1234567890123456789"
    await market.close()


@pytest.mark.parametrize("kind", [BinanceMarket, BybitMarket])
async def test_silence_ends_at_the_deadline(
    venue: PublicVenue, kind: type[BinanceMarket | BybitMarket]
) -> None:
    market = kind(url=venue.url, deadline_seconds=0.2)
    venue.hang(PATHS[kind]["book"])

    with pytest.raises(TransientError, match=r"gave no order book of BTC/USDT within 0.2 s"):
        await market.fetch_order_book(BTC, as_of=AS_OF)
    await market.close()


async def test_probing_tells_an_answer_from_none(market: PublicMarket, venue: PublicVenue) -> None:
    assert await market.probe()

    for path in (f"{BINANCE}/ping", f"{BYBIT}/time"):
        venue.hang(path)
    assert not await market.probe(within_seconds=0.1)


@pytest.mark.parametrize("kind", [BinanceMarket, BybitMarket])
async def test_probing_nobody_is_quick(kind: type[BinanceMarket | BybitMarket]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    market = kind(url=f"http://127.0.0.1:{port}")

    async with asyncio.timeout(3):
        assert not await market.probe()
    await market.close()


async def test_many_questions_share_one_client(market: PublicMarket, venue: PublicVenue) -> None:
    looks = [market.fetch_candles(BTC, interval, limit=9, as_of=AS_OF) for interval in Interval]
    series = await asyncio.gather(
        *looks, market.fetch_candles(BTC, Interval.M5, limit=9, as_of=NOW)
    )

    assert [len(one.candles) for one in series] == [9] * 5
    assert len(venue.requests) == 5


def test_ccxt_never_logs_requests() -> None:
    assert not logging.getLogger("ccxt.base.exchange").isEnabledFor(logging.DEBUG)


async def test_questions_go_out_at_once_until_the_window_is_full(market: PublicMarket) -> None:
    throttle = market._client._exchange.throttler
    room = 1200 if isinstance(market, BinanceMarket) else 250
    async with asyncio.timeout(5):
        await asyncio.gather(*(throttle(1) for _ in range(room)))
    late = throttle(1)
    await asyncio.sleep(0.01)
    assert not late.done(), "half of what the venue gives one address is asked for"


async def test_a_year_of_hourly_funding_is_read_page_by_page(
    market: PublicMarket, venue: PublicVenue
) -> None:
    venue.funding_hours = 1
    since = AS_OF - timedelta(days=365)

    rates = await market.fetch_funding_history(BTC, since=since, until=AS_OF)

    hours = [at.replace(microsecond=0) for at, _ in rates]
    assert hours == [since + timedelta(hours=count) for count in range(365 * 24)]
    assert all(str(rate).startswith("0.0000") for _, rate in rates)


async def test_a_contract_without_settlements_has_no_funding_history(
    market: PublicMarket,
) -> None:
    until = AS_OF - timedelta(hours=1)

    assert await market.fetch_funding_history(BTC, since=until, until=until) == ()
    empty = until + timedelta(minutes=1)
    assert await market.fetch_funding_history(BTC, since=until, until=empty) == ()


async def test_open_interest_is_told_with_its_past(market: PublicMarket) -> None:
    interest = await market.fetch_open_interest(BTC, as_of=AS_OF)

    assert interest is not None
    assert interest.as_of == AS_OF
    assert str(interest.quantity) == "92000.500"
    assert str(interest.hour_ago) == "91000.500"
    assert interest.day_ago == interest.quantity
    assert interest.hour_change_ratio == interest.quantity / Decimal("91000.5") - 1


async def test_a_contract_without_statistics_has_no_open_interest(
    market: PublicMarket, venue: PublicVenue
) -> None:
    venue.refuse(BINANCE_INTEREST, status=200, body="[]")
    empty = '{"retCode":0,"retMsg":"OK","result":{"list":[]},"retExtInfo":{},"time":1}'
    venue.refuse(f"{BYBIT}/open-interest", status=200, body=empty)

    assert await market.fetch_open_interest(BTC, as_of=AS_OF) is None


async def test_an_impossible_open_interest_is_an_answer_of_unknown_form(
    market: PublicMarket, venue: PublicVenue
) -> None:
    row = '{"timestamp":1763812800000,"sumOpenInterest":"0","openInterest":"0"}'
    venue.refuse(BINANCE_INTEREST, status=200, body=f"[{row}]")
    body = f'{{"retCode":0,"retMsg":"OK","result":{{"list":[{row}]}},"retExtInfo":{{}},"time":1}}'
    venue.refuse(f"{BYBIT}/open-interest", status=200, body=body)

    with pytest.raises(TransientError):
        await market.fetch_open_interest(BTC, as_of=AS_OF)
