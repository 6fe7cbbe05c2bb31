"""The truth table: every signal through real ccxt, and nothing believed that is not proven."""

import json
import os
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest
import pytest_asyncio

from blocks.venues.binance.codes import BINANCE_TABLE
from blocks.venues.bybit.codes import BYBIT_TABLE
from reports.texts.catalog import render
from tests.blocks.venues.venue_cases import World, open_world
from tests.doubles.venue.faults import Action, Fault
from trading.domain.orders import Leg, Outcome
from trading.domain.units import VenueName

BINANCE, BYBIT = VenueName.BINANCE, VenueName.BYBIT
R, U, D, B = Outcome.REJECTED, Outcome.UNKNOWN, Outcome.DUPLICATE, Outcome.BACK_OFF
HTML = "<html><body>Service Unavailable</body></html>"
WHERE = r"POST .*(order|algoOrder|order/create)$"
FUZZED = int(os.environ.get("QUORUM_TEST_FUZZED_ANSWERS", "200"))


def code(number: str, text: str = "No.", *, status: int = 400) -> tuple[int, str]:
    return status, json.dumps({"code": int(number), "msg": text})


def ret(number: str, text: str = "No.", *, status: int = 200) -> tuple[int, str]:
    body = {"retCode": int(number), "retMsg": text, "result": {}, "retExtInfo": {}, "time": 1}
    return status, json.dumps(body)


# VENUES.md, section 1.3, line by line; the status is what the venue sends with it.
SIGNALS: list[tuple[VenueName, tuple[int, str], Outcome]] = [
    (BINANCE, (200, ""), U),
    (BINANCE, (200, HTML), U),
    (BINANCE, (200, "{}"), U),
    (BINANCE, (200, "[]"), U),
    (BINANCE, code("-1000"), U),
    (BINANCE, code("-1000", status=503), U),
    (BINANCE, code("-1001"), U),
    (BINANCE, code("-1006"), U),
    (BINANCE, code("-1007", "Timeout waiting for response from backend server."), U),
    (BINANCE, code("-1007", status=408), U),
    (BINANCE, (500, ""), U),
    (BINANCE, (502, HTML), U),
    (BINANCE, (503, HTML), U),
    (BINANCE, (504, ""), U),
    (BINANCE, (503, '{"msg":"Unknown error, please check your request"}'), U),
    (BINANCE, (503, '{"msg":"Service Unavailable."}'), U),
    (BINANCE, code("-1008", "Request throttled by system-level protection.", status=503), U),
    (BINANCE, code("-2019", status=503), U),
    (BINANCE, code("-1021"), R),
    (BINANCE, code("-1003", status=429), B),
    (BINANCE, (429, ""), B),
    (BINANCE, (418, HTML), B),
    (BINANCE, code("-1003"), B),
    (BINANCE, code("-1015"), B),
    (BINANCE, (403, HTML), U),
    (BINANCE, (451, HTML), U),
    (BINANCE, (400, HTML), U),
    (BINANCE, code("-4116", "ClientOrderId is duplicated."), D),
    (BINANCE, code("-2010", "Duplicate order sent."), D),
    (BINANCE, code("-2010", "Something else."), U),
    (BINANCE, code("-20132"), D),
    (BINANCE, code("-2019"), R),
    (BINANCE, code("-2022"), R),
    (BINANCE, code("-4164"), R),
    (BINANCE, code("-1111"), R),
    (BINANCE, code("-4061"), R),
    (BINANCE, code("-4120"), R),
    (BINANCE, code("-2021"), R),
    (BINANCE, code("-2015"), R),
    (BYBIT, (200, ""), U),
    (BYBIT, (200, HTML), U),
    (BYBIT, (200, "{}"), U),
    (BYBIT, ret("0"), U),
    (BYBIT, ret("110072"), D),
    (BYBIT, ret("170141"), D),
    (BYBIT, ret("10014", "duplicate request"), U),
    (BYBIT, ret("10000", "Server Timeout"), U),
    (BYBIT, ret("10016", "Internal system error"), U),
    (BYBIT, ret("10016", "Request timeout"), U),
    (BYBIT, ret("5004"), U),
    (BYBIT, ret("10019"), U),
    (BYBIT, ret("10403"), U),
    (BYBIT, ret("10429"), U),
    (BYBIT, ret("429"), U),
    (BYBIT, ret("170001"), U),
    (BYBIT, ret("170032"), U),
    (BYBIT, ret("500000"), U),
    (BYBIT, ret("3400214"), U),
    (BYBIT, ret("170005"), B),
    (BYBIT, ret("170146", "Order creation timeout"), U),
    (BYBIT, ret("170007"), U),
    (BYBIT, ret("20003"), U),
    (BYBIT, ret("20006"), U),
    (BYBIT, ret("10002"), R),
    (BYBIT, ret("10006"), B),
    (BYBIT, (403, "access too frequent"), B),
    (BYBIT, ret("10018"), B),
    (BYBIT, ret("10010"), R),
    (BYBIT, ret("33004"), R),
    (BYBIT, ret("10003"), R),
    (BYBIT, ret("10004"), R),
    (BYBIT, ret("10005"), R),
    (BYBIT, ret("10005", status=502), U),
]


@pytest_asyncio.fixture(scope="module")
async def worlds() -> AsyncIterator[dict[VenueName, World]]:
    async with open_world(BINANCE) as binance, open_world(BYBIT) as bybit:
        yield {BINANCE: binance, BYBIT: bybit}


def answer_with(world: World, status: int, body: str, *, is_done: bool = False) -> None:
    """The next order gets this answer, whatever became of it, and the venue forgets its ban."""
    world.reset()
    world.exchange._client._budget._window.blocked_until = 0.0  # type: ignore[attr-defined]
    is_json = body.startswith("{")
    fault = Fault(
        where=WHERE,
        action=Action.ANSWER,
        status=status,
        body=body,
        is_done=is_done,
        content_type="application/json" if is_json else "text/html",
        headers={"Retry-After": "7"} if status in {418, 429} else {},
    )
    world.server.faults.append(fault)


def test_at_least_sixty_signals_are_listed() -> None:
    assert len(SIGNALS) >= 60


@pytest.mark.parametrize(("venue", "answer", "outcome"), SIGNALS)
async def test_a_signal_proves_what_the_table_says(
    worlds: dict[VenueName, World], venue: VenueName, answer: tuple[int, str], outcome: Outcome
) -> None:
    world = worlds[venue]
    answer_with(world, *answer)

    placement = await world.exchange.place_order(world.intend())

    assert placement.outcome is outcome
    assert len(world.server.posted) == 1


@pytest.mark.parametrize("venue", [BINANCE, BYBIT])
@pytest.mark.parametrize("action", [Action.LOSE_REQUEST, Action.LOSE_ANSWER, Action.CUT_BODY])
@pytest.mark.parametrize("leg", [Leg.ENTRY, Leg.STOP])
async def test_what_is_lost_or_cut_is_unknown_and_found_if_it_was_done(
    worlds: dict[VenueName, World], venue: VenueName, action: Action, leg: Leg
) -> None:
    world = worlds[venue]
    world.reset()
    if leg is Leg.STOP:
        await world.exchange.place_order(world.intend())
    is_done = action is not Action.LOSE_REQUEST
    world.server.faults.append(Fault(where=WHERE, action=action, is_done=is_done))
    intent = world.intend(leg, price="99000" if leg is Leg.STOP else None)

    placement = await world.exchange.place_order(intent)
    found = await world.exchange.find_order(intent.pair, intent.client_order_id)

    assert placement.outcome is U
    assert world.server.posted.count(intent.client_order_id) == 1
    assert (found is not None) is is_done


async def test_codes_that_are_not_listed_are_unknown(worlds: dict[VenueName, World]) -> None:
    random = Random(3)
    for venue, table in ((BINANCE, BINANCE_TABLE), (BYBIT, BYBIT_TABLE)):
        unlisted = [n for n in random.sample(range(1, 200_000), 60) if str(n) not in table.codes]
        for number in unlisted:
            answer = code(f"-{number}") if venue is BINANCE else ret(str(number))
            if f"-{number}" in table.codes:
                continue
            answer_with(worlds[venue], *answer)
            placement = await worlds[venue].exchange.place_order(worlds[venue].intend())
            assert placement.outcome is U, number


async def test_fuzzed_answers_are_never_taken_for_ours(worlds: dict[VenueName, World]) -> None:
    random = Random(5)
    for number in range(FUZZED):
        world = worlds[BINANCE if number % 2 else BYBIT]
        answer_with(world, 200, "")
        intent = world.intend()
        body = _fuzz(random, world.name, intent.client_order_id)
        world.server.faults[-1].body = body

        placement = await world.exchange.place_order(intent)

        assert placement.outcome is not Outcome.ACCEPTED, body
        assert world.server.posted == [intent.client_order_id]


async def test_a_wait_that_the_venue_asks_for_comes_back(worlds: dict[VenueName, World]) -> None:
    answer_with(worlds[BINANCE], 429, "")

    placement = await worlds[BINANCE].exchange.place_order(worlds[BINANCE].intend())

    assert placement.retry_after_seconds == 7


async def test_reasons_hold_nothing_of_the_venues_text(worlds: dict[VenueName, World]) -> None:
    status, body = code("-2019", "canary <script> https://fapi/?signature=abc")
    answer_with(worlds[BINANCE], status, body)

    placement = await worlds[BINANCE].exchange.place_order(worlds[BINANCE].intend())

    assert render(placement.reason) == (
        "Binance refused it (the margin is insufficient, code -2019)."
    )


def _fuzz(random: Random, venue: VenueName, name: str) -> str:
    """A good answer with one thing wrong: no id, another name, a page, a cut, another type."""
    good = _good(venue, name)
    inner = good if venue is BINANCE else good["result"]
    key = random.choice(["orderId", "clientOrderId" if venue is BINANCE else "orderLinkId"])
    match random.randrange(6):
        case 0:
            del inner[key]
        case 1:
            inner[key] = random.choice([None, "", [], {}, False])
        case 2:
            other = f"q{random.getrandbits(120):030x}"
            inner["clientOrderId" if venue is BINANCE else "orderLinkId"] = other
        case 3:
            return HTML[: random.randrange(len(HTML))]
        case 4:
            text = json.dumps(good)
            return text[: random.randrange(len(text) - 1)]
        case _:
            return random.choice(["null", "[]", "{}", '"ok"', "1", "true", "[[]]", "\x00"])
    return json.dumps(good)


def _good(venue: VenueName, name: str) -> dict[str, Any]:
    if venue is BYBIT:
        result: dict[str, Any] = {"orderId": "x-1", "orderLinkId": name}
        return {"retCode": 0, "retMsg": "OK", "result": result, "time": 1_763_812_800_000}
    return {
        "orderId": 5, "clientOrderId": name, "symbol": "BTCUSDT", "status": "FILLED",
        "avgPrice": "100000", "origQty": "0.01", "executedQty": "0.01", "side": "BUY",
        "origType": "MARKET", "reduceOnly": False, "updateTime": 1_763_812_800_000,
    }  # fmt: skip
