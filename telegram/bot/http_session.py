"""HTTP session of the bot: aiogram's, with the proxy of the environment and updates read singly.

HTTPS_PROXY, HTTP_PROXY, NO_PROXY -> EnvironmentSession -> Bot API
answer to getUpdates -> each update validated alone -> unreadable update: only the number kept

aiohttp reads the variables only on request; all other clients of Quorum read the variables.
aiogram validates a batch of updates as a whole: a single update of an unknown form would stop the
bot for good, and the error's text quotes the batch, with any API key in the batch. An unreadable
update becomes an update without an event, so that polling acknowledges the number and goes on.
"""

import json
import logging
from typing import Any, override

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.exceptions import ClientDecodeError
from aiogram.methods import GetUpdates, Response, TelegramMethod
from aiogram.types import Update
from pydantic import ValidationError

logger = logging.getLogger(__name__)


class EnvironmentSession(AiohttpSession):
    """aiogram's session through the environment's proxy."""

    @override
    async def create_session(self) -> Any:
        session = await super().create_session()
        session._trust_env = True  # noqa: SLF001 - aiogram passes no options on to aiohttp
        return session

    @override
    def check_response(
        self, bot: Bot, method: TelegramMethod[Any], status_code: int, content: str
    ) -> Response[Any]:
        if isinstance(method, GetUpdates):
            content = keep_readable(content, bot=bot)
        try:
            return super().check_response(bot, method, status_code, content)
        except ClientDecodeError as error:
            hidden = ValueError(type(error.original).__name__)
            raise ClientDecodeError(error.message, hidden, "(not shown)") from None


def keep_readable(content: str, *, bot: Bot) -> str:
    """Return the answer to getUpdates with each unreadable update reduced to the number."""
    try:
        answer = json.loads(content)
        updates = answer["result"]
        readable = [entry for update in updates for entry in _read(update, bot=bot)]
    except (ValueError, KeyError, TypeError):
        return content  # an error of the server, or no JSON
    return json.dumps({**answer, "result": readable})


def _read(update: Any, *, bot: Bot) -> list[dict[str, Any]]:
    number = update.get("update_id") if isinstance(update, dict) else None
    try:
        Update.model_validate(update, context={"bot": bot})
    except ValidationError:
        logger.error("Update %s is skipped: its form is unknown.", number)
        return [{"update_id": number}] if isinstance(number, int) else []
    return [update]
