"""The operator's commands: for admins only, audited, felt by whom they are about."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from db.session import Database
from telegram.request.settings import Signup
from tests.db.reads import list_entries
from tests.doubles.telegram_chats import Person
from tests.telegram.stage import Stage, make_settings, open_stage
from trading.domain.units import TradingState

ADMIN = 900


@pytest.fixture
async def stage(database: Database, now: datetime) -> AsyncIterator[Stage]:
    """A stage whose settings name an admin."""
    settings = make_settings(telegram_admins="900, 901")
    async with open_stage(database, now=now, settings=settings) as stage:
        yield stage


@pytest.fixture
async def admin(stage: Stage) -> Person:
    """The operator."""
    return await stage.register(ADMIN, "Olga")


async def load_state(stage: Stage) -> TradingState:
    async with stage.database.operator() as operator:
        return await operator.states.load_trading_state(None)


async def test_the_settings_make_an_admin(stage: Stage, admin: Person) -> None:
    assert (await stage.load_user(ADMIN)).is_admin
    assert "/broadcast" in (await admin.ask("/help")).text


async def test_users_and_health_are_shown(stage: Stage, admin: Person) -> None:
    ann = await stage.register(101)
    await ann.ask("/addpair BTC/USDT 1000")
    assert "Ann" in (await admin.ask("/users")).text
    health = await admin.ask("/health")
    assert "Users 2, pairs 1" in health.text
    stage.prefect.is_down = True
    assert "does not answer" in (await admin.ask("/health")).text


async def test_halt_is_confirmed_and_unhalt_undoes_it(stage: Stage, admin: Person) -> None:
    question = await admin.ask("/halt venue trouble")
    assert await load_state(stage) is TradingState.ACTIVE
    admin.press(question, "Yes")
    await stage.telegram.wait_until(lambda: question.edits)
    assert await load_state(stage) is TradingState.HALTED
    await admin.ask("/unhalt")
    assert await load_state(stage) is TradingState.ACTIVE
    async with stage.database.operator() as operator:
        entries = await list_entries(operator.audit, limit=9)
    assert [e.actor for e in entries if "halt" in e.action] == [f"telegram:{ADMIN}"] * 2


async def test_a_banned_user_can_do_nothing_and_enters_nothing(
    stage: Stage, admin: Person
) -> None:
    ann = await stage.register(101)
    await ann.ask("/addpair BTC/USDT 1000")
    old = await ann.ask("/panic")
    user = await stage.load_user(101)
    stage.prefect.runs.clear()
    await admin.ask(f"/ban {user.user_id}")
    assert "closed your access" in (await ann.ask("/resume")).text
    ann.press(old, "Yes")
    await stage.telegram.wait_until(lambda: stage.telegram.list_calls("answerCallbackQuery"))
    assert stage.prefect.runs == []
    assert list(stage.prefect.paused.values()) == [True]
    async with stage.database.operator() as operator:
        assert await operator.states.load_trading_state(user.user_id) is TradingState.HALTED
    await admin.ask(f"/unban {user.user_id}")
    assert "BTC/USDT" in (await ann.ask("/resume")).text


async def test_nobody_bans_himself_or_nobody(stage: Stage, admin: Person) -> None:
    own = await stage.load_user(ADMIN)
    assert "can't ban yourself" in (await admin.ask(f"/ban {own.user_id}")).text
    assert "no user 4711" in (await admin.ask("/ban 4711")).text
    assert "/ban USER" in (await admin.ask("/ban Ann")).text


async def test_a_broadcast_is_confirmed_and_owed_to_everybody(stage: Stage, admin: Person) -> None:
    await stage.register(101)
    question = await admin.ask("/broadcast Maintenance <b>at 12</b>")
    assert "2 users" in question.text
    admin.press(question, "Yes")
    await stage.telegram.wait_until(lambda: question.edits)
    async with stage.database.operator() as operator:
        assert await operator.alerts.count_backlog() == 2


async def test_sign_up_by_invitation(database: Database, now: datetime) -> None:
    settings = make_settings(signup=Signup.INVITATION, invitation_code="swordfish")
    async with open_stage(database, now=now, settings=settings) as stage:
        ann = stage.telegram.add_person(101)
        for text in ("/start", "/start wrong", "/start SWORDFISH"):
            assert "invitation" in (await ann.ask(text)).text
        assert "registered" in (await ann.ask("/start swordfish")).text


async def test_sign_up_closed_but_for_admins(database: Database, now: datetime) -> None:
    settings = make_settings(signup="closed", telegram_admins="900")
    async with open_stage(database, now=now, settings=settings) as stage:
        ann = stage.telegram.add_person(101)
        assert "closed" in (await ann.ask("/start")).text
        assert "registered" in (await stage.telegram.add_person(ADMIN).ask("/start")).text


async def test_who_blocks_the_bot_is_marked_until_he_starts_again(stage: Stage) -> None:
    ann = await stage.register(101)
    user = await stage.load_user(101)
    ann.block()
    await stage.telegram.wait_until_taken()
    await stage.register(102, "Bob")
    async with stage.database.operator() as operator:
        assert (await operator.users.load_recipients([user.user_id]))[user.user_id].is_blocked
    ann.has_blocked = False
    await ann.ask("/start")
    async with stage.database.operator() as operator:
        assert not (await operator.users.load_recipients([user.user_id]))[user.user_id].is_blocked
