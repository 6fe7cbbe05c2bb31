"""A refusal that contradicts the cached rules drops them, for cycles too: at both venues."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import override

import pytest
import pytest_asyncio

from blocks.venues.base.market import PublicMarket
from blocks.venues.offline.generated import SampleMarket
from db.session import Database
from tests.blocks.venues.venue_cases import connect_to
from tests.database import MakeUser
from tests.doubles.venue.faults import Action as VenueAction
from tests.doubles.venue.faults import Fault
from tests.live_stage import LiveStage, open_live_stage
from tests.order_path import take
from tests.stage import PAIR
from trading.council.decisions import Action
from trading.cycle import CycleOutcome
from trading.domain.instruments import Instrument
from trading.domain.units import CYCLE_INTERVAL, Pair, VenueName

BINANCE, BYBIT = VenueName.BINANCE, VenueName.BYBIT
ORDERS = {BINANCE: "POST .*/v1/order$", BYBIT: "POST .*order/create"}
STOPS = {BINANCE: "POST .*algoOrder", BYBIT: "POST .*order/create"}
REFUSED = {
    BINANCE: (400, '{"code":-4014,"msg":"Price not increased by tick size."}'),
    BYBIT: (200, '{"retCode":10001,"retMsg":"params error","result":{},"time":1}'),
}


class CyclesMarket(SampleMarket):
    """The made-up market with the rules of the venue, kept as the worker of cycles keeps them."""

    def __init__(self, rules: PublicMarket) -> None:
        super().__init__()
        self.rules = rules

    @override
    async def fetch_instrument(self, pair: Pair, *, as_of: datetime) -> Instrument:
        return await self.rules.fetch_instrument(pair, as_of=as_of)

    def forget_instrument(self, pair: Pair) -> None:
        """As the market of a venue does."""
        self.rules.forget_instrument(pair)


@pytest_asyncio.fixture(params=[BINANCE, BYBIT])
async def live(
    request: pytest.FixtureRequest, database: Database, make_user: MakeUser
) -> AsyncIterator[LiveStage]:
    user_id = await make_user("live")
    async with open_live_stage(request.param, database=database, user_id=user_id) as made:
        world = made.world
        market, exchange = connect_to(world.server.url, world.name, clock=world.clock)
        made.market = CyclesMarket(market)
        yield made
        await market.close()
        await exchange.close()


def refuse(live: LiveStage, where: dict[VenueName, str], *, skip: int = 0) -> None:
    status, body = REFUSED[live.world.name]
    live.world.server.faults.append(
        Fault(
            where=where[live.world.name],
            action=VenueAction.ANSWER,
            status=status,
            body=body,
            is_done=False,
            skip=skip,
        )
    )


def pass_interval(live: LiveStage) -> None:
    live.now += CYCLE_INTERVAL
    live.world.clock.advance(CYCLE_INTERVAL.total_seconds())


async def read_rules(live: LiveStage) -> Instrument:
    return await live.market.fetch_instrument(PAIR, as_of=live.now)


async def test_an_entry_reads_fresh_rules_after_a_filter_refused_the_last(
    live: LiveStage,
) -> None:
    old = await read_rules(live)
    refuse(live, ORDERS)
    refused = await take(live, Action.OPEN_LONG)
    assert refused.execution is not None
    assert refused.execution.outcome is not CycleOutcome.ENTERED
    pass_interval(live)

    again = await take(live, Action.OPEN_LONG)

    assert again.execution is not None
    assert again.execution.outcome is CycleOutcome.ENTERED, again.execution.reason
    assert (await read_rules(live)).fetched_at > old.fetched_at


async def test_a_refused_stop_is_rounded_once_more_by_fresh_rules(live: LiveStage) -> None:
    old = await read_rules(live)
    pass_interval(live)
    refuse(live, STOPS, skip=int(live.world.name is BYBIT))

    path = await take(live, Action.OPEN_LONG)

    assert path.execution is not None
    assert path.execution.outcome is CycleOutcome.ENTERED, path.execution.reason
    resting = live.world.account.resting("BTCUSDT")
    assert len([order for order in resting if order.kind == "STOP_MARKET"]) == 1
    assert (await read_rules(live)).fetched_at > old.fetched_at
