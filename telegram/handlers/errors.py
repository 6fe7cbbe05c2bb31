"""Error handler of the bot: one sentence for the user, the details for the log.

exception -> sentence (and a short id) -> chat;  id, type, traceback -> log

Quorum's own errors carry a sentence. Of other errors the user sees only the id.
"""

import logging
import secrets

from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramAPIError, TelegramForbiddenError
from aiogram.types import ErrorEvent

from commands.people.users import Person
from telegram.delivery.sending import send_text
from telegram.request.request import Services
from telegram.views.errors import render_bad_input, render_trouble, render_try_later
from telegram.views.message import Reply
from trading.domain.accounts import Language, User
from trading.domain.errors import BadInput, PermanentError, TransientError

ID_BYTES = 3
logger = logging.getLogger(__name__)


def register_errors(dispatcher: Dispatcher) -> None:
    """Register the error handler."""
    dispatcher.errors.register(tell_error)


async def tell_error(
    event: ErrorEvent,
    *,
    bot: Bot,
    services: Services,
    person: Person | None = None,
    user: User | None = None,
) -> None:
    """Send the user a sentence about the failure, and log the details."""
    error_id = secrets.token_hex(ID_BYTES)
    failure = event.exception
    if not isinstance(failure, BadInput):
        logger.error(
            "error %s: update %s: %s", error_id, event.update.update_id, type(failure).__name__,
            exc_info=failure,
        )  # fmt: skip
    if person is None or isinstance(failure, TelegramForbiddenError):
        return
    language = user.language if user else person.language
    try:
        reply = _render(failure, error_id=error_id, language=language)
        await send_text(bot, reply, chat_id=person.telegram_id, replies=services.replies)
    except TelegramAPIError as error:
        logger.error("error %s could not be told: %s", error_id, type(error).__name__)


def _render(failure: Exception, *, error_id: str, language: Language) -> Reply:
    if isinstance(failure, BadInput | PermanentError):
        return render_bad_input(failure.message, language=language)
    if isinstance(failure, TransientError):
        return render_try_later(language=language)
    return render_trouble(error_id, language=language)
