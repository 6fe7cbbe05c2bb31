"""The paper venue on real books: many at once, over restarts, and over real candles."""

import asyncio
import os
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from blocks.venues.offline.recorded import RecordedMarket
from blocks.venues.paper.exchange import PaperExchange
from db.paper_store import TenantPaperStore
from db.session import Database
from tests.database import MakeUser
from tests.db.reads import load_ledger
from tests.doubles.market import ScriptedMarket, build_candles
from tests.doubles.paper import (
    ANN,
    BTC,
    MILLION,
    NOON,
    build_instrument,
    build_intent,
    build_order_book,
    build_stop,
    build_target,
)
from tests.doubles.paper_store import MemoryPaperStore
from trading.domain.orders import Fill, Outcome
from trading.domain.positions import Position, apply_fill
from trading.domain.units import ZERO, Side, UserId, sum_money
from trading.ports import Exchange, FundingPayment
from trading.simulation.account import PaperBook
from trading.simulation.settlement import deposit

RECORDING = (
    Path(os.environ.get("QUORUM_DATA", "../shared/data"))
    / "candles"
    / "BTC_USDT_USDT-5m-futures.feather"
)
HALF_HOUR = timedelta(minutes=30)


def connect(database: Database, user_id: UserId, market: ScriptedMarket) -> Exchange:
    store = TenantPaperStore(database, user_id=user_id)
    return PaperExchange(store=store, market=market, clock=lambda: NOON)


@pytest.fixture
def market() -> ScriptedMarket:
    calm = build_candles([1000] * 13, start=NOON - timedelta(hours=1), volume=MILLION)
    return ScriptedMarket(
        instrument=build_instrument(), candles=calm, order_book=build_order_book()
    )


@pytest.fixture
async def ann(database: Database, make_user: MakeUser) -> UserId:
    user_id = await make_user("ann")
    async with database.tenant(user_id) as tenant:
        await tenant.paper.deposit(Decimal(10_000), now=NOON)
    return user_id


async def test_ten_workers_with_one_intent_place_one_order(
    database: Database, ann: UserId, market: ScriptedMarket
) -> None:
    intent = build_intent(user_id=ann)
    answers = await asyncio.gather(
        *(connect(database, ann, market).place_order(intent) for _ in range(10))
    )
    outcomes = sorted(answer.outcome for answer in answers)
    assert outcomes == [Outcome.ACCEPTED] + [Outcome.DUPLICATE] * 9
    fills = await connect(database, ann, market).fetch_fills(BTC, since=NOON)
    assert len(fills) == 1


async def test_workers_that_act_at_once_all_get_their_order_and_no_fill_is_lost(
    database: Database, ann: UserId, market: ScriptedMarket
) -> None:
    intents = [build_intent(quantity="0.5", attempt=n, user_id=ann) for n in range(8)]
    answers = await asyncio.gather(
        *(connect(database, ann, market).place_order(intent) for intent in intents)
    )
    assert {answer.outcome for answer in answers} == {Outcome.ACCEPTED}
    (position,) = await connect(database, ann, market).fetch_positions()
    assert position.quantity == Decimal(4)
    async with database.tenant(ann) as tenant:
        assert await load_ledger(tenant.paper) == (await tenant.paper.load_book()).ledger


async def test_a_new_process_finds_everything_as_it_was(
    database: Database, ann: UserId, market: ScriptedMarket
) -> None:
    first = connect(database, ann, market)
    for intent in (build_intent(), build_stop("990"), build_target("1020")):
        await first.place_order(replace(intent, user_id=ann))
    seen = (await first.fetch_balance(), await first.fetch_positions())

    second = connect(database, ann, market)

    assert (await second.fetch_balance(), await second.fetch_positions()) == seen
    assert len(await second.fetch_open_orders(BTC)) == 2


class OwnBooks:
    """A user's own books, kept from what the venue tells: the side that is reconciled."""

    def __init__(self) -> None:
        self.fills: dict[str, Fill] = {}
        self.payments: dict[str, FundingPayment] = {}
        self.position: Position | None = None
        self.net = ZERO

    async def sync(self, exchange: Exchange, *, since: datetime) -> None:
        for fill in await exchange.fetch_fills(BTC, since=since):
            if fill.trade_id not in self.fills:
                self.fills[fill.trade_id] = fill
                self._book(fill)
        for payment in await exchange.fetch_funding_payments(BTC, since=since):
            self.payments[payment.payment_id] = payment

    def _book(self, fill: Fill) -> None:
        is_open = self.position is not None and self.position.quantity > 0
        before = self.position.net_pnl if self.position and is_open else ZERO
        self.position = apply_fill(self.position, fill)
        self.net += self.position.net_pnl - before

    @property
    def equity(self) -> Decimal:
        return self.net - sum_money(payment.amount for payment in self.payments.values())


async def trade_a_bracket(exchange: Exchange, *, price: Decimal, now: datetime) -> None:
    """Long or short by turns of the day: 0.05 with a stop 0.5 % and a target 1 % away."""
    side = Side.BUY if now.hour < 12 else Side.SELL
    rules = build_instrument()
    stop = rules.round_stop_price(price * (200 - side.sign) / 200, side=side.opposite)
    target = rules.round_target_price(price * (100 + side.sign) / 100, side=side.opposite)
    for intent in (
        build_intent(side, "0.05", cycle_time=now),
        build_stop(f"{stop}", side=side.opposite, cycle_time=now),
        build_target(f"{target}", side=side.opposite, cycle_time=now),
    ):
        placement = await exchange.place_order(replace(intent, quantity=Decimal("0.05")))
        assert placement.outcome is Outcome.ACCEPTED, placement.reason


async def replay(market: RecordedMarket, cycles: int) -> tuple[OwnBooks, MemoryPaperStore]:
    """Trade whenever flat, every 30 minutes, each time in a new process."""
    book = deposit(PaperBook(user_id=ANN), Decimal(10_000), at=NOON).book
    store, books, first = MemoryPaperStore(book=book), OwnBooks(), market.first_as_of(60)
    for number in range(cycles):
        now = first + number * HALF_HOUR
        exchange = PaperExchange(store=store, market=market, clock=partial(_same, now))
        await books.sync(exchange, since=now - HALF_HOUR)
        if not await exchange.fetch_positions():
            assert await exchange.fetch_open_orders(BTC) == ()
            price = (await market.fetch_ticker(BTC, as_of=now)).last_price
            await trade_a_bracket(exchange, price=price, now=now)
        assert len(await exchange.fetch_open_orders(BTC)) == 2
        await books.sync(exchange, since=now)
    return books, store


def _same(now: datetime) -> datetime:
    return now


@pytest.mark.skipif(not RECORDING.exists(), reason=f"QUORUM_DATA has no {RECORDING.name}")
async def test_a_week_of_real_candles_reconciles_to_the_last_digit() -> None:
    market = RecordedMarket.open(RECORDING)
    books, store = await replay(market, 7 * 48)

    assert len(books.fills) == len(store.fills) > 20
    assert len(books.payments) == len(store.payments) > 10
    assert store.book.balance == 10_000 + books.equity
    # Nobody wins half as much as he risks in a week of stops and targets at random.
    assert 0 < store.book.balance < 10_500
    again, same_store = await replay(market, 7 * 48)
    assert (again.fills, same_store.book) == (books.fills, store.book)
