"""A stage whose user trades live at the double of a venue."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import override

from db.session import Database
from tasks.runtime.container import Services
from tasks.runtime.live_accounts import LiveAccounts
from tests.blocks.venues.venue_cases import World, open_world
from tests.doubles.venue.engine import TICK, VenueOrder
from tests.stage import PAIR, Stage
from trading.domain.accounts import PairConfig
from trading.domain.units import (
    CYCLE_INTERVAL,
    Mode,
    UserId,
    VenueName,
    floor_time,
    floor_to_step,
)
from trading.ports import Exchange

CAPITAL = Decimal(10_000)


@dataclass(slots=True, kw_only=True)
class LiveStage(Stage):
    """A stage whose user has an account at the double."""

    world: World
    accounts: LiveAccounts = field(default_factory=LiveAccounts)

    @override
    def connect(self) -> Services:
        """Services that keep what they learned of the account."""
        return replace(Stage.connect(self), live=self.accounts)

    @override
    async def _open_exchange(self, config: PairConfig) -> Exchange:
        self.world.exchange._client._exchange.closed_by_user = False
        return self.world.exchange


@asynccontextmanager
async def open_live_stage(
    venue: VenueName, *, database: Database, user_id: UserId
) -> AsyncIterator[LiveStage]:
    """A user with a live pair of `CAPITAL`; the double's price is the market's."""
    async with open_world(venue) as world:
        made = LiveStage(
            database=database,
            user_id=user_id,
            now=floor_time(world.clock(), CYCLE_INTERVAL),
            world=world,
        )
        world.server.latency_ms = (0, 0)
        ticker = await made.market.fetch_ticker(PAIR, as_of=made.now)
        world.server.engine.set_price("BTCUSDT", floor_to_step(ticker.last_price, TICK))
        config = replace(
            await made.add_pair(made.user_id), mode=Mode.LIVE, venue=world.name, capital=CAPITAL
        )
        async with database.tenant(made.user_id) as tenant:
            await tenant.pairs.remove_pair(PAIR)
            await tenant.pairs.add_pair(config)
        yield made


def place_foreign(
    live: LiveStage, symbol: str, *, quantity: str, trigger: str = "0", is_buy: bool = True
) -> None:
    """What the user does at the venue by hand."""
    engine = live.world.server.engine
    earlier = len(live.world.account.orders)
    order = VenueOrder(
        number=0,
        name=f"web-{symbol}-{earlier}" if earlier else f"web-{symbol}",
        symbol=symbol,
        is_buy=is_buy,
        kind="STOP_MARKET" if trigger != "0" else "MARKET",
        quantity=Decimal(quantity),
        trigger=Decimal(trigger),
    )
    engine.place(live.world.account, order)
