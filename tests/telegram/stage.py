"""The bot on a stage: Telegram's double, the run's PostgreSQL, Prefect or its double.

    async with open_stage(database) as stage:
        ann = await stage.register(101, "Ann")
        reply = await ann.ask("/status")

Everything goes the real way: the double's updates are polled by aiogram, answers come by HTTP.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiogram import Bot, Dispatcher
from pydantic import SecretStr

from commands.deployments.gateway import Gateway
from db.encryption.envelope import MasterKeys
from db.session import Database
from telegram.bot.app import UPDATES, build_dispatcher, open_bot
from telegram.request.request import Services
from telegram.request.settings import BotSettings, Signup
from tests.doubles.deployments import RememberedDeployments
from tests.doubles.telegram import TOKEN, TelegramDouble
from tests.doubles.telegram_chats import Person
from tests.trading.builders import make_instrument
from trading.domain.accounts import User
from trading.domain.units import Pair, VenueName

KEYS = MasterKeys(b"k" * 32)
KNOWN_PAIRS = (Pair("BTC", "USDT"), Pair("ETH", "USDT"), Pair("SOL", "USDT"))


@dataclass(slots=True, kw_only=True)
class Stage:
    """
    The bot and everything around it.

    Attributes:
        now: the bot's clock; a test moves it.
        prefect: the double, also when the bot talks to a real server (then it stays empty).
    """

    now: datetime
    telegram: TelegramDouble
    database: Database
    services: Services
    dispatcher: Dispatcher
    bot: Bot
    prefect: RememberedDeployments = field(default_factory=RememberedDeployments)

    def pass_time(self, duration: timedelta) -> None:
        """Move the bot's clock."""
        self.now += duration

    async def register(self, telegram_id: int, name: str = "Ann", **account: Any) -> Person:
        """Somebody who has said /start, the answer read."""
        person = self.telegram.add_person(telegram_id, name, **account)
        await person.ask("/start")
        return person

    async def load_user(self, telegram_id: int) -> User:
        """The user of a Telegram account. AssertionError when there is none."""
        async with self.database.operator() as operator:
            user = await operator.users.find_user_by_telegram_id(telegram_id)
        assert user is not None
        return user

    async def feed(self, update: dict[str, Any]) -> None:
        """Give an update to the dispatcher directly, and wait until it is worked on."""
        await self.dispatcher.feed_raw_update(self.bot, update)


@asynccontextmanager
async def open_stage(
    database: Database,
    *,
    now: datetime,
    gateway: Gateway | None = None,
    settings: BotSettings | None = None,
    is_polling: bool = True,
) -> AsyncIterator[Stage]:
    """Raise the curtain: three pairs are known, anybody may sign up."""
    async with TelegramDouble().serve() as telegram:
        settings = settings or make_settings()
        settings = settings.model_copy(update={"telegram_api_url": telegram.url})
        prefect = RememberedDeployments()
        services = Services(
            database=database,
            deployments=gateway or prefect,
            load_keys=lambda: KEYS,
            settings=settings,
            clock=lambda: stage.now,
        )
        dispatcher = build_dispatcher(services)
        async with open_bot(settings) as bot:
            stage = Stage(
                now=now,
                telegram=telegram,
                database=database,
                services=services,
                dispatcher=dispatcher,
                bot=bot,
                prefect=prefect,
            )
            await teach_pairs(database, now=now)
            async with _polling(stage, is_polling=is_polling):
                yield stage


def make_settings(**changes: Any) -> BotSettings:
    """Settings of a test: nothing of the machine's, a pace that nobody reaches by accident."""
    given: dict[str, Any] = {"messages_per_minute": 10_000, "signup": Signup.OPEN, **changes}
    return BotSettings(
        _env_file=None,
        **{"TELEGRAM_BOT_TOKEN": SecretStr(TOKEN), **given},
    )


async def teach_pairs(database: Database, *, now: datetime) -> None:
    """Let the venue's rules for a few pairs be known, as a look-up leaves them."""
    async with database.operator() as operator:
        for pair in KNOWN_PAIRS:
            await operator.instruments.save_instrument(
                make_instrument(pair=pair, venue=VenueName.BINANCE, fetched_at=now)
            )


@asynccontextmanager
async def _polling(stage: Stage, *, is_polling: bool) -> AsyncIterator[None]:
    if not is_polling:
        yield
        return
    async with asyncio.TaskGroup() as beside:
        polling = beside.create_task(
            stage.dispatcher.start_polling(
                stage.bot, allowed_updates=UPDATES, handle_signals=False,
                close_bot_session=False,
            )
        )  # fmt: skip
        try:
            await stage.telegram.wait_until(lambda: stage.telegram.polls)
            yield
        finally:
            await stage.dispatcher.stop_polling()
            stage.telegram.is_down = True
            stage.telegram.wake()
            await polling
