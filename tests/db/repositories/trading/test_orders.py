"""Orders, fills, funding and positions: booked once, never back in time, to the last digit."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from db.session import Database, Tenant
from tests.database import MakeUser
from tests.db.values import (
    BTC,
    ETH,
    close_position,
    make_fill,
    make_intent,
    make_order,
    make_payment,
    make_position,
)
from trading.domain.errors import PermanentError
from trading.domain.orders import Order, OrderStatus
from trading.portfolio.valuation import Ledger, sum_ledger

HOUR = timedelta(hours=1)


def list_open(orders: Iterable[Order]) -> tuple[Order, ...]:
    return tuple(order for order in orders if not order.status.is_final)


async def test_an_order_follows_its_news(tenant: Tenant, now: datetime) -> None:
    intent = make_intent(tenant.user_id, now)
    filled = make_order(intent, now, OrderStatus.FILLED)
    for order in (make_order(intent, now, OrderStatus.ACCEPTED), filled):
        await tenant.orders.save_order(order)
        assert await tenant.orders.load_order(intent.client_order_id) == order
    assert await tenant.orders.list_orders(BTC, limit=9) == (filled,)
    assert list_open(await tenant.orders.list_orders(BTC, limit=9)) == ()


@pytest.mark.parametrize("late", [OrderStatus.ACCEPTED, OrderStatus.UNKNOWN])
async def test_late_news_opens_no_final_order(
    tenant: Tenant, now: datetime, late: OrderStatus
) -> None:
    intent = make_intent(tenant.user_id, now)
    filled = make_order(intent, now, OrderStatus.FILLED)
    await tenant.orders.save_order(filled)
    await tenant.orders.save_order(make_order(intent, now, late))
    assert await tenant.orders.load_order(intent.client_order_id) == filled


async def test_a_filled_quantity_never_shrinks(tenant: Tenant, now: datetime) -> None:
    accepted = make_order(make_intent(tenant.user_id, now), now, OrderStatus.ACCEPTED)
    half = replace(
        accepted,
        status=OrderStatus.PARTIALLY_FILLED,
        filled_quantity=Decimal("0.005"),
        average_fill_price=Decimal(60000),
    )
    await tenant.orders.save_order(half)
    await tenant.orders.save_order(accepted)
    assert list_open(await tenant.orders.list_orders(BTC, limit=9)) == (half,)


async def test_orders_that_are_not_ours_go_by_the_venues_name(
    tenant: Tenant, now: datetime
) -> None:
    accepted = make_order(make_intent(tenant.user_id, now), now, OrderStatus.ACCEPTED)
    by_hand = replace(accepted, client_order_id=None, venue_order_id="by-hand")
    canceled = replace(by_hand, status=OrderStatus.CANCELED)
    for order in (by_hand, accepted, canceled):
        await tenant.orders.save_order(order)
    assert set(await tenant.orders.list_orders(BTC, limit=9)) == {accepted, canceled}
    assert await tenant.orders.list_orders(ETH, limit=9) == ()


async def test_orders_are_listed_newest_first(tenant: Tenant, now: datetime) -> None:
    first, second, third = (
        replace(
            make_order(
                replace(make_intent(tenant.user_id, now), attempt=n), now, OrderStatus.ACCEPTED
            ),
            created_at=now + n * HOUR,
        )
        for n in range(3)
    )
    for order in (second, first, third):
        await tenant.orders.save_order(order)
    assert await tenant.orders.list_orders(BTC, limit=2) == (third, second)
    assert list_open(await tenant.orders.list_orders(BTC, limit=9)) == (third, second, first)


async def test_a_fill_is_booked_once(tenant: Tenant, now: datetime) -> None:
    first, second, third = (make_fill(now + n * HOUR, f"t-{n}") for n in range(3))
    assert await tenant.trades.last_fill_at(BTC) is None
    assert await tenant.trades.add_fills([]) == ()
    assert await tenant.trades.add_fills([second, first, first]) == (second, first)
    assert await tenant.trades.add_fills([first, second, third]) == (third,)
    assert await tenant.trades.list_fills(BTC, limit=2) == (third, second)
    assert await tenant.trades.last_fill_at(BTC) == third.filled_at
    assert await tenant.trades.last_fill_at(ETH) is None


async def test_two_users_may_share_a_trade(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    for name in ("ann", "bob"):
        async with database.tenant(await make_user(name)) as tenant:
            assert await tenant.trades.add_fills([make_fill(now)]) == (make_fill(now),)


async def test_funding_is_booked_once(tenant: Tenant, now: datetime) -> None:
    first, second = (make_payment(now + n * HOUR, f"f-{n}") for n in range(2))
    elsewhere = replace(first, pair=ETH, amount=Decimal("-0.5"))
    assert await tenant.funding.last_payment_at(BTC) is None
    assert await tenant.funding.add_payments([]) == ()
    assert await tenant.funding.add_payments([first]) == (first,)
    assert await tenant.funding.add_payments([second, first, elsewhere]) == (second, elsewhere)
    assert await tenant.funding.list_payments(BTC) == (first, second)
    assert await tenant.funding.list_payments(BTC, since=second.paid_at) == (second,)
    assert await tenant.funding.last_payment_at(BTC) == second.paid_at


async def test_a_position_lives_from_its_first_fill_to_flat(tenant: Tenant, now: datetime) -> None:
    opened = make_position(now)
    grown = replace(opened, quantity=Decimal("0.02"), fees=Decimal("0.48"))
    closed = close_position(grown, now + HOUR)
    assert await tenant.positions.load_open_position(BTC) is None
    for position in (opened, grown, grown):
        await tenant.positions.save_position(position)
        assert await tenant.positions.load_open_position(BTC) == position
    assert await tenant.positions.list_open_positions() == (grown,)
    for _ in range(2):  # saving it twice is saving it once
        await tenant.positions.save_position(closed)
        assert await tenant.positions.load_open_position(BTC) is None
        assert await tenant.positions.list_closed_positions(BTC) == (closed,)


async def test_what_opened_and_closed_between_two_looks_is_kept_too(
    tenant: Tenant, now: datetime
) -> None:
    lives = [close_position(make_position(now + n * HOUR), now + (n + 1) * HOUR) for n in range(3)]
    for position in lives:
        await tenant.positions.save_position(position)
    newest_first = tuple(reversed(lives))
    assert await tenant.positions.list_closed_positions(BTC) == newest_first
    assert await tenant.positions.list_closed_positions(BTC, limit=1) == newest_first[:1]
    since = lives[1].closed_at
    assert await tenant.positions.list_closed_positions(BTC, since=since) == newest_first[:2]
    assert await tenant.positions.list_closed_positions(ETH, BTC, limit=3) == newest_first
    assert await tenant.positions.list_closed_positions(ETH) == ()


async def test_closed_positions_are_added_up_from_the_moment_asked_for(
    tenant: Tenant, now: datetime
) -> None:
    lives = [close_position(make_position(now + n * HOUR), now + (n + 1) * HOUR) for n in range(3)]
    assert await tenant.positions.sum_closed_positions(BTC, since=now) == Ledger()
    for position in lives:
        await tenant.positions.save_position(position)
    for since, wanted in ((now, lives), (now + 2 * HOUR, lives[1:]), (now + 4 * HOUR, [])):
        summed = await tenant.positions.sum_closed_positions(BTC, since=since)
        assert summed == sum_ledger(wanted)


async def test_a_second_open_position_of_a_pair_is_an_error(tenant: Tenant, now: datetime) -> None:
    await tenant.positions.save_position(make_position(now))
    with pytest.raises(PermanentError, match="still open"):
        await tenant.positions.save_position(make_position(now + HOUR))
    other = replace(make_position(now), pair=ETH)
    await tenant.positions.save_position(other)
    assert len(await tenant.positions.list_open_positions()) == 2


async def test_the_watch_sees_everybodys_open_positions(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    users = [await make_user(name) for name in ("ann", "bob", "cyd")]
    for user_id in users[:2]:
        async with database.tenant(user_id) as tenant:
            await tenant.positions.save_position(make_position(now))
    async with database.operator() as operator:
        assert await operator.positions.list_all_open_positions() == tuple(
            (user_id, make_position(now)) for user_id in users[:2]
        )


@pytest.mark.parametrize(
    "number",
    [
        *("0", "0E-8", "1E-30", "1E+20", "0.1", "1.10", "-0.00000001"),
        str(Decimal(1) / Decimal(7)),
        "123456789012345678901234567890.123456789012345678901234567890",
    ],
)
async def test_no_digit_of_money_is_lost(tenant: Tenant, now: datetime, number: str) -> None:
    position = replace(make_position(now), realized_pnl=Decimal(number))
    await tenant.positions.save_position(position)
    assert await tenant.positions.load_open_position(BTC) == position
