"""The bot's process: waits for Telegram, tends Prefect meanwhile, keeps its token to itself."""

import asyncio
import json
import logging
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from db.session import Database
from telegram.bot.app import keep_menus, poll
from telegram.bot.background import sweep, sync_deployments
from telegram.bot.logs import HidingFormatter, keep_logs
from tests.doubles.telegram import TOKEN
from tests.telegram.stage import Stage, make_settings, open_stage


async def test_telegram_may_be_away_at_the_start(database: Database, now: datetime) -> None:
    async with open_stage(database, now=now, is_polling=False) as stage:
        stage.telegram.is_down = True
        async with asyncio.TaskGroup() as group:
            group.create_task(poll(stage.dispatcher, bot=stage.bot))
            await stage.telegram.wait_until(lambda: stage.telegram.journal)
            stage.telegram.is_down = False
            ann = stage.telegram.add_person(101)
            assert "registered" in (await ann.ask("/start")).text
            await stage.dispatcher.stop_polling()
        await keep_menus(stage.services, bot=stage.bot)
    assert stage.telegram.menus["{} ru"][0]["command"] == "addpair"


async def test_an_admin_has_a_menu_of_his_own(database: Database, now: datetime) -> None:
    settings = make_settings(telegram_admins="900")
    async with open_stage(database, now=now, settings=settings, is_polling=False) as stage:
        await keep_menus(stage.services, bot=stage.bot)
    own = stage.telegram.menus['{"chat_id": 900, "type": "chat"}']
    assert {"users", "halt", "ban"} <= {one["command"] for one in own}
    assert "halt" not in {one["command"] for one in stage.telegram.menus["{}"]}


async def test_prefect_is_made_to_match_the_database(stage: Stage) -> None:
    ann = await stage.register(101)
    await ann.ask("/addpair BTC/USDT 1000")
    wanted = dict(stage.prefect.paused)
    stage.prefect.paused.clear()
    await sync_deployments(stage.services)
    assert stage.prefect.paused == wanted


async def test_an_update_that_comes_twice_is_acted_on_once(
    database: Database, now: datetime
) -> None:
    async with open_stage(database, now=now, is_polling=False) as stage:
        ann = stage.telegram.add_person(101)
        ann.write("/start")
        update = stage.telegram.updates.pop()
        await stage.feed(update)
        await stage.feed(update)
        assert len(ann.list_replies()) == 1
        assert await sweep(stage.services) == 0
        stage.pass_time(timedelta(days=3))
        assert await sweep(stage.services) == 1 + len(ann.list_replies()[0].labels)


def test_the_token_is_not_in_the_log() -> None:
    formatter = HidingFormatter(SecretStr(TOKEN).get_secret_value())
    record = logging.makeLogRecord({"msg": f"https://api.telegram.org/bot{TOKEN}/getMe failed"})
    assert TOKEN not in formatter.format(record)
    assert "getMe failed" in formatter.format(record)


def test_the_bot_keeps_json_of_its_own_without_its_token(tmp_path: Path) -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    try:
        path = keep_logs(tmp_path, token=SecretStr("a-token-of-another-shape"))
        logging.getLogger("aiogram").error("GET /bota-token-of-another-shape/getMe failed")
    finally:
        for handler in set(root.handlers) - set(before):
            handler.close()
        root.handlers, root.level = before, level
    (line,) = path.read_text().splitlines()
    assert path.name == "bot.jsonl"
    assert json.loads(line)["event"] == "GET /bot***/getMe failed"
