"""Stop commands work whatever Telegram and Prefect do: the real bot against their doubles."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import aiohttp
import pytest
from aiogram.exceptions import TelegramConflictError
from aiohttp import web

from blocks.prefect.system import SystemState
from db.session import Database
from telegram.bot.app import keep_menus, open_bot, poll
from telegram.bot.background import report_closing, restore_system, show_progress
from telegram.bot.conflicts import PollingConflicts
from tests.db.reads import list_close_requests
from tests.doubles.telegram import TelegramDouble
from tests.doubles.telegram_chats import Fault, Refusal
from tests.owed import list_owed
from tests.telegram.handlers.test_buttons import enter, hold, load_pair, press
from tests.telegram.stage import KNOWN_PAIRS, Stage, make_settings, open_stage
from trading.domain.alerts import Severity
from trading.domain.close_requests import OVERDUE_AFTER, CloseRequest
from trading.domain.units import Pair

BTC = Pair("BTC", "USDT")
TOO_OLD = Refusal(400, "query is too old and response timeout expired or query ID is invalid")
FLOOD = Refusal(429, "Too Many Requests: retry after 300", retry_after=300)


async def list_requests(stage: Stage, telegram_id: int = 101) -> tuple[CloseRequest, ...]:
    user = await stage.load_user(telegram_id)
    async with stage.database.tenant(user.user_id) as tenant:
        return await list_close_requests(tenant.close_requests)


async def wait_until_paused(stage: Stage) -> None:
    async with asyncio.timeout(10):
        await stage.prefect.switched.wait()
    assert (await load_pair(stage)).is_paused


@pytest.mark.parametrize(
    "refusal", [TOO_OLD, FLOOD, Refusal(500, "Internal Server Error"), None], ids=str
)
async def test_panic_counts_though_the_press_cannot_be_acknowledged(
    stage: Stage, refusal: Refusal | None
) -> None:
    ann = await enter(stage)
    question = await ann.ask("/panic")
    stage.telegram.faults.append(Fault(method="answerCallbackQuery", refusal=refusal))

    await press(ann, question, "Yes")

    assert (await load_pair(stage)).is_paused
    assert [request.pair for request in await list_requests(stage)] == [BTC]
    assert len(stage.prefect.runs) == 1


@pytest.mark.parametrize("outage", ["is_down", "refuses"])
async def test_panic_is_a_row_that_the_guards_execute_without_prefect(
    stage: Stage, outage: str
) -> None:
    ann = await enter(stage)
    question = await ann.ask("/panic")
    setattr(stage.prefect, outage, True)

    await press(ann, question, "Yes")

    (request,) = await list_requests(stage)
    assert (request.pair, request.requested_by) == (BTC, "telegram:101")
    assert (await load_pair(stage)).is_paused


async def test_resume_withdraws_a_request_to_close(stage: Stage) -> None:
    ann = await enter(stage)
    await hold(stage)
    await press(ann, await ann.ask("/close BTC/USDT"), "Close BTC/USDT")
    assert await list_requests(stage)

    await ann.ask("/resume BTC/USDT")

    assert await list_requests(stage) == ()


async def test_a_reply_under_flood_control_delays_no_command(stage: Stage) -> None:
    ann = await enter(stage)
    stage.telegram.faults.append(Fault(method="sendMessage", refusal=FLOOD, chat_id=101))

    ann.write("/status")
    ann.write("/pause BTC/USDT")

    await wait_until_paused(stage)
    assert stage.telegram.faults[0].times == 0, "the reply to /status was refused"


async def test_a_press_during_flood_control_still_stops_everything(stage: Stage) -> None:
    ann = await enter(stage)
    question = await ann.ask("/panic")
    stage.telegram.faults.append(Fault(times=99, refusal=FLOOD, chat_id=101))

    ann.write("/status")
    ann.press(question, "Yes")

    await wait_until_paused(stage)
    assert [request.pair for request in await list_requests(stage)] == [BTC]
    assert (await load_pair(stage)).is_paused


async def test_a_refused_menu_does_not_stop_the_bot(database: Database, now: datetime) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with open_stage(database, now=now, is_polling=False) as stage:
        stage.telegram.faults.append(Fault(method="setMyCommands", times=3, refusal=FLOOD))
        async with asyncio.TaskGroup() as group:
            group.create_task(poll(stage.dispatcher, bot=stage.bot))
            await keep_menus(stage.services, bot=stage.bot, sleep=sleep)
            ann = stage.telegram.add_person(101)
            assert "registered" in (await ann.ask("/start")).text
            await stage.dispatcher.stop_polling()
        assert stage.telegram.menus
    assert slept == [300.0, 300.0, 300.0]


@pytest.mark.parametrize("verb", ["/pause BTC/USDT", "/resume BTC/USDT"])
async def test_what_prefect_refuses_is_saved_and_the_answer_says_so(
    stage: Stage, verb: str
) -> None:
    ann = await enter(stage)
    stage.prefect.refuses = True

    answer = await ann.ask(verb)

    assert "password" not in answer.text
    assert (await load_pair(stage)).is_paused is verb.startswith("/pause")


@asynccontextmanager
async def serve_proxy(target: str) -> AsyncIterator[tuple[str, list[str]]]:
    """An HTTP proxy that sends every request to `target`; its address, and the asked hosts."""
    hosts: list[str] = []

    async def forward(request: web.BaseRequest) -> web.StreamResponse:
        hosts.append(request.url.host or "")
        async with (
            aiohttp.ClientSession() as session,
            session.post(target + request.path, data=await request.post()) as answer,
        ):
            return web.Response(
                body=await answer.read(),
                status=answer.status,
                content_type="application/json",
            )

    runner = web.ServerRunner(web.Server(forward))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield "http://{}:{}".format(*runner.addresses[0]), hosts
    finally:
        await runner.cleanup()


async def test_the_bot_uses_the_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with TelegramDouble().serve() as telegram, serve_proxy(telegram.url) as (proxy, hosts):
        for name in ("no_proxy", "NO_PROXY", "http_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTP_PROXY", proxy)
        settings = make_settings(telegram_api_url="http://telegram.test")
        async with open_bot(settings) as bot:
            me = await bot.get_me()

    assert me.username == "quorum_bot"
    assert hosts == ["telegram.test"]


async def test_a_panic_that_nobody_executes_is_told_after_twenty_seconds(stage: Stage) -> None:
    ann = await enter(stage)
    await press(ann, await ann.ask("/panic"), "Yes")
    stage.pass_time(OVERDUE_AFTER - timedelta(seconds=1))
    assert await report_closing(stage.services) == 0

    stage.pass_time(timedelta(seconds=1))
    assert await report_closing(stage.services) == 1
    assert await report_closing(stage.services) == 1, "told once only"

    told = {alert.user_id: alert for alert in await list_owed(stage.database)}
    user = await stage.load_user(101)
    assert set(told) == {user.user_id, None}
    assert "No worker has begun to close it. " in str(told[user.user_id].text)
    assert "You can close the position at the exchange" in str(told[user.user_id].text)
    assert "quorum doctor" in str(told[None].text)
    assert {alert.severity for alert in told.values()} == {Severity.CRITICAL}


async def settle(stage: Stage, pair: Pair) -> None:
    """As a worker's guard once the pair is flat."""
    user = await stage.load_user(101)
    async with stage.database.tenant(user.user_id) as tenant:
        await tenant.close_requests.remove_request(pair)


async def test_panic_counts_the_closed_pairs_in_its_own_message(stage: Stage) -> None:
    ann = await enter(stage)
    for name in ("ETH/USDT", "SOL/USDT"):
        await ann.ask(f"/addpair {name} 1000")
    message = await press(ann, await ann.ask("/panic"), "Yes")
    replies = len(ann.list_replies())

    texts = []
    for pair in KNOWN_PAIRS:
        await show_progress(stage.services)
        texts.append(message.text.partition("closed")[0])
        await settle(stage, pair)
    assert await show_progress(stage.services) == 0

    assert texts == ["Paused. 0 of 3 ", "Paused. 1 of 3 ", "Paused. 2 of 3 "]
    assert message.text.startswith("Done: 3 of 3 closed.")
    assert len(ann.list_replies()) == replies, "edited in place"


async def test_panic_says_in_its_message_that_nothing_has_begun(stage: Stage) -> None:
    ann = await enter(stage)
    message = await press(ann, await ann.ask("/panic"), "Yes")
    stage.pass_time(OVERDUE_AFTER)

    assert await show_progress(stage.services) == 1

    assert "BTC/USDT: no worker has begun to close it." in message.text
    assert "20 s have passed. The operator is told" in message.text
    assert "close it there at the market" in message.text


async def test_a_request_that_resume_withdrew_does_not_count_as_closed(stage: Stage) -> None:
    ann = await enter(stage)
    await hold(stage)
    message = await press(ann, await ann.ask("/panic"), "Yes")
    await ann.ask("/resume BTC/USDT")

    assert await show_progress(stage.services) == 0

    assert message.text == "Not closed, because /resume withdrew the request: BTC/USDT."


async def test_under_flood_control_one_edit_waits_with_the_newest_text(stage: Stage) -> None:
    ann = await enter(stage)
    message = await press(ann, await ann.ask("/panic"), "Yes")
    short = Refusal(429, "Too Many Requests: retry after 1", retry_after=1)
    stage.telegram.faults.append(Fault(method="editMessageText", times=2, refusal=short))
    before = len(stage.telegram.journal)

    await show_progress(stage.services)
    await settle(stage, BTC)
    await show_progress(stage.services)

    await stage.telegram.wait_until(lambda: message.text.startswith("Done: 1 of 1 closed."))
    edits = [one for one in stage.telegram.journal[before:] if one.method == "editMessageText"]
    assert [edit.status for edit in edits] == [429, 429, 200]


async def test_a_webhook_that_was_set_elsewhere_is_deleted_and_told(
    database: Database, now: datetime
) -> None:
    async with open_stage(database, now=now, is_polling=False) as stage:
        stage.bot.session.middleware(PollingConflicts(stage.services))
        stage.telegram.webhook = {"url": "https://elsewhere.test"}
        with pytest.raises(TelegramConflictError):
            await stage.bot.get_updates()

        await stage.bot.get_updates(timeout=0)

        assert stage.telegram.webhook == {}
        (alert,) = await list_owed(database)
    assert "webhook" in str(alert.text)
    assert "@BotFather" in str(alert.text)


async def test_a_second_poller_is_told_to_the_operator_once_an_hour(
    database: Database, now: datetime
) -> None:
    async with open_stage(database, now=now, is_polling=False) as stage:
        stage.bot.session.middleware(PollingConflicts(stage.services))
        stage.telegram.rivals = 2
        for _ in range(2):
            with pytest.raises(TelegramConflictError):
                await stage.bot.get_updates()
        assert await stage.bot.get_updates(timeout=0) == []
        (alert,) = await list_owed(database)
    assert "Another program reads the messages" in str(alert.text)
    assert alert.user_id is None


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (SystemState(has_pool=False), "The work pool of Prefect is gone"),
        (SystemState(paused=("work pool quorum",)), "Paused in Prefect: work pool quorum."),
    ],
)
async def test_a_pool_that_is_paused_or_gone_is_an_alarm(
    stage: Stage, state: SystemState, words: str
) -> None:
    stage.prefect.system = state

    for _ in range(2):
        await restore_system(stage.services)

    (alert,) = await list_owed(stage.database)
    assert str(alert.text).startswith(words)
    assert "/panic still closes" in str(alert.text)
    assert (alert.user_id, alert.severity) == (None, Severity.CRITICAL)
