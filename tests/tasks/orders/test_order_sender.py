"""The order protocol: one intent, at most one order; a stop rests, or the position is closed."""

from datetime import timedelta

import pytest

from reports.texts.catalog import render
from tasks.orders.order_desk import open_desk
from tasks.recovery.reconciliation import Reconciled, reconcile_user
from tests.doubles.faults import Fault, Faults
from tests.order_path import act, reserve, take
from tests.stage import PAIR, Stage, require_protected_or_flat, require_same_books
from trading.council.decisions import Action
from trading.cycle import CycleOutcome
from trading.domain.alerts import AlertKind, Severity
from trading.domain.orders import IntentStatus, Leg, OrderStatus, OrderType
from trading.domain.units import CYCLE_INTERVAL
from trading.risk.results import DenialReason

LONG, CLOSE = Action.OPEN_LONG, Action.CLOSE


async def reconcile(stage: Stage, *, after: timedelta = timedelta(0)) -> Reconciled:
    stage.now += after
    with stage.in_use():
        return await reconcile_user(stage.user_id)


async def count_entries(stage: Stage) -> int:
    orders = await stage.list_paper_orders()
    return sum(not order.reduce_only for order in orders)


async def kinds(stage: Stage) -> set[AlertKind]:
    return {alert.kind for alert in await stage.list_alerts()}


async def test_an_entry_is_posted_once_and_protected(stage: Stage) -> None:
    path = await take(stage, LONG)
    assert path.execution is not None
    assert path.execution.outcome is CycleOutcome.ENTERED, path.execution.reason
    assert [call for call in stage.faults.calls if call.startswith("place")] == [
        "place_entry",
        "place_stop",
        "place_target",
    ]
    await require_protected_or_flat(stage)
    await require_same_books(stage)


async def test_an_entry_whose_position_the_venue_hides_is_protected_by_the_next_look(
    stage: Stage,
) -> None:
    path = await reserve(stage, LONG)
    stage.faults = Faults(on={"fetch_positions": Fault.FAIL}, hidden=True)
    path = await act(stage, path)
    assert path.execution is not None
    assert path.execution.outcome is CycleOutcome.ENTERED
    assert "The position could not be read: The line is down." in str(path.execution.reason)

    stage.faults = Faults()
    await reconcile(stage)

    assert await count_entries(stage) == 1
    assert await stage.load_position() is not None
    await require_protected_or_flat(stage)
    await require_same_books(stage)


async def test_the_books_remember_what_protects_a_position(stage: Stage) -> None:
    path = await take(stage, LONG)
    plan = path.decision.verdict.plan
    position = await stage.load_position()
    assert plan is not None
    assert position is not None
    assert (position.stop_price, position.target_price) == (plan.stop_price, plan.target_price)


async def test_who_enters_in_the_last_second_of_an_interval_keeps_the_plan_of_its_cycle(
    stage: Stage,
) -> None:
    path = await reserve(stage, LONG)
    stage.now += CYCLE_INTERVAL

    path = await act(stage, path)

    assert path.execution is not None
    assert path.execution.outcome is CycleOutcome.ENTERED, path.execution.reason
    plan = path.decision.verdict.plan
    position = await stage.load_position()
    assert plan is not None
    assert position is not None
    assert position.stop_price == plan.stop_price
    assert (await reconcile(stage, after=timedelta(minutes=5))).closed_unprotected == 0


async def test_the_next_position_is_protected_by_its_own_plan(stage: Stage) -> None:
    await take(stage, LONG)
    stage.now += CYCLE_INTERVAL
    await take(stage, CLOSE)
    stage.now += CYCLE_INTERVAL

    path = await take(stage, LONG)

    plan = path.decision.verdict.plan
    position = await stage.load_position()
    assert plan is not None
    assert position is not None
    assert position.stop_price == plan.stop_price


async def test_an_entry_that_is_booked_reserves_nothing_more(stage: Stage) -> None:
    await take(stage, LONG)
    async with stage.database.tenant(stage.user_id) as tenant:
        assert await tenant.intents.sum_reserved_notional() == 0
    legs = {record.intent.leg: record.status for record in await stage.list_open_intents()}
    assert legs == {Leg.STOP: IntentStatus.PLACED, Leg.TARGET: IntentStatus.PLACED}


async def test_a_lost_answer_is_looked_up_not_posted_again(stage: Stage) -> None:
    stage.faults.on["place_entry"] = Fault.LOSE_ANSWER
    path = await take(stage, LONG)
    assert path.execution is not None
    assert path.execution.outcome is CycleOutcome.ENTERED
    assert stage.faults.calls.count("place_entry") == 1
    await require_protected_or_flat(stage)


async def test_an_order_that_nobody_shows_stays_in_doubt(stage: Stage) -> None:
    stage.faults.on["place_entry"] = Fault.LOSE_REQUEST
    path = await take(stage, LONG)
    assert path.execution is not None
    assert path.execution.outcome is CycleOutcome.HELD
    assert stage.slept[-4:] == [1, 2, 4, 8]
    assert AlertKind.ORDER_IN_DOUBT in await kinds(stage)
    (entry,) = [r for r in await stage.list_open_intents() if r.intent.leg is Leg.ENTRY]
    assert entry.status is IntentStatus.UNKNOWN


async def test_nothing_is_entered_beside_an_order_in_doubt(stage: Stage) -> None:
    stage.faults.on["place_entry"] = Fault.LOSE_REQUEST
    await take(stage, LONG)
    stage.now += CYCLE_INTERVAL
    path = await take(stage, LONG)
    assert DenialReason.ORDER_IN_DOUBT in {d.code for d in path.decision.verdict.denials}
    assert stage.faults.calls.count("place_entry") == 1


async def test_an_order_never_seen_is_given_up_after_the_horizon(stage: Stage) -> None:
    stage.faults.on["place_entry"] = Fault.LOSE_REQUEST
    await take(stage, LONG)
    still = await reconcile(stage, after=timedelta(hours=23))
    given_up = await reconcile(stage, after=timedelta(hours=2))
    assert (still.in_doubt, given_up.settled) == (1, 1)
    assert await stage.list_open_intents() == ()
    assert await stage.list_paper_orders() == ()
    assert AlertKind.ORDER_RESOLVED in await kinds(stage)


async def test_an_entry_found_late_is_adopted_and_protected(stage: Stage) -> None:
    stage.faults.on["place_entry"] = Fault.LOSE_ANSWER
    stage.faults.hidden = True
    path = await take(stage, LONG)
    assert path.execution is not None
    # Neither order nor fills are shown, but the venue's position is: it is protected at once.
    assert path.execution.outcome is CycleOutcome.ENTERED
    await require_protected_or_flat(stage)
    stage.faults.hidden = False
    found = await reconcile(stage, after=timedelta(minutes=2))
    assert found.settled == 1
    assert await count_entries(stage) == 1
    await require_protected_or_flat(stage)
    await require_same_books(stage)


async def test_a_refused_entry_takes_its_plans_with_it(stage: Stage) -> None:
    stage.faults.on["place_entry"] = Fault.REJECT
    path = await take(stage, LONG)
    assert path.execution is not None
    assert path.execution.outcome is CycleOutcome.HELD
    assert [order.status for order in path.execution.orders] == [OrderStatus.REJECTED]
    assert await stage.list_open_intents() == ()


async def test_leverage_that_can_not_be_set_sends_nothing(stage: Stage) -> None:
    stage.faults.on["set_leverage"] = Fault.FAIL
    path = await take(stage, LONG)
    assert path.execution is not None
    assert "leverage" in render(path.execution.reason)
    assert await stage.list_open_intents() == ()
    assert await stage.list_paper_orders() == ()


@pytest.mark.parametrize("fault", [Fault.REJECT, Fault.LOSE_REQUEST, Fault.LOSE_ANSWER])
async def test_a_position_without_a_proven_stop_is_closed_at_once(
    stage: Stage, fault: Fault
) -> None:
    stage.faults.on["place_stop"] = fault
    stage.faults.hidden = fault is Fault.LOSE_ANSWER
    path = await take(stage, LONG)
    stage.faults = Faults()
    await reconcile(stage, after=timedelta(minutes=2))
    assert path.execution is not None
    assert path.execution.outcome in {CycleOutcome.EXITED, CycleOutcome.HELD}
    await require_protected_or_flat(stage)
    await require_same_books(stage)


async def test_a_stop_that_is_refused_alarms_its_user(stage: Stage) -> None:
    stage.faults.on["place_stop"] = Fault.REJECT
    path = await take(stage, LONG)
    assert path.execution is not None
    assert path.execution.outcome is CycleOutcome.EXITED
    assert await stage.load_position() is None
    (alert,) = [a for a in await stage.list_alerts() if a.kind is AlertKind.PROTECTION_FAILED]
    assert alert.severity is Severity.CRITICAL
    assert "closed at once" in render(alert.text)


async def test_a_target_that_is_refused_is_only_a_warning(stage: Stage) -> None:
    stage.faults.on["place_target"] = Fault.REJECT
    path = await take(stage, LONG)
    assert path.execution is not None
    assert path.execution.outcome is CycleOutcome.ENTERED
    assert len(path.execution.warnings) == 1
    await require_protected_or_flat(stage)


async def test_an_exit_leaves_nothing_resting(stage: Stage) -> None:
    await take(stage, LONG)
    stage.now += CYCLE_INTERVAL
    path = await take(stage, CLOSE)
    assert path.execution is not None
    assert path.execution.outcome is CycleOutcome.EXITED
    assert await stage.paper().fetch_open_orders(PAIR) == ()
    assert await stage.list_open_intents() == ()
    await require_same_books(stage)


async def test_a_stop_that_vanished_is_placed_again(stage: Stage) -> None:
    await take(stage, LONG)
    (stop,) = [
        order
        for order in await stage.paper().fetch_open_orders(PAIR)
        if order.order_type is OrderType.STOP_MARKET
    ]
    assert stop.client_order_id is not None
    await stage.paper().cancel_order(PAIR, stop.client_order_id)
    await reconcile(stage, after=timedelta(minutes=2))
    await require_protected_or_flat(stage)
    assert await stage.load_position() is not None


async def test_a_second_run_of_the_same_send_posts_nothing(stage: Stage) -> None:
    path = await take(stage, LONG)
    async with open_desk(stage.connect(), await stage.load_config()) as desk:
        again = await desk.sender.send(path.decision.intents[0])
    assert again.is_placed
    assert await count_entries(stage) == 1
