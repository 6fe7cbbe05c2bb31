"""A worker that stands still past its lease: somebody else goes on, nothing is sent twice.

OrderSender.send, stopped around any of its transactions or its post -> the lease runs out, another
worker sends and settles -> the first one goes on -> posts of that name at the venue: at most one
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any, cast

import pytest

from blocks.venues.base.exchange import build_accepted
from db.session import Database, Tenant
from tasks.orders.order_desk import OrderDesk
from tasks.orders.order_sender import OrderSender
from tasks.orders.pair_account import PairAccount
from tasks.runtime.container import Services
from tests.db.values import make_intent
from tests.stage import Stage
from trading.domain.accounts import PairConfig
from trading.domain.errors import QuorumError
from trading.domain.messages import Message
from trading.domain.orders import Fill, Order, OrderIntent, Outcome, Placement
from trading.domain.units import ClientOrderId, Pair, UserId
from trading.ports import Exchange

ROUNDS = int(os.environ.get("QUORUM_TEST_PAUSED_WORKERS", "40"))
POINTS = 6
"""Before and after the transaction that claims, the post, and the transaction that records."""

type Pause = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Pauses:
    """Counts the points that a worker passes; at one of them it stands still."""

    at: int
    pause: Pause
    passed: int = 0

    async def point(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            await self.pause()


@dataclass(slots=True)
class PausedDatabase:
    """The database of a worker that may be stopped before a transaction or after its commit."""

    inner: Database
    pauses: Pauses

    @asynccontextmanager
    async def tenant(self, user_id: UserId) -> AsyncIterator[Tenant]:
        await self.pauses.point()
        async with self.inner.tenant(user_id) as tenant:
            yield tenant
        await self.pauses.point()


@dataclass(slots=True)
class Shelf:
    """A venue that takes every order and remembers how often; it may hide them from queries."""

    now: Callable[[], Any]
    is_hiding: bool = False
    is_certain: bool = False
    posts: dict[ClientOrderId, int] = field(default_factory=dict)
    orders: dict[ClientOrderId, Order] = field(default_factory=dict)
    pauses: Pauses | None = None
    oddities: dict[str, Message] = field(default_factory=dict)

    async def place_order(self, intent: OrderIntent) -> Placement:
        if self.pauses is not None:
            await self.pauses.point()
        name = intent.client_order_id
        self.posts[name] = self.posts.get(name, 0) + 1
        order = build_accepted(intent, venue_order_id=f"v-{name}", at=self.now())
        self.orders[name] = order
        if self.pauses is not None:
            await self.pauses.point()
        return Placement(outcome=Outcome.ACCEPTED, order=order)

    async def find_order(self, _pair: Pair, client_order_id: ClientOrderId) -> Order | None:
        return None if self.is_hiding else self.orders.get(client_order_id)

    async def fetch_fills(self, _pair: Pair, *, since: Any) -> tuple[Fill, ...]:
        return ()


async def play(stage: Stage, intent: OrderIntent, *, at: int, is_hiding: bool) -> Shelf:
    """One worker that stands still at a point for longer than its lease; the posts it came to."""
    services, config = stage.connect(), await stage.load_config()
    shelf = Shelf(now=lambda: stage.now, is_hiding=is_hiding)

    async def meanwhile() -> None:
        stage.now += services.settings.intent_lease + timedelta(seconds=1)
        second = replace(services, worker="second")
        await do_all(build_sender(second, shelf, config), intent)

    async with stage.database.tenant(stage.user_id) as tenant:
        await tenant.intents.add_intent(intent, now=stage.now)
    pauses = Pauses(at=at, pause=meanwhile)
    slow = Shelf(now=shelf.now, is_hiding=is_hiding, pauses=pauses)
    slow.posts, slow.orders = shelf.posts, shelf.orders
    paused = cast("Database", PausedDatabase(stage.database, pauses))
    first = build_sender(replace(services, database=paused, worker="first"), slow, config)
    with suppress(QuorumError):  # it may learn that the order is another worker's
        await first.send(intent)
    assert pauses.passed >= at
    return shelf


async def do_all(sender: OrderSender, intent: OrderIntent) -> None:
    """What another worker may do about an order: send it, look it up, twice."""
    for _ in range(2):
        await sender.send(intent)
        await sender.settle(intent)


def build_sender(services: Services, shelf: Shelf, config: PairConfig) -> OrderSender:
    exchange = cast("Exchange", shelf)
    return OrderDesk(PairAccount(services=services, exchange=exchange, config=config)).sender


@pytest.mark.timeout(1200)
async def test_a_worker_paused_past_its_lease_never_makes_two_posts(stage: Stage) -> None:
    random = Random(4)
    doubled = unsent = 0
    for number in range(ROUNDS):
        start = stage.now
        intent = make_intent(stage.user_id, start + timedelta(minutes=30))
        at = number % POINTS + 1
        shelf = await play(stage, intent, at=at, is_hiding=random.random() < 0.5)
        doubled += any(count > 1 for count in shelf.posts.values())
        unsent += not shelf.posts
        stage.now = start + timedelta(hours=1)
    assert doubled == 0
    assert unsent < ROUNDS
