"""A key's secret on the order path: not in DEBUG logs, tracebacks, exceptions, receipts, rows."""

import logging
import traceback
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.blocks.venues.venue_cases import BTC, World, connect, open_world
from tests.doubles.venue.faults import Action, Fault
from trading.domain.errors import QuorumError
from trading.domain.units import VenueName

SECRET = "canary-91d0c2-order-secret"
KEY = "canary-5b77fe-order-key"
BROKEN = (
    Fault(where="POST", action=Action.LOSE_ANSWER),
    Fault(where="POST", action=Action.CUT_BODY),
    Fault(where="POST", action=Action.ANSWER, status=502, body="<html>no</html>"),
    Fault(where="POST", action=Action.ANSWER, status=400, body='{"code":-1022,"msg":"sign"}'),
    Fault(where="GET", action=Action.LOSE_REQUEST, times=2),
    Fault(where="GET", action=Action.ANSWER, status=200, body="[1, 2", times=2),
    Fault(where="GET", action=Action.ANSWER, status=429, body="{}", headers={"Retry-After": "9"}),
)


@pytest_asyncio.fixture(params=[VenueName.BINANCE, VenueName.BYBIT])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with open_world(request.param) as world:
        world.server.engine.open_account(KEY, SECRET)
        market, exchange = connect(world.server, world.name, key=KEY, secret=SECRET)
        yield World(
            name=world.name,
            clock=world.clock,
            server=world.server,
            exchange=exchange,
            market=market,
            start=world.start,
        )
        await exchange.close()
        await market.close()


async def test_whatever_goes_wrong_with_an_order_its_secret_is_not_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    for attempt, fault in enumerate(BROKEN):
        world.server.faults = [fault]
        placement = await world.exchange.place_order(world.intend(attempt=attempt))
        told.append(repr(placement))
        for ask in (world.exchange.fetch_balance, world.exchange.fetch_positions):
            try:
                told.append(repr(await ask()))
            except QuorumError:
                told.append(traceback.format_exc())
        world.clock.advance(700)
    world.server.engine.accounts[KEY].secret = "changed"  # from now on nothing is signed right
    with pytest.raises(QuorumError) as refused:
        await world.exchange.fetch_open_orders(BTC)
    told += ["".join(traceback.format_exception(refused.value)), repr(refused.value)]
    told += [repr(world.exchange), repr(vars(world.exchange)), caplog.text]

    assert any("Traceback" in text for text in told)
    for canary in (SECRET, KEY):
        assert not [text[:200] for text in told if canary in text]
