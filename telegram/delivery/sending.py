"""Sends answers to a chat: creates buttons, waits for Telegram's limits, edits old messages.

Reply | Picture -> tokens in the database -> Bot API

A button carries only a random token. The database holds the button's verb, owner and expiry; a
button works once.
"""

import asyncio
import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramRetryAfter
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup

from commands.conversation import add_buttons
from telegram.delivery.live_messages import LiveMessage
from telegram.delivery.reply_queue import ReplyQueue
from telegram.request.request import Answer, Ask, Live, Message, Picture
from telegram.views.message import Reply
from trading.domain.conversation import PressedButton

TOKEN_BYTES = 18
"""24 characters: a token can't be guessed within the button's ten minutes."""
DELETING_TRIES = 3
LONGEST_WAIT_SECONDS = 5
"""A handler waits no longer to delete a secret; the user is told that the message stands."""
HTML = "HTML"
logger = logging.getLogger(__name__)


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
        sending = Sending(bot=bot, chat_id=chat_id, markup=markup, replaced=replaced)
        if isinstance(message, Live):
            ask.services.live.add(
                LiveMessage(
                    chat_id=chat_id,
                    newest=message.reply,
                    edit=sending.send,
                    refresh=message.refresh,
                    replies=ask.services.replies,
                )
            )
        await ask.services.replies.deliver(chat_id, partial(sending.send, message))


async def send_text(bot: Bot, reply: Reply, *, chat_id: int, replies: ReplyQueue) -> None:
    """Send a text behind earlier replies of the chat. Raises TelegramAPIError."""
    await replies.deliver(chat_id, partial(Sending(bot=bot, chat_id=chat_id).send, reply))


@dataclass(slots=True, kw_only=True)
class Sending:
    """
    One message to one chat; sent again, the message is edited.

    Attributes:
        replaced: id of the bot's message that the text replaces, None for a new message; after
            sending the id of the new message.
    """

    bot: Bot
    chat_id: int
    markup: InlineKeyboardMarkup | None = None
    replaced: int | None = None

    async def send(self, message: Message) -> None:
        """Send the message; the text of a picture that Telegram refuses is sent alone."""
        if isinstance(message, Picture):
            try:
                await self._send_picture(message)
            except TelegramBadRequest as error:
                logger.warning("Telegram refuses a picture: %s", error.message)
            else:
                return
        text = _reply_of(message).text
        if self.replaced is None or not await self._edit(text):
            sent = await self.bot.send_message(
                self.chat_id, text, parse_mode=HTML, reply_markup=self.markup
            )
            self.replaced = sent.message_id

    async def _send_picture(self, picture: Picture) -> None:
        await self.bot.send_photo(
            self.chat_id,
            BufferedInputFile(picture.png, "equity.png"),
            caption=picture.reply.text,
            parse_mode=HTML,
            reply_markup=self.markup,
        )

    async def _edit(self, text: str) -> bool:
        """Replace the message's text; False for a deleted, too old, or picture message."""
        try:
            await self.bot.edit_message_text(
                text,
                chat_id=self.chat_id,
                message_id=self.replaced,
                parse_mode=HTML,
                reply_markup=self.markup,
            )
        except TelegramBadRequest as error:
            return "message is not modified" in error.message
        return True


async def delete_message(bot: Bot, *, chat_id: int, message_id: int) -> bool:
    """Delete a message; False when Telegram refuses, or asks to wait too long."""
    for _ in range(DELETING_TRIES):
        try:
            await bot.delete_message(chat_id, message_id)
        except TelegramBadRequest:
            return False
        except TelegramRetryAfter as error:
            if error.retry_after > LONGEST_WAIT_SECONDS:
                return False
            await asyncio.sleep(error.retry_after)
        else:
            return True
    return False


def list_messages(answer: Answer) -> Iterator[Message]:
    """The messages of an answer, in order."""
    if answer is None:
        return
    yield from answer if isinstance(answer, tuple) else (answer,)


def _reply_of(message: Message) -> Reply:
    return message if isinstance(message, Reply) else message.reply


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
