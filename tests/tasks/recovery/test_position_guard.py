"""The guard: what a killed or stopped worker left without a stop is protected within seconds."""

from dataclasses import replace
from datetime import timedelta

import pytest

from blocks.venues.paper.exchange import PaperExchange
from tasks.orders.order_desk import open_desk
from tasks.orders.protection import EXITS, SENDER_PATIENCE
from tasks.recovery.position_guard import LATE_AFTER, find_late_users, guard_once
from tasks.recovery.reconciliation import reconcile_user
from tests.doubles.faults import Crash, CrashingDatabase, Fault, Faults
from tests.order_path import act, reserve, take
from tests.stage import PAIR, Stage, require_protected_or_flat, require_same_books
from trading.council.decisions import Action
from trading.domain.accounts import PairConfig
from trading.domain.orders import IntentStatus, Leg, OrderType
from trading.domain.units import CYCLE_INTERVAL, UserId
from trading.risk.results import DenialReason

LONG = Action.OPEN_LONG
LATE = LATE_AFTER + timedelta(seconds=0.5)


async def die_at(stage: Stage, call: str, *, fault: Fault) -> None:
    """Enter a long in a process that is killed around one of its calls to the venue."""
    database = stage.database
    stage.faults = Faults(on={call: fault})
    stage.database = CrashingDatabase(database, stage.faults)
    with pytest.raises(Crash):
        await take(stage, LONG)
    stage.database, stage.faults = database, Faults()


async def guard(stage: Stage, *, after: timedelta) -> tuple[UserId, ...]:
    stage.now += after
    with stage.in_use() as services:
        return await guard_once(services)


async def list_stops(stage: Stage) -> list[str | None]:
    return [
        order.client_order_id
        for order in await stage.paper().fetch_open_orders(PAIR)
        if order.order_type is OrderType.STOP_MARKET
    ]


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        ("place_entry", Fault.CRASH_AFTER),
        ("place_stop", Fault.CRASH_BEFORE),
        ("place_stop", Fault.CRASH_AFTER),
    ],
)
async def test_a_position_whose_worker_died_is_protected_by_another_one_within_seconds(
    stage: Stage, call: str, fault: Fault
) -> None:
    await die_at(stage, call, fault=fault)

    late = await guard(stage, after=LATE)

    assert late == (stage.user_id,)
    assert await stage.load_position() is not None
    await require_protected_or_flat(stage)
    await require_same_books(stage)
    assert await guard(stage, after=timedelta(seconds=20)) == ()


async def test_an_entry_in_doubt_whose_worker_died_before_it_saw_the_fills_is_protected(
    stage: Stage,
) -> None:
    path = await reserve(stage, LONG)
    stage.faults = Faults(
        on={"place_entry": Fault.LOSE_ANSWER, "fetch_positions": Fault.CRASH_BEFORE}, hidden=True
    )
    with pytest.raises(Crash):
        await act(stage, path)
    (entry,) = [r for r in await stage.list_open_intents() if r.intent.leg is Leg.ENTRY]
    assert entry.status is IntentStatus.UNKNOWN
    assert await stage.load_position() is None, "nobody has seen the fill"
    stage.faults = Faults()

    late = await guard(stage, after=LATE)

    assert late == (stage.user_id,)
    assert await stage.load_position() is not None
    await require_protected_or_flat(stage)
    assert await guard(stage, after=timedelta(seconds=20)) == ()


async def test_an_entry_that_stays_in_doubt_is_the_schedules_after_a_minute(stage: Stage) -> None:
    path = await reserve(stage, LONG)
    stage.faults = Faults(on={"place_entry": Fault.LOSE_REQUEST})
    await act(stage, path)

    assert await guard(stage, after=LATE) == (stage.user_id,)
    assert await guard(stage, after=timedelta(minutes=1)) == ()


async def test_a_cycle_that_is_still_at_it_is_left_alone(stage: Stage) -> None:
    await die_at(stage, "place_entry", fault=Fault.CRASH_AFTER)

    assert await guard(stage, after=LATE_AFTER - timedelta(seconds=1)) == ()
    assert await list_stops(stage) == []


async def test_who_is_protected_or_flat_is_not_looked_at(stage: Stage) -> None:
    await take(stage, LONG)
    stage.now += timedelta(minutes=1)

    with stage.in_use() as services:
        assert await find_late_users(services) == ()


async def test_an_entry_that_has_been_looked_for_long_enough_is_the_schedules(
    stage: Stage,
) -> None:
    await die_at(stage, "place_entry", fault=Fault.CRASH_BEFORE)

    assert await guard(stage, after=timedelta(minutes=30)) == ()


async def test_a_stop_whose_sender_is_silent_is_followed_by_one_more_and_only_one(
    stage: Stage,
) -> None:
    """Its lease runs on, a position can't wait: both only reduce, and one of the two is swept."""
    stage.faults.hidden = True
    await die_at(stage, "place_stop", fault=Fault.CRASH_BEFORE)
    late = await guard(stage, after=SENDER_PATIENCE + timedelta(seconds=1))

    (stop,) = await list_stops(stage)
    stops = [r for r in await stage.list_open_intents() if r.intent.leg is Leg.STOP]
    assert late == (stage.user_id,)
    assert {record.status for record in stops} == {IntentStatus.SENDING, IntentStatus.PLACED}
    assert stop == next(r.intent.client_order_id for r in stops if r.status is IntentStatus.PLACED)
    assert await guard(stage, after=timedelta(seconds=20)) == ()
    assert await list_stops(stage) == [stop]


async def test_of_two_stops_that_rest_the_one_too_many_is_swept_with_the_position(
    stage: Stage,
) -> None:
    await die_at(stage, "place_stop", fault=Fault.CRASH_BEFORE)
    await guard(stage, after=LATE)
    first = next(
        r.intent
        for r in await stage.list_open_intents()
        if r.intent.leg is Leg.STOP and r.status is IntentStatus.SENDING
    )
    placement = await stage.paper().place_order(first)  # the stopped sender wakes up and posts
    assert placement.order is not None
    assert len(await list_stops(stage)) == 2

    stage.now += CYCLE_INTERVAL
    await take(stage, Action.CLOSE)

    assert await stage.load_position() is None
    with stage.in_use():
        await reconcile_user(stage.user_id)
    assert await list_stops(stage) == []
    assert await stage.list_open_intents() == ()


async def test_a_position_that_can_not_be_protected_is_closed_though_an_exit_is_lost(
    stage: Stage,
) -> None:
    await die_at(stage, "place_stop", fault=Fault.CRASH_BEFORE)
    stage.faults = Faults(on={"place_stop": Fault.LOSE_REQUEST, "place_exit": Fault.LOSE_REQUEST})
    stage.now += LATE
    with stage.in_use() as services:
        await guard_once(services)
    assert stage.faults.calls.count("place_exit") >= EXITS

    stage.faults = Faults()
    await guard(stage, after=LATE)

    await require_protected_or_flat(stage)
    await require_same_books(stage)


async def test_nothing_is_entered_while_an_old_stop_is_in_doubt(stage: Stage) -> None:
    """Resting unseen, it would cut the new position at the old one's price."""
    stage.faults.on["place_stop"] = Fault.LOSE_REQUEST
    await take(stage, LONG)
    assert await stage.load_position() is None
    stage.faults = Faults()
    stage.now += CYCLE_INTERVAL

    path = await take(stage, LONG)

    assert DenialReason.ORDER_IN_DOUBT in {d.code for d in path.decision.verdict.denials}


async def test_paper_answers_for_certain_so_what_it_does_not_show_is_given_up_at_once(
    stage: Stage,
) -> None:
    await die_at(stage, "place_entry", fault=Fault.CRASH_BEFORE)
    (entry,) = [r for r in await stage.list_open_intents() if r.intent.leg is Leg.ENTRY]
    assert entry.status is IntentStatus.SENDING

    stage.now += timedelta(minutes=1)

    async def open_paper(_: PairConfig) -> PaperExchange:
        return stage.paper()

    services = replace(stage.connect(), exchange_of=open_paper)
    async with open_desk(services, await stage.load_config()) as desk:
        sent = await desk.sender.settle(entry.intent)

    assert sent.status is IntentStatus.ABANDONED
    assert Leg.ENTRY not in {r.intent.leg for r in await stage.list_open_intents()}
