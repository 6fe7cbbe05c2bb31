"""kill -9 anywhere on the order path: no intent is lost, none becomes two orders.

The path is walked once to count its calls to the venue and its transactions; then the process dies
after each of them (which is before the next), another one starts and reconciles.
"""

from datetime import timedelta

import pytest

from tasks.recovery.reconciliation import reconcile_user
from tests.database import MakeUser
from tests.doubles.faults import Crash, CrashingDatabase, Fault, Faults
from tests.order_path import take
from tests.stage import Stage, require_protected_or_flat, require_same_books
from trading.council.decisions import Action
from trading.domain.orders import IntentStatus, Leg
from trading.domain.units import CYCLE_INTERVAL

GRACE = timedelta(minutes=3)
"""Longer than any lease."""
HORIZON = timedelta(hours=25)
"""Whether an order was posted before the crash is proven by then: the venue never showed it."""


async def new_trader(stage: Stage, make_user: MakeUser) -> Stage:
    """The same stage for another user, whose transactions can fail."""
    user_id = await make_user("crash")
    other = Stage(database=stage.database, user_id=user_id, now=stage.now, market=stage.market)
    await other.add_pair(user_id)
    return other


async def walk(stage: Stage, action: Action, *, faults: Faults) -> None:
    database = stage.database
    stage.faults = faults
    stage.database = CrashingDatabase(database, faults)
    try:
        await take(stage, action)
    finally:
        stage.database = database
        stage.faults = Faults()


async def restart(stage: Stage) -> None:
    """Another process finds what is open, after the lease; what is in doubt, at the horizon."""
    await reconcile(stage, after=GRACE)
    await require_protected_or_flat(stage)
    if any(r.status is IntentStatus.UNKNOWN for r in await stage.list_open_intents()):
        await reconcile(stage, after=HORIZON)


async def reconcile(stage: Stage, *, after: timedelta) -> None:
    stage.now += after
    with stage.in_use():
        await reconcile_user(stage.user_id)


async def require_sound(stage: Stage) -> None:
    """One order at most for the entry, books as the venue's, nothing open that should not be."""
    orders = await stage.list_paper_orders()
    assert sum(not order.reduce_only for order in orders) <= 1
    await require_protected_or_flat(stage)
    await require_same_books(stage)
    held = await stage.load_position()
    left = {(r.intent.leg, r.status) for r in await stage.list_open_intents()}
    stop, target = (Leg.STOP, IntentStatus.PLACED), (Leg.TARGET, IntentStatus.PLACED)
    assert left <= {stop, target}
    assert (stop in left) == (held is not None)


@pytest.mark.slow
async def test_a_crash_anywhere_while_entering(stage: Stage, make_user: MakeUser) -> None:
    counted = Faults()
    await walk(await new_trader(stage, make_user), Action.OPEN_LONG, faults=counted)
    assert {"place_entry", "place_stop", "place_target"} <= set(counted.calls)
    for number, name in enumerate(counted.calls):
        trader = await new_trader(stage, make_user)
        with pytest.raises(Crash):
            await walk(trader, Action.OPEN_LONG, faults=Faults(at={number: Fault.CRASH_AFTER}))
        await restart(trader)
        try:
            await require_sound(trader)
        except AssertionError as error:
            raise AssertionError(f"crash after call {number}, {name}") from error


@pytest.mark.slow
async def test_a_crash_anywhere_while_leaving(stage: Stage, make_user: MakeUser) -> None:
    leaver = await new_trader(stage, make_user)
    await take(leaver, Action.OPEN_LONG)
    leaver.now += CYCLE_INTERVAL
    counted = Faults()
    await walk(leaver, Action.CLOSE, faults=counted)
    assert "place_exit" in counted.calls
    for number, name in enumerate(counted.calls):
        trader = await new_trader(stage, make_user)
        await take(trader, Action.OPEN_LONG)
        trader.now += CYCLE_INTERVAL
        with pytest.raises(Crash):
            await walk(trader, Action.CLOSE, faults=Faults(at={number: Fault.CRASH_AFTER}))
        await restart(trader)
        try:
            await require_sound(trader)
        except AssertionError as error:
            raise AssertionError(f"crash after call {number}, {name}") from error
