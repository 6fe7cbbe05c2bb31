"""How long an order stays in doubt: listed refusal, unlisted refusal, no proof at all."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from blocks.venues.binance.codes import REFUSALS as BINANCE_REFUSALS
from blocks.venues.bybit.codes import REFUSALS as BYBIT_REFUSALS
from db.session import Database
from tasks.orders.order_desk import open_desk
from tasks.recovery.reconciliation import Reconciled, reconcile_user
from tasks.risk.check import _is_in_doubt
from tasks.runtime.cycle_context import Cycle
from tests.database import MakeUser
from tests.doubles.venue.faults import Action as VenueAction
from tests.doubles.venue.faults import Fault
from tests.live_stage import LiveStage, open_live_stage
from tests.order_path import open_cycle, take
from tests.stage import PAIR
from trading.council.decisions import Action
from trading.domain.intents import IntentRecord
from trading.domain.orders import IntentStatus, Leg, OrderIntent
from trading.domain.units import Pair, VenueName

BINANCE, BYBIT = VenueName.BINANCE, VenueName.BYBIT
REFUSALS: Mapping[VenueName, Mapping[str, Any]] = {
    BINANCE: BINANCE_REFUSALS,
    BYBIT: BYBIT_REFUSALS,
}
COUNT = 40
ETH = Pair("ETH", "USDT")
UNLISTED = {
    BINANCE: (400, '{"code": -4999, "msg": "A new rule."}'),
    BYBIT: (200, '{"retCode": 119999, "retMsg": "A new rule.", "result": {}, "time": 1}'),
}


@pytest_asyncio.fixture(params=[BINANCE, BYBIT])
async def live(
    request: pytest.FixtureRequest, database: Database, make_user: MakeUser
) -> AsyncIterator[LiveStage]:
    user_id = await make_user("live")
    async with open_live_stage(request.param, database=database, user_id=user_id) as made:
        yield made


def answer(live: LiveStage, where: str, *, status: int, body: str, times: int = 1) -> None:
    """The venue does nothing, and answers the next requests so."""
    live.world.server.faults.append(
        Fault(
            where=where,
            action=VenueAction.ANSWER,
            status=status,
            body=body,
            times=times,
            is_done=False,
        )
    )


def write_refusal(venue: VenueName, code: str) -> tuple[int, str]:
    if venue is BINANCE:
        return 400, json.dumps({"code": int(code), "msg": "No."})
    return 200, json.dumps({"retCode": int(code), "retMsg": "No.", "result": {}, "time": 1})


async def send(live: LiveStage, intent: OrderIntent) -> IntentRecord:
    """Store and send an intent; the record afterwards."""
    config = await live.load_config()
    with live.in_use() as services:
        async with live.database.tenant(live.user_id) as tenant:
            await tenant.intents.add_intent(intent, now=live.now)
        async with open_desk(services, config) as desk:
            await desk.sender.send(intent)
    async with live.database.tenant(live.user_id) as tenant:
        record = await tenant.intents.load_intent(intent.client_order_id)
    assert record is not None
    return record


def plan_entry(live: LiveStage, *, attempt: int = 0) -> OrderIntent:
    intent = live.world.intend(quantity="0.001", attempt=attempt)
    return replace(intent, user_id=live.user_id, cycle_time=live.now)


async def reconcile(live: LiveStage, *, after: timedelta) -> Reconciled:
    live.world.clock.advance(after.total_seconds())
    live.now += after
    with live.in_use():
        return await reconcile_user(live.user_id)


def blocks(cycle: Cycle, record: IntentRecord, pair: Pair) -> bool:
    """Whether the order keeps a cycle of the pair from entering."""
    return _is_in_doubt(record, replace(cycle, key=replace(cycle.key, pair=pair)))


async def test_forty_listed_refusals_leave_nothing_in_doubt(live: LiveStage) -> None:
    codes = sorted(REFUSALS[live.world.name])
    assert len(codes) >= COUNT
    left, exits = [], [code for code in codes if code not in {"-1021", "-5028", "10002"}]
    for number, code in enumerate(exits[:COUNT]):
        status, body = write_refusal(live.world.name, code)
        answer(live, "POST", status=status, body=body)
        intent = replace(
            live.world.intend(Leg.EXIT, quantity="0.001", attempt=number),
            user_id=live.user_id,
            cycle_time=live.now,
        )
        left.append((code, (await send(live, intent)).status))

    assert [code for code, status in left if status is not IntentStatus.ABANDONED] == []
    assert len(left) == COUNT
    assert len([name for name in live.world.server.posted if name]) == COUNT
    assert await live.list_open_intents() == ()


async def test_an_unlisted_refusal_is_settled_within_minutes_and_blocks_no_other_pair(
    live: LiveStage,
) -> None:
    status, body = UNLISTED[live.world.name]
    answer(live, "POST", status=status, body=body)

    record = await send(live, plan_entry(live))

    assert record.status is IntentStatus.UNKNOWN
    assert record.doubt_until == live.now + timedelta(seconds=45)
    cycle = await open_cycle(live)
    assert blocks(cycle, record, PAIR)
    assert not blocks(cycle, record, ETH)
    soon = await reconcile(live, after=timedelta(seconds=30))
    done = await reconcile(live, after=timedelta(seconds=30))
    assert (soon.in_doubt, done.settled) == (1, 1)
    assert await live.list_open_intents() == ()
    assert live.world.account.orders == []


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (503, '{"code": -4999, "retCode": 119999, "msg": "A new rule."}'),
        (502, "<html>Bad Gateway</html>"),
        (500, ""),
        (200, ""),
        (200, "{}"),
        (200, '{"orderId": 12, "clientOr'),
        (400, '{"code": -49'),
    ],
    ids=["503", "page", "500", "empty", "no fields", "cut", "cut refusal"],
)
async def test_without_a_whole_refusal_the_doubt_lasts_a_day(
    live: LiveStage, status: int, body: str
) -> None:
    answer(live, "POST", status=status, body=body)

    record = await send(live, plan_entry(live))

    assert record.status is IntentStatus.UNKNOWN
    assert record.doubt_until is None
    soon = await reconcile(live, after=timedelta(minutes=10))
    late = await reconcile(live, after=timedelta(hours=23))
    over = await reconcile(live, after=timedelta(hours=1))
    assert (soon.in_doubt, late.in_doubt, over.settled) == (1, 1, 1)
    assert live.world.account.orders == []


async def test_an_unlisted_refusal_ends_no_doubt_while_the_venue_does_not_answer(
    live: LiveStage,
) -> None:
    status, body = UNLISTED[live.world.name]
    answer(live, "POST", status=status, body=body)
    await send(live, plan_entry(live))
    answer(live, "GET .*/(order|algoOrder|realtime|history)", status=502, body="", times=99)

    assert (await reconcile(live, after=timedelta(minutes=2))).in_doubt == 1
    live.world.server.faults.clear()
    assert (await reconcile(live, after=timedelta(minutes=2))).settled == 1


@pytest.mark.parametrize("is_fixed", [True, False])
async def test_a_stop_against_old_rules_is_rounded_again_once_each_order_posted_once(
    live: LiveStage, *, is_fixed: bool
) -> None:
    """A filter code (Binance -4014, Bybit 10001) drops the rules; the second stop is another."""
    code = "-4014" if live.world.name is BINANCE else "10001"
    status, body = write_refusal(live.world.name, code)
    where = "POST .*algoOrder" if live.world.name is BINANCE else "POST .*/create"
    live.world.server.faults.append(
        Fault(
            where=where,
            action=VenueAction.ANSWER,
            status=status,
            body=body,
            times=1 if is_fixed else 2,
            skip=0 if live.world.name is BINANCE else 1,  # the entry comes first
            is_done=False,
        )
    )

    path = await take(live, Action.OPEN_LONG)

    assert path.execution is not None
    posted = [name for name in live.world.server.posted if name]
    assert len(posted) == len(set(posted)), "one post for each order"
    async with live.database.tenant(live.user_id) as tenant:
        records = await tenant.intents.list_intents(PAIR, cycle_time=path.cycle.key.cycle_time)
    stops = [one for one in records if one.intent.leg is Leg.STOP]
    assert [one.intent.attempt for one in stops] == [0, 1]
    assert len({one.intent.client_order_id for one in stops}) == 2
    stands = live.world.account.signed.get("BTCUSDT", Decimal(0))
    resting = [one for one in live.world.account.resting("BTCUSDT") if one.kind == "STOP_MARKET"]
    assert bool(stands) == bool(resting) == is_fixed
