"""The flows beside the cycle: reconcile, close, watch. One user's trouble stays that user's."""

import os
from datetime import timedelta

import pytest

from flows.close_positions import close_positions
from flows.reconcile import reconcile
from flows.trading_cycle import trading_cycle
from flows.watchdog import watchdog
from tasks.runtime.caching import RESULTS
from tests.database import MakeUser
from tests.doubles.council import council
from tests.doubles.faults import Fault, Faults
from tests.order_path import take
from tests.owed import list_owed
from tests.stage import PAIR, Stage, require_protected_or_flat, require_same_books
from trading.council.decisions import Action
from trading.cycle import CycleKey, CycleOutcome
from trading.domain.alerts import AlertKind
from trading.domain.errors import TransientError
from trading.domain.orders import OrderType
from trading.domain.units import CYCLE_INTERVAL, Mode, VenueName

pytestmark = pytest.mark.usefixtures("prefect_api")


async def add_other(stage: Stage, make_user: MakeUser) -> Stage:
    """Another user on the same market."""
    user_id = await make_user("other")
    other = Stage(database=stage.database, user_id=user_id, now=stage.now, market=stage.market)
    await other.add_pair(user_id)
    return other


async def run_reconcile(stage: Stage) -> str:
    with stage.in_use():
        state = await reconcile(return_state=True)
    assert state.is_completed(), state.message
    return state.message or ""


async def count_operator_alerts(stage: Stage, kind: AlertKind) -> int:
    found = await list_owed(stage.database)
    return sum(alert.kind is kind and alert.user_id is None for alert in found)


async def test_a_cycle_whose_process_is_gone_is_interrupted(stage: Stage) -> None:
    key = CycleKey(user_id=stage.user_id, pair=PAIR, cycle_time=stage.now)
    async with stage.database.tenant(stage.user_id) as tenant:
        await tenant.cycles.claim_cycle(key, mode=Mode.PAPER, venue=VenueName.PAPER, now=stage.now)
    stage.now += timedelta(minutes=5)
    assert "interrupted cycles 0" in await run_reconcile(stage)
    stage.now += timedelta(minutes=20)
    assert "interrupted cycles 1" in await run_reconcile(stage)
    assert (await stage.load_record()).outcome is CycleOutcome.INTERRUPTED
    assert AlertKind.CYCLE_FAILED in {alert.kind for alert in await stage.list_alerts()}


async def test_a_bare_position_found_after_a_crash_is_protected(stage: Stage) -> None:
    stage.models = council(Action.OPEN_LONG, Action.OPEN_LONG)
    stage.faults.on["place_stop"] = Fault.CRASH_BEFORE
    with stage.in_use():
        state = await trading_cycle(stage.user_id, str(PAIR), stage.now, return_state=True)
    assert state.is_failed()
    stage.faults = Faults()
    stage.now += timedelta(minutes=3)
    await run_reconcile(stage)
    await require_protected_or_flat(stage)
    await require_same_books(stage)


async def test_a_cycle_that_breaks_leaves_no_position_bare_until_the_schedule_comes(
    stage: Stage, make_user: MakeUser
) -> None:
    other = await add_other(stage, make_user)
    for one in (stage, other):
        one.models = council(Action.OPEN_LONG, Action.OPEN_LONG)
    with stage.in_use():
        await trading_cycle(stage.user_id, str(PAIR), stage.now, return_state=True)
    stop = stage.faults.calls.index("place_stop")
    other.faults.at[stop] = Fault.CRASH_BEFORE
    other.is_running = True

    with other.in_use():
        state = await trading_cycle(other.user_id, str(PAIR), other.now, return_state=True)

    assert state.is_failed()
    assert await other.load_position() is not None
    await require_protected_or_flat(other)
    assert (await other.load_record()).outcome is CycleOutcome.FAILED


async def test_one_user_s_venue_that_is_down_stops_nobody_else(
    stage: Stage, make_user: MakeUser
) -> None:
    other = await add_other(stage, make_user)
    for one in (stage, other):
        one.faults.on["place_target"] = Fault.REJECT
        await take(one, Action.OPEN_LONG)
        one.faults = Faults()
    stage.broken_for = stage.user_id
    message = await run_reconcile(stage)
    assert "users 1, failed 1" in message
    resting = await other.paper().fetch_open_orders(PAIR)
    assert OrderType.TAKE_PROFIT_MARKET in {order.order_type for order in resting}
    assert await count_operator_alerts(stage, AlertKind.SYSTEM) == 1


async def test_closing_works_with_every_model_down_and_leaves_nothing(stage: Stage) -> None:
    await take(stage, Action.OPEN_LONG)
    stage.models = council(Action.HOLD)
    stage.models[0].fail_with = TransientError("down")
    stage.now += timedelta(minutes=7)
    with stage.in_use():
        state = await close_positions(stage.user_id, str(PAIR), return_state=True)
    assert state.is_completed(), state.message
    assert await stage.load_position() is None
    assert await stage.paper().fetch_open_orders(PAIR) == ()
    assert await stage.list_open_intents() == ()
    await require_same_books(stage)


async def test_closing_twice_is_closing_once(stage: Stage) -> None:
    await take(stage, Action.OPEN_LONG)
    stage.now += timedelta(minutes=7)
    for _ in range(2):
        with stage.in_use():
            state = await close_positions(stage.user_id, return_state=True)
        assert state.is_completed(), state.message
    exits = [o for o in await stage.list_paper_orders() if o.order_type is OrderType.MARKET]
    assert len(exits) == 2  # the entry and one exit


async def test_a_close_that_is_refused_says_so(stage: Stage) -> None:
    await take(stage, Action.OPEN_LONG)
    stage.now += timedelta(minutes=7)
    stage.faults.on["place_exit"] = Fault.REJECT
    with stage.in_use():
        state = await close_positions(stage.user_id, str(PAIR), return_state=True)
    assert state.is_failed()
    assert "The venue says no." in (state.message or "")
    await require_protected_or_flat(stage)


async def run_watchdog(stage: Stage) -> str:
    with stage.in_use():
        state = await watchdog(return_state=True)
    assert state.is_completed(), state.message
    return state.message or ""


async def test_the_watchdog_is_silent_while_all_is_well(stage: Stage) -> None:
    with stage.in_use():
        await trading_cycle(stage.user_id, str(PAIR), stage.now)
    assert (await run_watchdog(stage)).startswith("0 troubles")


async def test_the_watchdog_tells_once_an_hour_of_pairs_without_cycles(stage: Stage) -> None:
    stage.now += 3 * CYCLE_INTERVAL
    assert (await run_watchdog(stage)).startswith("1 troubles, 1 told")
    stage.now += timedelta(minutes=5)
    assert (await run_watchdog(stage)).startswith("1 troubles, 0 told")
    assert await count_operator_alerts(stage, AlertKind.CYCLE_MISSED) == 1


async def test_the_watchdog_sees_orders_in_doubt_and_late_messages(stage: Stage) -> None:
    stage.faults.on["place_entry"] = Fault.LOSE_REQUEST
    await take(stage, Action.OPEN_LONG)
    stage.now += timedelta(minutes=40)
    await run_watchdog(stage)
    assert await count_operator_alerts(stage, AlertKind.ORDER_IN_DOUBT) == 1
    assert await count_operator_alerts(stage, AlertKind.SYSTEM) == 1


async def test_old_results_are_removed_and_new_ones_kept(stage: Stage) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    now = stage.now.timestamp()
    old, new = RESULTS / "watchdog-test-old", RESULTS / "watchdog-test-new"
    for path, age_hours in ((old, 7), (new, 1)):
        path.write_text("{}")
        os.utime(path, (now - age_hours * 3600, now - age_hours * 3600))
    await run_watchdog(stage)
    assert (old.exists(), new.exists()) == (False, True)
    new.unlink()
