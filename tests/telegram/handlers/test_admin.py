"""The operator's commands: for admins only, audited, felt by whom they are about."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from blocks.prefect.gateway import RunResult
from commands.council.flows import SeatTable, write_result
from db.session import Database
from reports.texts.catalog import render
from telegram.request.settings import Signup
from tests.db.reads import list_entries
from tests.doubles.telegram_chats import Person
from tests.telegram.stage import Stage, make_settings, open_stage
from tests.telegram.views.view_values import make_council_answer, make_seat_line
from tests.trading.council_cases import BTC, make_abstention, make_vote
from trading.council.decisions import Abstention
from trading.council.seat_faults import SeatFault
from trading.cycle import CycleKey
from trading.domain.messages import message, write_message
from trading.domain.units import CYCLE_INTERVAL, Mode, TradingState, VenueName

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
    assert "/broadcast" in (await admin.ask("/help")).text


async def test_users_and_health_are_shown(stage: Stage, admin: Person) -> None:
    ann = await stage.register(101)
    await ann.ask("/addpair BTC/USDT 1000")
    assert "Ann" in (await admin.ask("/users")).text
    health = await admin.ask("/health")
    assert "Users 2, pairs 1" in health.text
    stage.prefect.is_down = True
    assert "does not answer" in (await admin.ask("/health")).text


async def test_health_shows_a_council_below_its_quorum_red_with_each_seats_next_step(
    stage: Stage, admin: Person
) -> None:
    assert "Council: no question in the last 6 hours" in (await admin.ask("/health")).text
    user = await stage.load_user(ADMIN)
    gone = make_abstention(Abstention.UNAVAILABLE, name="openai:gpt-5-mini", detail=SeatFault.GONE)
    slow = make_abstention(Abstention.DEADLINE, name="deepseek:deepseek-flash")
    votes = (make_vote(name="anthropic:claude-haiku-5-5"), gone, slow)
    async with stage.database.tenant(user.user_id) as tenant:
        for age in range(3):
            at = stage.now - CYCLE_INTERVAL * age
            key = CycleKey(user_id=user.user_id, pair=BTC, cycle_time=at)
            await tenant.cycles.claim_cycle(key, mode=Mode.PAPER, venue=VenueName.PAPER, now=at)
            await tenant.decisions.add_decisions(key, decisions=votes, now=at)
    red = (await admin.ask("/health")).text
    assert "🔴 Council: below its quorum in the last 3 cycles; pairs: 1." in red
    assert "openai:gpt-5-mini: the vendor knows no such model. Name a current model" in red
    assert "deepseek:deepseek-flash: no answer in time." in red
    assert "claude" not in red


async def test_the_council_is_asked_through_a_flow_and_the_answer_is_shown(
    stage: Stage, admin: Person
) -> None:
    stage.prefect.end = RunResult(is_completed=True, message=write_result(make_council_answer()))
    told = (await admin.ask("/ask btc/usdt")).text
    assert "deepseek:deepseek-flash: open long, 75 %" in told
    assert "“1h trends up.”" in told
    assert "2 of 2 answers say open long (2 needed)." in told
    user = await stage.load_user(ADMIN)
    parameters = {"user_id": int(user.user_id), "venue": "binance", "pair": "BTC/USDT"}
    assert stage.prefect.runs == [("ask-council/ask-council", parameters)]
    assert "/ask PAIR" in (await admin.ask("/ask")).text

    table = SeatTable(lines=(make_seat_line(exists=False),))
    stage.prefect.end = RunResult(is_completed=True, message=write_result(table))
    assert "⚠️ the vendor knows no such model" in (await admin.ask("/seats")).text

    refusal = message("prices-not-live")
    stage.prefect.end = RunResult(is_completed=False, message=write_message(refusal))
    assert render(refusal) in (await admin.ask("/ask BTC/USDT")).text


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
