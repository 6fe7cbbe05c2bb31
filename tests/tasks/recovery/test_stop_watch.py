"""A triggered stop that filled in part, or not at all, is seen to in seconds: at both venues."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import override

import pytest
import pytest_asyncio

from blocks.venues.offline.generated import SampleMarket
from db.session import Database
from tasks.recovery.stop_watch import LONGEST, StopWatch
from tests.database import MakeUser
from tests.live_stage import LiveStage, open_live_stage
from tests.order_path import take
from trading.council.decisions import Action
from trading.domain.errors import TransientError
from trading.domain.messages import plain
from trading.domain.units import Pair, UserId, VenueName
from trading.market.snapshot import Ticker

SYMBOL = "BTCUSDT"


@dataclass(slots=True)
class SetMarket(SampleMarket):
    """The sample market with a mark price of the test's choice; `looks` counts the readings."""

    price: Decimal = Decimal(0)
    looks: int = 0
    is_silent: bool = False

    @override
    async def fetch_ticker(self, pair: Pair, *, as_of: datetime) -> Ticker:
        self.looks += 1
        if self.is_silent:
            raise TransientError(plain("silent"))
        return Ticker(
            last_price=self.price,
            mark_price=self.price,
            best_bid=self.price,
            best_ask=self.price,
            as_of=as_of,
        )


@pytest_asyncio.fixture(params=[VenueName.BINANCE, VenueName.BYBIT])
async def live(
    request: pytest.FixtureRequest, database: Database, make_user: MakeUser
) -> AsyncIterator[LiveStage]:
    user_id = await make_user("live")
    async with open_live_stage(request.param, database=database, user_id=user_id) as made:
        await take(made, Action.OPEN_LONG)
        made.market = SetMarket(price=made.world.server.engine.price_of(SYMBOL))
        yield made


async def look(live: LiveStage, watch: StopWatch, *, seconds: float) -> tuple[UserId, ...]:
    live.world.clock.advance(seconds)
    live.now += timedelta(seconds=seconds)
    with live.in_use() as services:
        return await watch.look(services)


def fall(live: LiveStage, *, share: Decimal) -> None:
    """The price falls to the stop; the venue fills this share of the triggered stop."""
    engine = live.world.server.engine
    (stop,) = (o for o in live.world.account.resting(SYMBOL) if o.kind == "STOP_MARKET")
    filled = (stop.quantity * share).quantize(Decimal("0.001"))
    engine.quote = lambda *_: [(stop.trigger, filled)] if filled else []
    engine.set_price(SYMBOL, stop.trigger)
    engine.quote = None
    assert isinstance(live.market, SetMarket)
    live.market.price = stop.trigger


@pytest.mark.parametrize("share", ["0.5", "0", "1"])
async def test_what_a_triggered_stop_left_open_is_closed_within_seconds(
    live: LiveStage, share: str
) -> None:
    watch = StopWatch()
    assert await look(live, watch, seconds=3) == ()
    fall(live, share=Decimal(share))
    began = live.world.clock.ms

    while await look(live, watch, seconds=1) != (live.user_id,):
        assert live.world.clock.ms - began < 20_000

    assert live.world.account.signed[SYMBOL] == 0
    assert live.world.clock.ms - began <= 20_000
    assert max(live.world.server.engine.end_bare(live.world.account)) <= 20_000
    assert await live.load_position() is None
    assert not live.world.account.resting(SYMBOL)


async def test_a_pair_far_from_its_triggers_is_read_rarely(live: LiveStage) -> None:
    assert isinstance(live.market, SetMarket)
    watch = StopWatch()

    for _ in range(60):
        assert await look(live, watch, seconds=1) == ()

    assert live.market.looks <= 5


async def test_a_silent_market_is_read_again_soon(live: LiveStage) -> None:
    assert isinstance(live.market, SetMarket)
    watch, live.market.is_silent = StopWatch(), True
    assert await look(live, watch, seconds=1) == ()
    live.market.is_silent = False
    fall(live, share=Decimal(1))

    assert await look(live, watch, seconds=10) == (live.user_id,)
    assert await look(live, watch, seconds=LONGEST.total_seconds()) == ()
