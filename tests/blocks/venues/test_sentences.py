"""The sentence that a person gets for each kind of odd answer, in every language, by snapshot."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from syrupy.assertion import SnapshotAssertion

from reports.texts.catalog import list_languages, render
from tasks.alerts.trading import build_exit_stuck
from tests.blocks.venues.venue_cases import ANN, BTC, World, open_world
from tests.doubles.venue.faults import Action, Fault
from trading.domain.errors import QuorumError
from trading.domain.messages import Message, message
from trading.domain.orders import Leg
from trading.domain.units import Pair, VenueName

BINANCE, BYBIT = VenueName.BINANCE, VenueName.BYBIT
CODES = {  # kind -> code of each venue
    "4 nothing to reduce": ("-2022", "110017"),
    "5 unlisted": ("-4999", "119999"),
    "5 listed": ("-2019", "110007"),
    "6 filter": ("-4014", "10001"),
    "7 account's limit": ("-1015", "10006"),
    "7 country": ("-4402", "10024"),
    "8 clock": ("-1021", "10002"),
}


@pytest_asyncio.fixture(params=[BINANCE, BYBIT])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with open_world(request.param) as opened:
        opened.server.latency_ms = (0, 0)
        yield opened


def answer(world: World, where: str, *, status: int = 200, body: str, times: int = 1) -> None:
    fault = Fault(where=where, action=Action.ANSWER, status=status, body=body, is_done=False)
    fault.times = times
    world.server.faults.append(fault)


def refuse(world: World, code: str) -> None:
    is_binance = world.name is BINANCE
    body: dict[str, Any] = {"code": int(code)} if is_binance else {"retCode": int(code)}
    status = {"-1015": 429}.get(code, 400) if is_binance else 200
    answer(world, "POST", status=status, body=json.dumps(body))


async def collect(world: World) -> dict[str, Message]:
    """A message for each kind."""
    told: dict[str, Message] = {
        "9 no stop": build_exit_stuck(
            ANN, owner=ANN, pairs=[str(BTC)], reason=message("stop-not-resting"), now=world.clock()
        ).text
    }
    for number, (kind, codes) in enumerate(sorted(CODES.items())):
        refuse(world, codes[world.name is BYBIT])
        placed = await world.exchange.place_order(world.intend(Leg.EXIT, attempt=number))
        told[kind] = placed.reason
        world.exchange._client._blocked_until = None
    answer(world, "GET .*(positionRisk|position/list)", status=451, body="Unavailable")
    try:
        await world.exchange.fetch_positions()
    except QuorumError as error:
        told["7 page"] = error.message
    rows: Any = [{"symbol": "ETHUSDT"}]
    if world.name is BYBIT:
        rows = {"retCode": 0, "result": {"list": rows, "nextPageCursor": ""}, "time": 1}
    answer(world, "GET .*(positionRisk|position/list)", body=json.dumps(rows))
    await world.exchange.fetch_positions()
    told["3 strange row"] = next(iter(world.exchange.oddities.values()))
    world.server.dialect.skew_ms = -1_600
    world.exchange._client.time.measured_at = None
    told["8 entry"] = (await world.exchange.place_order(world.intend(attempt=9))).reason
    world.server.dialect.skew_ms = 0
    world.exchange._client.time.measured_at = None
    misfit = world.intend(quantity="0.0005", attempt=10)
    told["4 entry"] = (await world.exchange.place_order(misfit)).reason
    try:
        await world.market.fetch_instrument(Pair("PEPE", "USDT"), as_of=world.clock())
    except QuorumError as error:
        told["12 name"] = error.message
    return told


async def test_each_kind_has_its_sentence(world: World, snapshot: SnapshotAssertion) -> None:
    told = await collect(world)

    assert (await world.exchange.fetch_fills(BTC, since=world.clock() - timedelta(hours=1))) == ()
    shown = {
        str(language): {kind: render(one, language=language) for kind, one in sorted(told.items())}
        for language in list_languages()
    }
    assert shown == snapshot
