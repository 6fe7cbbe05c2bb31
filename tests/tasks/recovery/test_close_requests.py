"""Requests to close: executed from the database by any worker's guard, without Prefect."""

from dataclasses import replace
from datetime import timedelta

from tasks.orders.order_desk import open_desk
from tasks.recovery.close_requests import close_requested
from tests.db.reads import list_close_requests
from tests.doubles.faults import Fault, Faults
from tests.order_path import take
from tests.stage import PAIR, Stage, require_same_books
from trading.council.decisions import Action
from trading.domain.close_requests import HEAD_START, RETRY_AFTER, CloseRequest


async def ask_to_close(stage: Stage) -> None:
    async with stage.database.tenant(stage.user_id) as tenant:
        await tenant.close_requests.save_requests([PAIR], actor="ann", now=stage.now)


async def list_requests(stage: Stage) -> tuple[CloseRequest, ...]:
    async with stage.database.tenant(stage.user_id) as tenant:
        return await list_close_requests(tenant.close_requests)


async def guard(stage: Stage, *, after: timedelta) -> int:
    stage.now += after
    with stage.in_use() as services:
        return len(await close_requested(services))


async def test_a_guard_closes_the_position_after_the_flow_s_head_start(stage: Stage) -> None:
    await take(stage, Action.OPEN_LONG)
    await ask_to_close(stage)

    assert await guard(stage, after=HEAD_START / 2) == 0, "the flow may still begin"
    assert await guard(stage, after=HEAD_START) == 1

    assert await stage.load_position() is None
    assert await stage.paper().fetch_open_orders(PAIR) == ()
    assert await list_requests(stage) == ()
    await require_same_books(stage)


async def test_a_request_of_a_flat_pair_is_settled(stage: Stage) -> None:
    await ask_to_close(stage)

    assert await guard(stage, after=HEAD_START) == 1

    assert await list_requests(stage) == ()


async def test_a_venue_that_does_not_answer_is_tried_again(stage: Stage) -> None:
    await take(stage, Action.OPEN_LONG)
    await ask_to_close(stage)
    stage.faults = Faults(on={"fetch_positions": Fault.FAIL, "fetch_fills": Fault.FAIL})

    assert await guard(stage, after=HEAD_START) == 1

    (request,) = await list_requests(stage)
    assert request.attempts == 1
    assert request.reason
    stage.faults = Faults()
    assert await guard(stage, after=RETRY_AFTER / 2) == 0
    assert await guard(stage, after=RETRY_AFTER) == 1
    assert await list_requests(stage) == ()
    assert await stage.load_position() is None


async def test_a_request_stays_open_while_the_venue_hides_the_position(stage: Stage) -> None:
    await ask_to_close(stage)
    stage.faults = Faults(on={"fetch_positions": Fault.FAIL})

    assert await guard(stage, after=HEAD_START) == 1

    (request,) = await list_requests(stage)
    assert str(request.reason) == "The position could not be read: The line is down."


async def test_an_unknown_position_keeps_its_stop(stage: Stage) -> None:
    await take(stage, Action.OPEN_LONG)
    resting = await stage.paper().fetch_open_orders(PAIR)
    assert resting
    with stage.in_use() as services:
        async with open_desk(services, await stage.load_config()) as desk:
            booked = await desk.sync.book()
            unknown = replace(booked, position=None, protectable=None, is_position_known=False)
            assert await desk.closer.cancel_orphans(unknown) == 0

    assert await stage.paper().fetch_open_orders(PAIR) == resting


async def test_two_guards_take_a_request_once(stage: Stage) -> None:
    await take(stage, Action.OPEN_LONG)
    await ask_to_close(stage)
    stage.now += HEAD_START

    async with stage.database.operator() as first:
        taken = await first.close_requests.claim_due(stage.now)
    async with stage.database.operator() as second:
        assert await second.close_requests.claim_due(stage.now) == ()

    assert [(request.user_id, request.pair) for request in taken] == [(stage.user_id, PAIR)]
