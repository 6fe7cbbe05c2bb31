"""Notices that another program receives the bot's messages: a webhook, or a second poller.

getUpdates -> 409 Conflict -> webhook deleted | operator told -> polled again by aiogram

aiogram itself repeats the request and only logs the conflict, so the bot would stay deaf.
"""

import logging
from typing import Any, override

from aiogram import Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.exceptions import TelegramAPIError, TelegramConflictError
from aiogram.methods import GetUpdates, TelegramMethod

from commands.operations import alert_operator
from telegram.request.request import Services
from trading.domain.errors import QuorumError

WEBHOOK = (
    "Another program had set a webhook for the bot's token, so the bot received no messages. The "
    "webhook is deleted and the bot reads messages again. If this comes again, revoke the token "
    "with @BotFather: somebody else has it."
)
SECOND_POLLER = (
    "Another program reads the messages of the bot's token, so commands such as /panic may be "
    "lost. Stop the other program, or revoke the token with @BotFather."
)
logger = logging.getLogger(__name__)


class PollingConflicts(BaseRequestMiddleware):
    """Deletes a foreign webhook and alerts the operator; the conflict is raised again."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @override
    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[Any],
        bot: Bot,
        method: TelegramMethod[Any],
    ) -> Any:
        try:
            return await make_request(bot, method)
        except TelegramConflictError as error:
            if isinstance(method, GetUpdates):
                await self._resolve(bot, is_webhook="webhook" in error.message)
            raise

    async def _resolve(self, bot: Bot, *, is_webhook: bool) -> None:
        try:
            if is_webhook:
                await bot.delete_webhook()
            await alert_operator(
                self._services.database,
                "webhook" if is_webhook else "second-poller",
                text=WEBHOOK if is_webhook else SECOND_POLLER,
                now=self._services.clock(),
            )
        except (TelegramAPIError, QuorumError) as error:
            logger.warning("A conflict is not resolved yet: %s", type(error).__name__)
