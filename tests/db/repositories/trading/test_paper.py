"""The paper venue's books in PostgreSQL: what is saved comes back, once, to its owner only."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from db.paper_store import TenantPaperStore
from db.session import Database
from tests.database import MakeUser, TestDatabase
from tests.db.reads import load_ledger
from tests.doubles.market import build_candles
from tests.doubles.paper import (
    BTC,
    ETH,
    MILLION,
    NOON,
    build_instrument,
    build_intent,
    build_market,
    build_stop,
    build_target,
    place_all,
)
from trading.domain.errors import BadInput, PermanentError
from trading.domain.orders import Leg, OrderIntent, OrderStatus
from trading.domain.units import ZERO, ClientOrderId, Side, UserId
from trading.simulation.account import PaperBook, PaperLedger, PaperStep
from trading.simulation.clock import MarketTape, advance
from trading.simulation.exchange import set_leverage


async def open_store(
    database: Database, user_id: UserId, *, amount: str = "10000"
) -> TenantPaperStore:
    async with database.tenant(user_id) as tenant:
        await tenant.paper.deposit(Decimal(amount), now=NOON)
    return TenantPaperStore(database, user_id=user_id)


async def place_and_save(store: TenantPaperStore, *intents: OrderIntent) -> PaperStep:
    book = await store.load_book()
    owned = [replace(intent, user_id=book.user_id) for intent in intents]
    step = place_all(book, *owned)
    assert await store.save_step(step)
    return step


def stored(book: PaperBook) -> PaperBook:
    """The book as it is once its step is saved."""
    return replace(book, version=book.version + 1)


async def test_a_user_without_an_account_has_an_empty_book(
    database: Database, make_user: MakeUser
) -> None:
    user_id = await make_user()
    store = TenantPaperStore(database, user_id=user_id)
    assert await store.load_book() == PaperBook(user_id=user_id)
    async with database.tenant(user_id) as tenant:
        assert await load_ledger(tenant.paper) == PaperLedger()


async def test_the_book_comes_back_as_it_was_saved(
    database: Database, make_user: MakeUser
) -> None:
    store = await open_store(database, await make_user())
    book = await store.load_book()
    geared = set_leverage(book, Decimal(3), instrument=build_instrument(), at=NOON)
    assert await store.save_step(PaperStep(book=geared))

    step = await place_and_save(
        store,
        build_intent(quantity="1"),
        # An average of three fills has more digits than any price.
        build_intent(quantity="0.007", attempt=1),
        *(build_stop(f"{990 - n}", attempt=n) for n in range(9)),
        build_target("1020"),
    )

    loaded = await store.load_book()
    assert loaded == stored(step.book)
    assert [order.trigger_price for order in loaded.pairs[0].orders] == [
        *(Decimal(990 - n) for n in range(9)),
        Decimal(1020),
    ]


async def test_a_book_of_several_pairs_comes_back_with_the_flat_ones(
    database: Database, make_user: MakeUser
) -> None:
    user_id = await make_user()
    store = await open_store(database, user_id)
    await place_and_save(store, build_intent(), build_stop("990"))
    await place_and_save(store, build_intent(Side.SELL, leg=Leg.EXIT))
    ether = build_market(instrument=build_instrument(pair=ETH))
    intent = build_intent(Side.SELL, pair=ETH, user_id=user_id)
    step = place_all(await store.load_book(), intent, market=ether)
    assert await store.save_step(step)
    loaded = await store.load_book()
    assert loaded == stored(step.book)
    assert [entry.position is None for entry in loaded.pairs] == [True, False]


async def test_orders_fills_and_payments_are_found_again(
    database: Database, make_user: MakeUser
) -> None:
    store = await open_store(database, await make_user())
    placed = await place_and_save(store, build_intent(), build_stop("990"), build_target("1020"))
    rules = build_instrument()
    four_hours = build_candles([1000] * 49, start=NOON, volume=MILLION)
    fall = build_candles([1000, 980], start=NOON + timedelta(hours=4), volume=MILLION)
    tape = MarketTape(
        instrument=rules, candles=(*four_hours, *fall), now=NOON + timedelta(hours=5)
    )
    step = advance(await store.load_book(), tape=tape)
    assert await store.save_step(step)

    fills = (*placed.fills, *step.fills)
    assert await store.list_fills(BTC, since=NOON) == tuple(one.fill for one in fills)
    assert await store.list_fills(BTC, since=step.fills[0].fill.filled_at) == (step.fills[0].fill,)
    assert await store.list_payments(BTC, since=NOON) == step.payments
    stop, target = step.orders
    assert (stop.status, target.status) == (OrderStatus.FILLED, OrderStatus.EXPIRED)
    for order in (stop, target):
        assert order.client_order_id is not None
        assert await store.find_order(order.client_order_id) == order
    assert await store.find_order(ClientOrderId("q0")) is None
    async with database.tenant((await store.load_book()).user_id) as tenant:
        newest = await tenant.paper.list_orders(BTC, limit=2)
        assert newest == (target, stop)


async def test_a_step_from_an_old_book_changes_nothing(
    database: Database, make_user: MakeUser
) -> None:
    user_id = await make_user()
    store = await open_store(database, user_id)
    old = await store.load_book()
    await place_and_save(store, build_intent())
    before = await store.load_book()

    late = place_all(old, build_intent(attempt=1, user_id=user_id))

    assert not await store.save_step(late)
    assert await store.load_book() == before
    assert len(await store.list_fills(BTC, since=NOON)) == 1


async def test_of_two_first_deposits_at_once_both_are_there(
    database: Database, make_user: MakeUser
) -> None:
    user_id = await make_user()
    await asyncio.gather(*(open_store(database, user_id, amount="100") for _ in range(5)))
    book = await TenantPaperStore(database, user_id=user_id).load_book()
    assert book.balance == Decimal(500)


async def test_a_withdrawal_beyond_the_free_balance_changes_nothing(
    database: Database, make_user: MakeUser
) -> None:
    user_id = await make_user()
    store = await open_store(database, user_id, amount="2000")
    await place_and_save(store, build_intent())
    with pytest.raises(BadInput):
        async with database.tenant(user_id) as tenant:
            await tenant.paper.withdraw(Decimal(1500), now=NOON)
    async with database.tenant(user_id) as tenant:
        await tenant.paper.withdraw(Decimal(500), now=NOON)
    assert (await store.load_book()).ledger.withdrawals == Decimal(500)


async def test_the_ledger_counted_from_its_rows_equals_the_account(
    database: Database, make_user: MakeUser, database_run: TestDatabase
) -> None:
    user_id = await make_user()
    store = await open_store(database, user_id)
    await place_and_save(store, build_intent(), build_intent(attempt=1, quantity="0.007"))
    await place_and_save(store, build_intent(Side.SELL, leg=Leg.EXIT, quantity="0.333"))
    tape = MarketTape(
        instrument=build_instrument(),
        candles=build_candles([1000] * 60, start=NOON, volume=MILLION),
        now=NOON + timedelta(hours=5),
    )
    assert await store.save_step(advance(await store.load_book(), tape=tape))
    async with database.tenant(user_id) as tenant:
        await tenant.paper.withdraw(Decimal("12.5"), now=NOON)
        counted = await load_ledger(tenant.paper)
    book = await store.load_book()
    assert counted == book.ledger
    assert counted.funding > ZERO
    with database_run.connect() as owner:
        rows = owner.execute("SELECT balance, difference FROM paper_ledger").fetchall()
    assert rows == [(book.balance, ZERO)]


async def test_the_database_refuses_a_balance_that_does_not_add_up(
    database: Database, make_user: MakeUser
) -> None:
    user_id = await make_user()
    store = await open_store(database, user_id)
    book = await store.load_book()
    poor = PaperBook(
        user_id=user_id, ledger=replace(book.ledger, fees=Decimal(10001)), version=book.version
    )
    with pytest.raises(PermanentError, match="balance_not_negative"):
        await store.save_step(PaperStep(book=poor))


async def test_the_database_refuses_a_name_that_was_used_before(
    database: Database, make_user: MakeUser
) -> None:
    store = await open_store(database, await make_user())
    await place_and_save(store, build_intent())
    with pytest.raises(PermanentError, match="client_order_id"):
        await place_and_save(store, build_intent())
    assert len(await store.list_fills(BTC, since=NOON)) == 1


async def test_nobody_sees_or_moves_another_s_money(
    database: Database, make_user: MakeUser
) -> None:
    ann, bob = await make_user("ann"), await make_user("bob")
    store = await open_store(database, ann)
    await place_and_save(store, build_intent(), build_stop("990"))
    book, stop = await store.load_book(), replace(build_stop("990"), user_id=ann)

    foreign = TenantPaperStore(database, user_id=bob)

    assert await foreign.load_book() == PaperBook(user_id=bob)
    assert await foreign.list_fills(BTC, since=NOON) == ()
    assert await foreign.list_payments(BTC, since=NOON) == ()
    assert await foreign.find_order(stop.client_order_id) is None
    # A book of ann's, saved as bob: bob has no such version.
    assert not await foreign.save_step(PaperStep(book=replace(book, ledger=PaperLedger())))
    assert await store.load_book() == book


async def test_what_happened_can_neither_be_changed_nor_removed(
    database: Database, make_user: MakeUser, database_run: TestDatabase
) -> None:
    with database_run.connect() as owner:
        rows = owner.execute(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
            "WHERE grantee = 'quorum_app' AND table_name IN "
            "('paper_fills', 'paper_funding', 'paper_transfers') ORDER BY 1, 2"
        ).fetchall()
    assert {right for _, right in rows} == {"INSERT", "SELECT"}
    assert {name for name, _ in rows} == {"paper_fills", "paper_funding", "paper_transfers"}
