"""Sends answers to a chat: creates buttons, waits for Telegram's limits, edits old messages.

Reply | Picture -> tokens in the database -> Bot API

A button carries only a random token. The database holds the button's verb, owner and expiry; a
button works once.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramRetryAfter
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup

from commands.conversation import add_buttons
from telegram.request.request import Answer, Ask, Message, Picture
from telegram.views.message import Reply
from trading.domain.conversation import PressedButton

TOKEN_BYTES = 18
"""24 characters: a token can't be guessed within the button's ten minutes."""
SENDING_TRIES = 4
LONGEST_WAIT_SECONDS = 60
HTML = "HTML"


async def send_answer(
    bot: Bot, *, ask: Ask, chat_id: int, answer: Answer, instead_of: int | None = None
) -> None:
    """
    Send the answer to the user's chat; the first text replaces message `instead_of`.

    Raises:
        TelegramAPIError: when Telegram refuses, or asks to wait too often.
    """
    for position, message in enumerate(list_messages(answer)):
        replaced = instead_of if position == 0 else None
        markup = await _make_keyboard(ask, _reply_of(message))
        if isinstance(message, Picture):
            await _send_picture(bot, message, chat_id=chat_id, markup=markup)
        elif replaced is None or not await _edit(bot, message, (chat_id, replaced), markup):
            await send_text(bot, message, chat_id=chat_id, markup=markup)


async def send_text(
    bot: Bot, reply: Reply, *, chat_id: int, markup: InlineKeyboardMarkup | None = None
) -> None:
    """Send one text, waiting when Telegram asks to. Raises TelegramAPIError."""
    await _patiently(
        lambda: bot.send_message(chat_id, reply.text, parse_mode=HTML, reply_markup=markup)
    )


async def delete_message(bot: Bot, *, chat_id: int, message_id: int) -> bool:
    """Delete a message; False when Telegram refuses."""
    try:
        await _patiently(lambda: bot.delete_message(chat_id, message_id))
    except TelegramBadRequest:
        return False
    return True


def list_messages(answer: Answer) -> Iterator[Message]:
    """The messages of an answer, in order."""
    if answer is None:
        return
    yield from answer if isinstance(answer, tuple) else (answer,)


def _reply_of(message: Message) -> Reply:
    return message.reply if isinstance(message, Picture) else message


async def _make_keyboard(ask: Ask, reply: Reply) -> InlineKeyboardMarkup | None:
    if not reply.buttons:
        return None
    tokens = {
        secrets.token_urlsafe(TOKEN_BYTES): button for row in reply.buttons for button in row
    }
    await add_buttons(
        ask,
        {
            token: PressedButton(action=button.action, argument=button.argument)
            for token, button in tokens.items()
        },
        life=ask.services.settings.button_life,
    )
    ready = iter(
        InlineKeyboardButton(text=button.label, callback_data=token)
        for token, button in tokens.items()
    )
    return InlineKeyboardMarkup(
        inline_keyboard=[[next(ready) for _ in row] for row in reply.buttons]
    )


async def _send_picture(
    bot: Bot, picture: Picture, *, chat_id: int, markup: InlineKeyboardMarkup | None
) -> None:
    file = BufferedInputFile(picture.png, "equity.png")
    text = picture.reply.text
    await _patiently(
        lambda: bot.send_photo(chat_id, file, caption=text, parse_mode=HTML, reply_markup=markup)
    )


async def _edit(
    bot: Bot, reply: Reply, place: tuple[int, int], markup: InlineKeyboardMarkup | None
) -> bool:
    """Replace a message's text; False for a deleted, too old, or picture message."""
    chat_id, message_id = place
    try:
        await _patiently(
            lambda: bot.edit_message_text(
                reply.text,
                chat_id=chat_id,
                message_id=message_id,
                parse_mode=HTML,
                reply_markup=markup,
            )
        )
    except TelegramBadRequest:
        return False
    return True


async def _patiently[T](call: Callable[[], Awaitable[T]]) -> T:
    for _ in range(SENDING_TRIES - 1):
        try:
            return await call()
        except TelegramRetryAfter as error:
            await asyncio.sleep(min(error.retry_after, LONGEST_WAIT_SECONDS))
    return await call()
