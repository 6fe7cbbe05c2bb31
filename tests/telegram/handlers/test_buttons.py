"""Buttons: once, for their owner, while fresh. What they confirm, and what only a hand types."""

from datetime import datetime, timedelta
from decimal import Decimal

from commands.mode import LIVE_PHRASE
from db.session import Database
from telegram.bot.background import raise_limits
from tests.db.values import close_position, make_position
from tests.doubles.telegram_chats import Message, Person
from tests.telegram.stage import Stage, make_settings, open_stage
from trading.domain.accounts import PairConfig
from trading.domain.units import Mode, Pair, VenueName
from trading.security.credentials import Credentials

BTC = Pair("BTC", "USDT")
CLOSE = "close-positions/close-positions"


async def enter(stage: Stage, telegram_id: int = 101) -> Person:
    person = await stage.register(telegram_id)
    await person.ask("/addpair BTC/USDT 1000")
    stage.prefect.runs.clear()
    return person


async def hold(stage: Stage, telegram_id: int = 101) -> None:
    """Give the user an open position."""
    user = await stage.load_user(telegram_id)
    async with stage.database.tenant(user.user_id) as tenant:
        await tenant.positions.save_position(make_position(stage.now))


async def load_pair(stage: Stage, telegram_id: int = 101) -> PairConfig:
    user = await stage.load_user(telegram_id)
    async with stage.database.tenant(user.user_id) as tenant:
        (config,) = await tenant.pairs.list_pairs()
    return config


async def press(person: Person, message: Message, label: str) -> Message:
    """Press and wait until the message says something else."""
    before = message.edits
    person.press(message, label)
    await person.telegram.wait_until(lambda: message.edits > before)
    return message


async def test_close_asks_pauses_and_has_a_flow_close(stage: Stage) -> None:
    ann = await enter(stage)
    await hold(stage)
    question = await ann.ask("/close BTC/USDT")
    assert stage.prefect.runs == []
    await press(ann, question, "Close BTC/USDT")
    user = await stage.load_user(101)
    assert stage.prefect.runs == [(CLOSE, {"user_id": int(user.user_id), "pair": "BTC/USDT"})]
    assert (await load_pair(stage)).is_paused
    assert stage.prefect.paused[user.user_id, BTC]


async def test_panic_pauses_everything_even_while_prefect_is_away(stage: Stage) -> None:
    ann = await enter(stage)
    question = await ann.ask("/panic")
    stage.prefect.is_down = True
    await press(ann, question, "Yes")
    assert "could not be started" in question.text
    assert (await load_pair(stage)).is_paused
    stage.prefect.is_down = False
    again = await ann.ask("/panic")
    await press(ann, again, "Yes")
    assert [name for name, _ in stage.prefect.runs] == [CLOSE]


async def test_close_without_prefect_says_that_the_pair_is_paused(stage: Stage) -> None:
    ann = await enter(stage)
    await hold(stage)
    question = await ann.ask("/close BTC/USDT")
    stage.prefect.is_down = True
    await press(ann, question, "Close BTC/USDT")
    assert "BTC/USDT is paused. The closing could not be started" in question.text
    assert (await load_pair(stage)).is_paused


async def test_cancel_changes_nothing(stage: Stage) -> None:
    ann = await enter(stage)
    question = await ann.ask("/panic")
    await press(ann, question, "Cancel")
    assert "nothing was changed" in question.text
    assert stage.prefect.runs == []


async def test_a_button_works_once(stage: Stage) -> None:
    ann = await enter(stage)
    question = await ann.ask("/panic")
    data = question.find_data("Yes")
    for _ in range(3):
        ann.press_data(data, message=question)
    await stage.telegram.wait_until(
        lambda: len(stage.telegram.list_calls("answerCallbackQuery")) == 3
    )
    await stage.telegram.wait_until(lambda: question.edits)
    assert [name for name, _ in stage.prefect.runs] == [CLOSE]


async def test_a_button_is_its_owner_s_alone(stage: Stage) -> None:
    ann, bob = await enter(stage), await enter(stage, 102)
    question = await ann.ask("/panic")
    bob.press_data(question.find_data("Yes"), message=question)
    bob.press_data(question.find_data("Yes"), message=await bob.ask("/panic"))
    await stage.telegram.wait_until(lambda: stage.telegram.list_calls("answerCallbackQuery"))
    assert stage.prefect.runs == []
    await press(ann, question, "Yes")
    user = await stage.load_user(101)
    assert stage.prefect.runs == [(CLOSE, {"user_id": int(user.user_id)})]


async def test_a_button_goes_stale(stage: Stage) -> None:
    ann = await enter(stage)
    question = await ann.ask("/panic")
    stage.pass_time(timedelta(minutes=10))
    ann.press(question, "Yes")
    (call,) = await stage.telegram.wait_until(
        lambda: stage.telegram.list_calls("answerCallbackQuery")
    )
    assert "too old" in call.params["text"]
    assert stage.prefect.runs == []


async def test_a_stricter_limit_holds_at_once_a_looser_one_in_an_hour(stage: Stage) -> None:
    ann = await enter(stage)
    await ann.ask("/risk max_leverage 1.5")
    assert (await load_pair(stage)).overrides == {"max_leverage": "1.5"}
    question = await ann.ask("/risk max_leverage 2.5")
    assert "Loosen" in question.text
    assert (await load_pair(stage)).overrides == {"max_leverage": "1.5"}
    await press(ann, question, "Yes")
    assert "2.5" in (await ann.ask("/risk")).text
    stage.pass_time(timedelta(minutes=59))
    assert await raise_limits(stage.services) == 0
    assert (await load_pair(stage)).overrides == {"max_leverage": "1.5"}
    stage.pass_time(timedelta(minutes=1))
    assert await raise_limits(stage.services) == 1
    assert (await load_pair(stage)).overrides == {"max_leverage": "2.5"}


async def test_a_raise_can_be_taken_back(stage: Stage) -> None:
    ann = await enter(stage)
    await ann.ask("/risk max_leverage 1.5")
    question = await ann.ask("/risk BTC/USDT max_leverage 3")
    await press(ann, question, "Yes")
    await press(ann, question, "Take it back")
    stage.pass_time(timedelta(hours=2))
    assert await raise_limits(stage.services) == 0


async def ripen(stage: Stage) -> None:
    """Let 30 days and 20 trades pass on paper, and the key be verified."""
    user = await stage.load_user(101)
    async with stage.database.tenant(user.user_id) as tenant:
        await tenant.accounts.save_credentials(
            VenueName.BINANCE,
            credentials=Credentials(api_key="k" * 20, api_secret="s" * 20),
            keys=stage.services.load_keys(),
            now=stage.now,
        )
        await tenant.accounts.set_verified(VenueName.BINANCE, now=stage.now)
        for number in range(20):
            opened = make_position(stage.now + timedelta(hours=number))
            closed = close_position(opened, stage.now + timedelta(hours=number, minutes=30))
            await tenant.positions.save_position(closed)
    stage.pass_time(timedelta(days=30))


async def test_live_needs_the_gate_and_the_typed_words(stage: Stage) -> None:
    ann = await enter(stage)
    await ripen(stage)
    question = await ann.ask("/mode live BTC/USDT")
    assert LIVE_PHRASE in question.text
    await ann.ask("yes")
    assert (await load_pair(stage)).mode is Mode.PAPER
    await ann.ask("/mode live BTC/USDT")
    assert "locked" in (await ann.ask(LIVE_PHRASE)).text
    assert (await load_pair(stage)).mode is Mode.PAPER


async def test_live_and_back_moves_the_paper_money(database: Database, now: datetime) -> None:
    settings = make_settings(live_unlocked=True)
    async with open_stage(database, now=now, settings=settings) as stage:
        ann = await enter(stage)
        await ripen(stage)
        user = await stage.load_user(101)
        async with database.tenant(user.user_id) as tenant:
            await tenant.paper.deposit(Decimal(5000), now=stage.now)  # what the trades won
        await ann.ask("/mode live BTC/USDT")
        await ann.ask(LIVE_PHRASE)
        assert (await load_pair(stage)).mode is Mode.LIVE
        assert "put it on PAPER first" in (await ann.ask("/disconnect binance")).text
        await ann.ask("/mode paper BTC/USDT")
        assert (await load_pair(stage)).mode is Mode.PAPER
        async with database.tenant(user.user_id) as tenant:
            book = await tenant.paper.load_book()
        assert book.ledger.balance >= Decimal(1000)
