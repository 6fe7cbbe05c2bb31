"""Nothing that safety does not need stops a stop or an exit: at both venues, through the books."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, override

import pytest
import pytest_asyncio

from blocks.venues.offline.generated import SampleMarket
from db.session import Database
from tasks.orders.accounts import close_now
from tasks.recovery.reconciliation import Reconciled, reconcile_user
from tests.database import MakeUser
from tests.doubles.venue.faults import Action as VenueAction
from tests.doubles.venue.faults import Fault
from tests.live_stage import LiveStage, open_live_stage
from tests.order_path import Path, take
from tests.stage import PAIR
from trading.council.decisions import Action
from trading.cycle import CycleOutcome
from trading.domain.instruments import Instrument
from trading.domain.messages import NO_MESSAGE
from trading.domain.orders import Leg
from trading.domain.units import Pair, VenueName
from trading.risk.results import DenialReason

BINANCE, BYBIT = VenueName.BINANCE, VenueName.BYBIT
SYMBOL = "BTCUSDT"
FILLS = {BINANCE: "GET .*userTrades", BYBIT: "GET .*execution/list"}
POSITIONS = {BINANCE: "GET .*positionRisk", BYBIT: "GET .*position/list"}
BALANCE = {BINANCE: "GET .*/v3/account", BYBIT: "GET .*wallet-balance"}
STRANGE: dict[VenueName, list[dict[str, Any]]] = {
    BINANCE: [
        {"symbol": "ETHUSDT", "positionAmt": "1", "positionSide": "LONG", "entryPrice": "3000"},
        {"symbol": "ETHUSDT", "positionAmt": "?", "entryPrice": "3000"},
        {"symbol": "NEWUSDT"},
    ],
    BYBIT: [
        {"symbol": "ETHUSDT", "positionIdx": 1, "side": "Buy", "size": "1", "avgPrice": "3000"},
        {"symbol": "ETHUSDT", "positionIdx": 0, "side": "Both", "size": "1", "leverage": ""},
        {"symbol": "NEWUSDT"},
    ],
}


@dataclass(slots=True)
class ChangedRules(SampleMarket):
    """The sample market with rules that the venue has changed."""

    changes: dict[str, Any] = field(default_factory=dict)

    @override
    async def fetch_instrument(self, pair: Pair, *, as_of: datetime) -> Instrument:
        rules = await SampleMarket.fetch_instrument(self, pair, as_of=as_of)
        return replace(rules, **self.changes)


@pytest_asyncio.fixture(params=[BINANCE, BYBIT])
async def live(
    request: pytest.FixtureRequest, database: Database, make_user: MakeUser
) -> AsyncIterator[LiveStage]:
    user_id = await make_user("live")
    async with open_live_stage(request.param, database=database, user_id=user_id) as made:
        yield made


async def enter(live: LiveStage) -> Path:
    path = await take(live, Action.OPEN_LONG)
    assert path.execution is not None, path.decision.verdict.denials
    assert path.execution.outcome is CycleOutcome.ENTERED, path.execution.reason
    return path


async def reconcile(live: LiveStage, *, seconds: float = 10) -> Reconciled:
    live.world.clock.advance(seconds)
    live.now += timedelta(seconds=seconds)
    with live.in_use():
        return await reconcile_user(live.user_id)


async def close(live: LiveStage) -> Any:
    config = await live.load_config()
    with live.in_use() as services:
        return await close_now(services, config)


def held(live: LiveStage) -> Decimal:
    return live.world.account.signed.get(SYMBOL, Decimal(0))


def stops(live: LiveStage) -> list[str]:
    resting = live.world.account.resting(SYMBOL)
    return [order.name for order in resting if order.kind == "STOP_MARKET"]


def fail(live: LiveStage, where: str, *, body: str = "", status: int = 502) -> None:
    live.world.server.faults.append(
        Fault(where=where, action=VenueAction.ANSWER, status=status, body=body, times=999)
    )


def show_also(live: LiveStage, rows: list[dict[str, Any]]) -> None:
    """The list of positions has our own row and strange ones."""
    own: dict[str, Any] = {"symbol": SYMBOL, "positionAmt": str(held(live)), "entryPrice": "1"}
    body: Any = [*rows, own]
    if live.world.name is BYBIT:
        own = {
            "symbol": SYMBOL,
            "positionIdx": 0,
            "side": "Buy",
            "size": str(held(live)),
            "avgPrice": "1",
            "leverage": "",
        }
        result = {"list": [*rows, own], "nextPageCursor": ""}
        body = {"retCode": 0, "retMsg": "OK", "result": result, "time": 1}
    fail(live, POSITIONS[live.world.name], body=json.dumps(body), status=200)


# Kind 2: accounting vetoes no protection.


@pytest.mark.parametrize("what", [FILLS, BALANCE], ids=["fills", "balance"])
async def test_what_accounting_lacks_vetoes_neither_stop_nor_close(
    live: LiveStage, what: dict[VenueName, str]
) -> None:
    await enter(live)
    fail(live, what[live.world.name])
    (stop,) = stops(live)
    live.world.server.engine.cancel(live.world.account, stop)

    await reconcile(live)

    assert len(stops(live)) == 1
    assert stops(live) != [stop]
    await close(live)
    assert held(live) == 0


@pytest.mark.parametrize("minutes", [0, 30])
async def test_a_filled_entry_without_its_fills_stays_ours_and_protected(
    live: LiveStage, minutes: int
) -> None:
    """The list of executions is readable and lacks ours, for a while."""
    lists: dict[VenueName, str] = {
        BINANCE: "[]",
        BYBIT: '{"retCode":0,"result":{"list":[],"nextPageCursor":""},"time":1}',
    }
    fail(live, FILLS[live.world.name], body=lists[live.world.name], status=200)

    await take(live, Action.OPEN_LONG)
    await reconcile(live, seconds=60 * minutes + 5)

    assert len(stops(live)) == 1
    live.world.server.faults.clear()
    await reconcile(live)
    position = await live.load_position()
    assert position is not None
    assert position.quantity == held(live)
    assert not [one for one in await live.list_open_intents() if one.intent.leg is Leg.ENTRY]


# Kind 3: a strange row of another contract.


@pytest.mark.parametrize("number", range(3))
async def test_a_strange_row_keeps_no_stop_and_no_close_away(live: LiveStage, number: int) -> None:
    await enter(live)
    (stop,) = stops(live)
    live.world.server.engine.cancel(live.world.account, stop)
    show_also(live, [STRANGE[live.world.name][number]])

    await reconcile(live)

    assert len(stops(live)) == 1
    live.world.server.faults.clear()
    assert await close(live) == NO_MESSAGE
    assert held(live) == 0


async def test_a_strange_row_denies_entries_only(live: LiveStage) -> None:
    show_also(live, [STRANGE[live.world.name][1]])

    path = await take(live, Action.OPEN_LONG)

    assert path.execution is None
    assert DenialReason.NOT_RECONCILED in {one.code for one in path.decision.verdict.denials}


@pytest.mark.parametrize("symbol", [None, "", 7, "missing"])
async def test_a_row_without_a_readable_symbol_keeps_no_close_away(
    live: LiveStage, symbol: object
) -> None:
    """Our own row may be the unreadable row: our books say what is to be closed."""
    await enter(live)
    row: dict[str, Any] = {"positionAmt": str(held(live)), "side": "Buy", "size": str(held(live))}
    rows = [row if symbol == "missing" else {**row, "symbol": symbol}]
    body: Any = rows
    if live.world.name is BYBIT:
        body = {"retCode": 0, "result": {"list": rows, "nextPageCursor": ""}, "time": 1}
    fail(live, POSITIONS[live.world.name], body=json.dumps(body), status=200)

    assert await close(live) != NO_MESSAGE

    assert held(live) == 0
    live.world.server.faults.clear()
    assert await close(live) == NO_MESSAGE


# Kind 4: our rules forbid no exit.


async def test_an_exit_above_the_largest_order_is_cut_into_orders_of_their_own(
    live: LiveStage,
) -> None:
    await enter(live)
    live.market = ChangedRules(changes={"max_quantity": Decimal("0.001")})
    count = held(live) / Decimal("0.001")
    live.world.server.posted.clear()

    assert await close(live) == NO_MESSAGE

    exits = [name for name in live.world.server.posted if name]
    assert len(exits) == len(set(exits)) == count
    assert held(live) == 0
    assert stops(live) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"step_size": Decimal("0.7"), "min_quantity": Decimal("0.7")},
        {"min_quantity": Decimal(500)},
        {"min_notional": Decimal(1_000_000)},
    ],
    ids=["step", "minimum", "notional"],
)
async def test_rules_that_do_not_fit_the_position_forbid_no_exit(
    live: LiveStage, changes: dict[str, Any]
) -> None:
    await enter(live)
    live.market = ChangedRules(changes=changes)

    assert await close(live) == NO_MESSAGE
    assert held(live) == 0


# Kind 9: a stop that is over protects nothing.


async def test_a_stop_that_ended_without_a_fill_is_placed_again_within_seconds(
    live: LiveStage,
) -> None:
    path = await enter(live)
    for number in range(3):
        (stop,) = stops(live)
        live.world.server.engine.cancel(live.world.account, stop)
        done = await reconcile(live, seconds=3)
        assert done.unprotected == 0
        (again,) = stops(live)
        assert again != stop
        async with live.database.tenant(live.user_id) as tenant:
            written = await tenant.intents.list_intents(PAIR, cycle_time=path.cycle.key.cycle_time)
        assert sum(one.intent.leg is Leg.STOP for one in written) == number + 2
