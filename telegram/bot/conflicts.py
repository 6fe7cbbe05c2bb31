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
from trading.domain.messages import message

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
                text=message("bot-webhook") if is_webhook else message("bot-second-poller"),
                now=self._services.clock(),
            )
        except (TelegramAPIError, QuorumError) as error:
            logger.warning("A conflict is not resolved yet: %s", type(error).__name__)
