"""The market collected for a pair: BTC's trend is told beside it, and never needed."""

import asyncio
from datetime import datetime
from decimal import Decimal

import pytest

from blocks.venues.offline.generated import SampleMarket
from tasks.market.collect import collect_market
from tasks.runtime.caching import MarketAnalysis, ShareKey
from tests.stage import Stage
from trading.council.question.evidence import build_facts
from trading.council.question.fact_sheet import build_sheet
from trading.domain.errors import PermanentError, TransientError
from trading.domain.messages import plain
from trading.domain.units import Pair, VenueName
from trading.market.candles import CandleSeries, Interval
from trading.market.snapshot import OpenInterest
from trading.news.items import NewsDigest

pytestmark = pytest.mark.usefixtures("prefect_api")

BTC, ETH = Pair("BTC", "USDT"), Pair("ETH", "USDT")


class EthOnly(SampleMarket):
    """A market that refuses BTC, as a recording does, or never answers about BTC."""

    def __init__(self, *, is_hanging: bool) -> None:
        super().__init__()
        self.is_hanging = is_hanging

    async def fetch_candles(
        self, pair: Pair, interval: Interval, *, limit: int, as_of: datetime
    ) -> CandleSeries:
        if pair != BTC:
            return await super().fetch_candles(pair, interval, limit=limit, as_of=as_of)
        if self.is_hanging:
            await asyncio.Event().wait()
        raise PermanentError(plain("no BTC here"))

    async def fetch_open_interest(self, pair: Pair, *, as_of: datetime) -> OpenInterest | None:
        del pair, as_of
        raise TransientError(plain("no statistics now"))


class Watched(SampleMarket):
    """A market that tells its open interest."""

    async def fetch_open_interest(self, pair: Pair, *, as_of: datetime) -> OpenInterest | None:
        del pair
        return OpenInterest(quantity=Decimal(110), as_of=as_of, hour_ago=Decimal(100))


async def collect(stage: Stage, pair: Pair) -> MarketAnalysis:
    key = ShareKey(namespace=stage.namespace, work="analysis", subject=(str(pair),))
    with stage.in_use():
        found = await collect_market.fn(key, venue=VenueName.BINANCE, pair=pair)
    assert isinstance(found, MarketAnalysis), found
    return found


async def test_another_pair_is_told_the_trend_of_btc(stage: Stage) -> None:
    leader = (await collect(stage, ETH)).leader

    assert leader is not None
    assert leader.trend_1h in {-1, 0, 1}
    assert leader.change_24h_ratio is not None


async def test_btc_has_no_leader(stage: Stage) -> None:
    assert (await collect(stage, BTC)).leader is None


async def test_open_interest_stands_in_the_question(stage: Stage) -> None:
    stage.market = Watched()

    found = await collect(stage, BTC)
    facts = build_facts(
        found.snapshot, found.indicators, news=NewsDigest(), instrument=found.instrument
    )

    (interest,) = [fact for fact in build_sheet(facts) if fact.number == 4]
    assert dict(interest.figures) == {"change_1h_pct": "10", "change_24h_pct": "-"}


@pytest.mark.parametrize("is_hanging", [False, True])
async def test_a_market_without_btc_is_complete(stage: Stage, is_hanging: bool) -> None:
    stage.settings = stage.settings.model_copy(update={"fetch_deadline_seconds": 4})
    stage.market = EthOnly(is_hanging=is_hanging)

    found = await collect(stage, ETH)

    assert (found.leader, found.snapshot.open_interest) == (None, None)
    assert found.snapshot.pair == ETH
    assert found.indicators
