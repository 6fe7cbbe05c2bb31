"""A stage for cycles: a user with a paper pair, a made-up market, scripted voters, a clock.

database, market, voters, faults -> Stage -> Services; what the paper venue and our books say

Brings the fixture `stage`. The clock stands where a test puts it; waits answer at once and are
remembered. Every stage is a market of its own to the shared work.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from blocks.venues.offline.generated import SampleMarket
from blocks.venues.paper.exchange import PaperExchange
from db.paper_store import TenantPaperStore
from db.session import Database
from tasks.runtime.container import Services, use_services
from tasks.runtime.settings import TaskSettings
from tests.database import MakeUser
from tests.db.reads import list_alerts
from tests.doubles.council import ScriptedModel, council
from tests.doubles.faults import Faults, FaultyExchange
from trading.council.decisions import Action
from trading.cycle import CycleRecord
from trading.domain.accounts import PairConfig
from trading.domain.alerts import Alert
from trading.domain.errors import TransientError
from trading.domain.intents import IntentRecord
from trading.domain.orders import Order, OrderStatus
from trading.domain.positions import Position
from trading.domain.units import Mode, Pair, UserId, VenueName
from trading.ports import Exchange, Feed, MarketData

PAIR = Pair("BTC", "USDT")
CAPITAL = Decimal(1000)


@dataclass(slots=True, kw_only=True)
class Stage:
    """
    Where cycles are played.

    Attributes:
        now: what the clock says.
        slept: seconds that somebody wanted to wait.
        broken_for: whose account the venue does not show.
        is_running: whether the clock moves while somebody waits.
    """

    database: Database
    user_id: UserId
    now: datetime
    market: MarketData = field(default_factory=SampleMarket)
    models: tuple[ScriptedModel, ...] = field(default_factory=lambda: council(Action.HOLD))
    feeds: tuple[Feed, ...] = ()
    faults: Faults = field(default_factory=Faults)
    settings: TaskSettings = field(default_factory=lambda: TaskSettings(read_backoff_seconds=0.01))
    namespace: str = field(default_factory=lambda: uuid.uuid4().hex)
    slept: list[float] = field(default_factory=list)
    is_replay: bool = False
    broken_for: UserId | None = None
    is_running: bool = False

    def connect(self) -> Services:
        """Services on this stage as it is now."""
        return Services(
            database=self.database,
            clock=lambda: self.now,
            markets=dict.fromkeys(VenueName, self.market),
            models=self.models,
            feeds=self.feeds,
            exchange_of=self._open_exchange,
            namespace=self.namespace,
            is_replay=self.is_replay,
            sleep=self._sleep,
            worker=uuid.uuid4().hex,
            settings=self.settings,
        )

    @contextmanager
    def in_use(self) -> Iterator[Services]:
        """Be connected to this stage."""
        services = self.connect()
        with use_services(services):
            yield services

    def paper(self, user_id: UserId | None = None) -> PaperExchange:
        """The paper venue without faults."""
        store = TenantPaperStore(self.database, user_id=user_id or self.user_id)
        return PaperExchange(store=store, market=self.market, clock=lambda: self.now)

    async def add_pair(self, user_id: UserId, pair: Pair = PAIR) -> PairConfig:
        """Let a user trade a pair on paper."""
        config = PairConfig(
            user_id=user_id,
            pair=pair,
            venue=VenueName.BINANCE,
            mode=Mode.PAPER,
            capital=CAPITAL,
            is_paused=False,
            created_at=self.now - timedelta(days=1),
        )
        async with self.database.tenant(user_id) as tenant:
            await tenant.pairs.add_pair(config)
            await tenant.paper.deposit(CAPITAL, now=self.now)
        return config

    async def load_config(self, pair: Pair = PAIR) -> PairConfig:
        async with self.database.tenant(self.user_id) as tenant:
            config = await tenant.pairs.load_pair(pair)
        assert config is not None
        return config

    async def load_record(self) -> CycleRecord:
        """The newest receipt."""
        async with self.database.tenant(self.user_id) as tenant:
            record = await tenant.cycles.load_cycle(PAIR)
        assert record is not None
        return record

    async def load_position(self) -> Position | None:
        async with self.database.tenant(self.user_id) as tenant:
            return await tenant.positions.load_open_position(PAIR)

    async def list_alerts(self) -> tuple[Alert, ...]:
        async with self.database.tenant(self.user_id) as tenant:
            return await list_alerts(tenant.alerts, limit=100)

    async def list_open_intents(self) -> tuple[IntentRecord, ...]:
        async with self.database.tenant(self.user_id) as tenant:
            return await tenant.intents.list_open_intents()

    async def list_paper_orders(self) -> tuple[Order, ...]:
        """Everything the paper venue ever took, newest first."""
        async with self.database.tenant(self.user_id) as tenant:
            return await tenant.paper.list_orders(PAIR, limit=1000)

    async def _open_exchange(self, config: PairConfig) -> Exchange:
        if config.user_id == self.broken_for:
            raise TransientError("The venue does not answer.")
        return FaultyExchange(self.paper(config.user_id), self.faults)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self.is_running:
            self.now += timedelta(seconds=seconds)


async def require_same_books(stage: Stage) -> None:
    """Our position and money are the paper venue's, to the last digit."""
    venue = stage.paper()
    theirs = {p.pair: p.signed_quantity for p in await venue.fetch_positions()}
    async with stage.database.tenant(stage.user_id) as tenant:
        ours = {p.pair: p.signed_quantity for p in await tenant.positions.list_open_positions()}
        closed = await tenant.positions.list_closed_positions(PAIR)
        held = await tenant.positions.list_open_positions()
    assert ours == theirs
    net = sum((p.net_pnl for p in (*closed, *held)), Decimal(0))
    assert (await venue.fetch_balance()).total == CAPITAL + net


async def require_protected_or_flat(stage: Stage) -> None:
    """A stop rests for the whole position, or there is none and nothing of ours rests."""
    venue = stage.paper()
    resting = await venue.fetch_open_orders(PAIR)
    position = next(iter(await venue.fetch_positions()), None)
    if position is None:
        assert resting == ()
        return
    stops = [order for order in resting if order.order_type == "stop_market"]
    assert [stop.quantity for stop in stops] == [position.quantity]
    assert all(order.status is not OrderStatus.UNKNOWN for order in resting)


@pytest.fixture
async def stage(database: Database, make_user: MakeUser, now: datetime) -> Stage:
    """One user with BTC/USDT and 1000 USDT on paper, at a cycle time."""
    made = Stage(database=database, user_id=await make_user(telegram_id=4711), now=now)
    await made.add_pair(made.user_id)
    return made
