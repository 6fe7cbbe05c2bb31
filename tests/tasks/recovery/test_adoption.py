"""A position that Quorum did not open: left alone, offered, taken over by its owner's word."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest
import pytest_asyncio

from db.session import Database
from reports.texts.catalog import render
from tasks.recovery.adoption import adopt_requested
from tasks.recovery.reconciliation import reconcile_user
from tests.database import MakeUser
from tests.db.reads import list_alerts, list_entries
from tests.live_stage import LiveStage, open_live_stage, place_foreign
from tests.order_path import take
from tests.stage import PAIR
from trading.council.decisions import Action
from trading.domain.accounts import Language
from trading.domain.alerts import Alert
from trading.domain.foreign_positions import ForeignPosition
from trading.domain.units import PositionSide, VenueName
from trading.risk.results import DenialReason

RUSSIAN = Language("ru")


@pytest_asyncio.fixture(params=[VenueName.BINANCE, VenueName.BYBIT])
async def live(
    request: pytest.FixtureRequest, database: Database, make_user: MakeUser
) -> AsyncIterator[LiveStage]:
    user_id = await make_user("live")
    async with open_live_stage(request.param, database=database, user_id=user_id) as made:
        yield made


async def load_foreign(live: LiveStage) -> ForeignPosition | None:
    async with live.database.tenant(live.user_id) as tenant:
        return await tenant.foreign_positions.load_foreign_position(PAIR)


async def newest_alert(live: LiveStage) -> Alert:
    async with live.database.tenant(live.user_id) as tenant:
        return (await list_alerts(tenant.alerts, limit=1))[0]


async def give_word(live: LiveStage) -> None:
    async with live.database.tenant(live.user_id) as tenant:
        assert await tenant.foreign_positions.ask(PAIR, actor="ann", now=live.now)


async def adopt(live: LiveStage) -> int:
    live.now = live.world.clock()
    with live.in_use() as services:
        return len(await adopt_requested(services))


async def test_without_its_owner_s_word_nothing_touches_it(live: LiveStage) -> None:
    place_foreign(live, "BTCUSDT", quantity="0.010")
    before = dict(live.world.account.signed)

    path = await take(live, Action.OPEN_LONG)

    assert path.execution is None
    assert DenialReason.NOT_RECONCILED in {one.code for one in path.decision.verdict.denials}
    assert await adopt(live) == 0
    assert live.world.account.signed == before
    assert await live.load_position() is None
    assert live.world.account.resting("BTCUSDT") == []


async def test_the_alert_names_the_position_and_the_command(live: LiveStage) -> None:
    live.world.server.engine.set_price("BTCUSDT", Decimal("61234.5"))
    place_foreign(live, "BTCUSDT", quantity="0.010", is_buy=False)

    await take(live, Action.HOLD)

    venue = live.world.name.title()
    alert = await newest_alert(live)
    assert render(alert.text) == (
        f"BTC/USDT: {venue} holds a short position of 0.010 BTC at 61234.5. Quorum did not open "
        "this position. Quorum does not touch it and opens nothing in this pair. Close it at "
        f"{venue} by hand, or hand it to Quorum with /adopt BTC/USDT (at the terminal: quorum "
        "adopt BTC/USDT)."
    )
    assert "/adopt BTC/USDT" in render(alert.text, language=RUSSIAN)


@pytest.mark.parametrize("is_buy", [True, False])
async def test_by_its_owner_s_word_it_is_ours_and_has_a_stop(
    live: LiveStage, *, is_buy: bool
) -> None:
    place_foreign(live, "BTCUSDT", quantity="0.010", is_buy=is_buy)
    await take(live, Action.HOLD)
    await give_word(live)

    assert await adopt(live) == 1

    position = await live.load_position()
    assert position is not None
    side = PositionSide.LONG if is_buy else PositionSide.SHORT
    assert (position.side, position.quantity) == (side, Decimal("0.010"))
    (stop,) = live.world.account.resting("BTCUSDT")
    ticker = await live.market.fetch_ticker(PAIR, as_of=live.now)
    # As far from the mark as the limits allow: 10 %.
    assert abs(stop.trigger / ticker.mark_price - 1) == pytest.approx(
        Decimal("0.1"), abs=Decimal("0.001")
    )
    assert stop.trigger == position.stop_price
    assert await load_foreign(live) is None
    assert await adopt(live) == 0, "a word counts once"
    async with live.database.tenant(live.user_id) as tenant:
        entry = (await list_entries(tenant.audit, limit=1))[0]
    assert (entry.actor, entry.action) == ("ann", "adopt")

    live.world.server.engine.set_price("BTCUSDT", stop.trigger)
    live.now += timedelta(seconds=1)
    with live.in_use():
        await reconcile_user(live.user_id)
    assert await live.load_position() is None
    assert live.world.account.signed.get("BTCUSDT", Decimal(0)) == 0


async def test_a_lost_stop_of_an_adopted_position_is_placed_again(live: LiveStage) -> None:
    place_foreign(live, "BTCUSDT", quantity="0.010")
    await take(live, Action.HOLD)
    await give_word(live)
    await adopt(live)
    (stop,) = live.world.account.resting("BTCUSDT")
    live.world.server.engine.cancel(live.world.account, stop.name)
    live.world.clock.advance(30)
    live.now = live.world.clock()

    with live.in_use():
        await reconcile_user(live.user_id)

    (again,) = live.world.account.resting("BTCUSDT")
    assert again.trigger == stop.trigger
    assert again.name != stop.name


async def test_a_part_that_is_not_ours_joins_our_position(live: LiveStage) -> None:
    await take(live, Action.OPEN_LONG)
    ours = await live.load_position()
    assert ours is not None
    place_foreign(live, "BTCUSDT", quantity="0.010")
    live.world.clock.advance(60)
    live.now = live.world.clock()
    with live.in_use():
        await reconcile_user(live.user_id)
    assert "Quorum opened" in render((await newest_alert(live)).text)
    await give_word(live)

    assert await adopt(live) == 1

    position = await live.load_position()
    assert position is not None
    assert position.quantity == ours.quantity + Decimal("0.010")
    assert position.opened_at == ours.opened_at
    covered = [
        order.quantity
        for order in live.world.account.resting("BTCUSDT")
        if order.kind == "STOP_MARKET"
    ]
    assert max(covered) == position.quantity


async def test_a_position_that_changed_since_the_word_stays_foreign(live: LiveStage) -> None:
    place_foreign(live, "BTCUSDT", quantity="0.010")
    await take(live, Action.HOLD)
    await give_word(live)
    place_foreign(live, "BTCUSDT", quantity="0.005")

    assert await adopt(live) == 1

    assert await live.load_position() is None
    assert render((await newest_alert(live)).text) == (
        "BTC/USDT: the position was not taken over and is still yours. Why: The position at the "
        "venue is another than the one you confirmed. Send /adopt BTC/USDT to try again."
    )
    seen = await load_foreign(live)
    assert seen is not None
    assert seen.quantity == Decimal("0.015")


async def test_a_position_closed_by_hand_is_forgotten(live: LiveStage) -> None:
    place_foreign(live, "BTCUSDT", quantity="0.010")
    await take(live, Action.HOLD)
    place_foreign(live, "BTCUSDT", quantity="0.010", is_buy=False)
    live.world.clock.advance(1800)
    live.now += timedelta(minutes=30)

    await take(live, Action.HOLD)

    assert await load_foreign(live) is None
