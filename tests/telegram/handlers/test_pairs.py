"""A user's pairs through the bot: database first, Prefect follows."""

from datetime import timedelta
from decimal import Decimal

from blocks.prefect.gateway import RunResult
from tests.languages import RUSSIAN
from tests.telegram.stage import Stage
from trading.domain.units import Mode, Pair

BTC = Pair("BTC", "USDT")


async def test_start_registers_with_the_name_and_language_of_the_account(stage: Stage) -> None:
    await stage.register(101, "Аня", language="ru")
    user = await stage.load_user(101)
    assert (user.name, user.language, user.is_admin) == ("Аня", RUSSIAN, False)


async def test_start_again_welcomes_back(stage: Stage) -> None:
    ann = await stage.register(101)
    assert "Welcome back" in (await ann.ask("/start")).text


async def test_strangers_are_told_to_start(stage: Stage) -> None:
    bob = stage.telegram.add_person(102, "Bob")
    assert "/start" in (await bob.ask("/status")).text


async def test_a_pair_is_added_scheduled_and_looked_at_once(stage: Stage) -> None:
    ann = await stage.register(101)
    reply = await ann.ask("/addpair BTC/USDT 1000")
    user = await stage.load_user(101)
    async with stage.database.tenant(user.user_id) as tenant:
        (config,) = await tenant.pairs.list_pairs()
    assert "BTC/USDT" in reply.text
    assert "PAPER" in reply.text
    assert (config.mode, config.capital) == (Mode.PAPER, Decimal(1000))
    assert stage.prefect.paused == {(user.user_id, BTC): False}
    assert [name for name, _ in stage.prefect.runs] == ["trading-cycle"]


async def test_an_unknown_pair_is_looked_up_and_refused_in_a_sentence(stage: Stage) -> None:
    ann = await stage.register(101)
    stage.prefect.end = RunResult(is_completed=False, message="DOGE/USDT is not traded there.")
    reply = await ann.ask("/addpair DOGE/USDT 1000")
    assert reply.text == "DOGE/USDT is not traded there."
    ((name, parameters),) = stage.prefect.runs
    assert name == "look-up-pair/look-up-pair"
    assert parameters == {"venue": "binance", "pair": "DOGE/USDT"}


async def test_rules_of_yesterday_serve_while_prefect_is_away(stage: Stage) -> None:
    ann = await stage.register(101)
    stage.pass_time(timedelta(days=2))
    stage.prefect.is_down = True
    reply = await ann.ask("/addpair BTC/USDT 1000")
    assert "Added BTC/USDT" in reply.text
    assert "follows" in reply.text


async def test_pause_and_resume_reach_prefect(stage: Stage) -> None:
    ann = await stage.register(101)
    await ann.ask("/addpair BTC/USDT 1000")
    await ann.ask("/addpair ETH/USDT 1000")
    await ann.ask("/pause BTC/USDT")
    assert list(stage.prefect.paused.values()) == [True, False]
    await ann.ask("/stop_trading")
    assert list(stage.prefect.paused.values()) == [True, True]
    await ann.ask("/start_trading all")
    assert list(stage.prefect.paused.values()) == [False, False]


async def test_a_removed_pair_is_gone_everywhere(stage: Stage) -> None:
    ann = await stage.register(101)
    await ann.ask("/addpair BTC/USDT 1000")
    assert "Removed BTC/USDT" in (await ann.ask("/removepair BTC/USDT")).text
    assert stage.prefect.paused == {}
    assert "no pair yet" in (await ann.ask("/listpairs")).text


async def test_a_button_adds_the_first_pair_and_works_once(stage: Stage) -> None:
    ann = stage.telegram.add_person(101)
    hello = await ann.ask("/start")
    ann.press(hello, "Add BTC/USDT")
    await stage.telegram.wait_until(lambda: hello.edits)
    assert "Added BTC/USDT" in hello.text
    assert stage.prefect.paused
