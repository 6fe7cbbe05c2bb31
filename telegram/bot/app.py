"""The bot's process: connections, dispatcher and background tasks in an event loop.

environment -> Services -> Dispatcher -> long polling
                       -> background, outbox, digests (concurrent tasks)

While Telegram is unreachable, Prefect still follows the database; messages of the outage are
answered afterwards.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial

from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import BotCommand, BotCommandScopeChat
from pydantic import SecretStr
from tenacity import RetryCallState, retry, retry_if_exception_type, wait_exponential

from blocks.operator_url import OperatorUrl
from blocks.prefect.gateway import open_deployments
from blocks.settings import VenueSettings
from db.encryption.envelope import load_master_keys
from db.engine.settings import DatabaseSettings
from db.session import Database
from reports.texts.catalog import list_languages
from telegram.bot.access import Access
from telegram.bot.background import run_background, watch_closing
from telegram.bot.conflicts import PollingConflicts
from telegram.bot.http_session import EnvironmentSession
from telegram.bot.updates import build_router
from telegram.delivery.digest import keep_digests
from telegram.delivery.outbox import Outbox
from telegram.handlers.errors import register_errors
from telegram.request.request import Services
from telegram.request.settings import BotSettings
from telegram.views.help import build_menu
from trading.domain.accounts import ENGLISH, Language
from trading.domain.errors import PermanentError
from trading.domain.units import VenueName

UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
AT_ONCE = 50
"""Most updates of different people at the same time."""
LONGEST_WAIT_SECONDS = 15.0
logger = logging.getLogger(__name__)


async def run_bot() -> None:
    """Run the bot until stopped. Raises PermanentError for a missing token or address."""
    settings = BotSettings()
    async with (
        open_services(settings) as services,
        open_bot(settings) as bot,
        asyncio.TaskGroup() as beside,
    ):
        bot.session.middleware(PollingConflicts(services))
        outbox = Outbox(
            bot=bot,
            database=services.database,
            clock=services.clock,
            admin_chats=sorted(settings.telegram_admins),
        )
        tasks = [
            beside.create_task(run_background(services)),
            beside.create_task(watch_closing(services)),
            beside.create_task(keep_menus(services, bot=bot)),
            beside.create_task(outbox.run()),
            beside.create_task(keep_digests(services.database, clock=services.clock)),
        ]
        await poll(build_dispatcher(services), bot=bot)
        for task in tasks:
            task.cancel()


@asynccontextmanager
async def open_services(settings: BotSettings) -> AsyncIterator[Services]:
    """Connect to the database and to Prefect at the addresses from `quorum up`."""
    access = DatabaseSettings()
    app, operator = access.database_app_url, access.database_operator_url
    if app is None or operator is None:
        raise PermanentError("The bot is started by `quorum up`, which tells it its addresses.")
    async with AsyncExitStack() as stack:
        database = Database(app.get_secret_value(), operator_url=operator.get_secret_value())
        stack.push_async_callback(database.close)
        yield Services(
            database=database,
            deployments=await stack.enter_async_context(open_deployments()),
            load_keys=partial(
                load_master_keys, access.secrets, from_environment=access.master_key
            ),
            settings=settings,
            clock=lambda: datetime.now(UTC),
            venue=VenueName(VenueSettings().venue),
            operator_url=OperatorUrl.from_settings(),
        )


@asynccontextmanager
async def open_bot(settings: BotSettings) -> AsyncIterator[Bot]:
    """Open the client of the Bot API, at Telegram's address or the configured one."""
    token: SecretStr | None = settings.telegram_bot_token
    if token is None:
        raise PermanentError("There is no TELEGRAM_BOT_TOKEN: ask @BotFather for one.")
    session = EnvironmentSession()
    if settings.telegram_api_url:
        session.api = TelegramAPIServer.from_base(settings.telegram_api_url)
    # A preview would show a page chosen by a stranger.
    default = DefaultBotProperties(link_preview_is_disabled=True)
    bot = Bot(token.get_secret_value(), session=session, default=default)
    try:
        yield bot
    finally:
        await session.close()


def build_dispatcher(services: Services) -> Dispatcher:
    """Build the dispatcher; the dispatcher itself keeps no state."""
    dispatcher = Dispatcher(disable_fsm=True, services=services)
    dispatcher.update.outer_middleware(Access(services))
    dispatcher.include_router(build_router())
    register_errors(dispatcher)
    return dispatcher


def _log_absence(attempt: RetryCallState) -> None:
    """Log the type of the error only: the error's text may quote the address with the token."""
    error = attempt.outcome.exception() if attempt.outcome else None
    logger.warning(
        "Telegram is away (%s): again in %.0f s", type(error).__name__, attempt.upcoming_sleep
    )


@retry(
    retry=retry_if_exception_type((TelegramNetworkError, TelegramServerError, TelegramRetryAfter)),
    wait=wait_exponential(max=LONGEST_WAIT_SECONDS),
    before_sleep=_log_absence,
)
async def poll(dispatcher: Dispatcher, *, bot: Bot) -> None:
    """Poll for updates until stopped; retries while Telegram is unreachable."""
    try:
        await bot.delete_webhook()
        await dispatcher.start_polling(
            bot, allowed_updates=UPDATES, tasks_concurrency_limit=AT_ONCE,
            close_bot_session=False,
        )  # fmt: skip
    except TelegramUnauthorizedError:
        raise PermanentError("Telegram does not know this TELEGRAM_BOT_TOKEN.") from None


async def keep_menus(
    services: Services, *, bot: Bot, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> None:
    """Set the command menus once; a refusal of Telegram is tried again and stops nothing else."""
    while True:
        try:
            await show_menus(bot, admins=services.settings.telegram_admins)
        except TelegramRetryAfter as error:
            wait = float(error.retry_after)
        except TelegramAPIError as error:
            logger.warning("The command menus are not set: %s", type(error).__name__)
            wait = LONGEST_WAIT_SECONDS
        else:
            return
        await sleep(wait)


async def show_menus(bot: Bot, *, admins: frozenset[int]) -> None:
    """Set the command menu in both languages, and a longer menu for admins."""
    for language in list_languages():
        code = None if language == ENGLISH else str(language)
        await bot.set_my_commands(_menu(language, is_admin=False), language_code=code)
    for telegram_id in admins:
        try:
            scope = BotCommandScopeChat(chat_id=telegram_id)
            await bot.set_my_commands(_menu(ENGLISH, is_admin=True), scope=scope)
        except (TelegramNetworkError, TelegramRetryAfter):
            raise
        except TelegramAPIError as error:  # this admin has not written to us yet
            logger.info("no menu for an admin: %s", type(error).__name__)


def _menu(language: Language, *, is_admin: bool) -> list[BotCommand]:
    return [
        BotCommand(command=one.command, description=one.description)
        for one in build_menu(is_admin=is_admin, language=language)
    ]
