"""Handlers of aiogram's updates: messages, edits, buttons, and blocked chats.

text   -> delete a message with a key -> command, or answer to the bot's question -> reply
button -> first press, by the owner, not expired -> command -> reply
"""

import logging
from dataclasses import replace
from html import unescape
from re import sub

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from commands.conversation import press_button, set_blocked
from commands.people.users import Person
from telegram.bot.router import explain_unknown, find_verb, split_command, understand
from telegram.bot.stray_keys import has_key_shape
from telegram.delivery.sending import delete_message, send_answer, send_text
from telegram.handlers.signup import register
from telegram.request.request import Ask, Services
from telegram.views.dialogs.confirmations import render_button_stale
from telegram.views.dialogs.connect import render_stray_key
from telegram.views.dialogs.people import render_banned, render_registered, render_stranger
from telegram.views.message import Reply
from trading.domain.accounts import User

MOST_QUERY_CHARACTERS = 200
ACKNOWLEDGE_SECONDS = 3
logger = logging.getLogger(__name__)


def build_router() -> Router:
    """Build a router with the handlers of this module."""
    router = Router(name="talk")
    router.message.register(hear_message, F.text | F.caption)
    router.edited_message.register(hear_edit, F.text | F.caption)
    router.callback_query.register(hear_button, F.data)
    router.my_chat_member.register(hear_blocked)
    return router


async def hear_message(
    message: Message, *, bot: Bot, services: Services, person: Person, user: User | None
) -> None:
    """Answer a private text of a stranger, a banned user, or a user; a caption gets no answer."""
    is_user = user is not None and not user.is_banned
    if (message.text is None or not is_user) and is_stray_key(message):
        await delete_stray_key(message, bot=bot, services=services, person=person)
    elif message.text is None:
        return
    elif user is None:
        await meet(bot, services, person=person, text=message.text or "")
    elif user.is_banned:
        reply = render_banned(language=user.language)
        await send_text(bot, reply, chat_id=person.telegram_id, replies=services.replies)
    else:
        await answer(message, bot=bot, services=services, person=person, user=user)


def is_stray_key(message: Message) -> bool:
    """Whether a text or caption holds something shaped like an API key; /start takes a code."""
    words = message.text or message.caption or ""
    return split_command(words)[0] != "start" and has_key_shape(words)


async def delete_stray_key(
    message: Message, *, bot: Bot, services: Services, person: Person
) -> None:
    """Delete a message with a key that no question has asked for, and warn the sender."""
    chat_id = message.chat.id
    was_deleted = await delete_message(bot, chat_id=chat_id, message_id=message.message_id)
    warning = render_stray_key(was_deleted=was_deleted, language=person.language)
    await send_text(bot, warning, chat_id=chat_id, replies=services.replies)


async def meet(bot: Bot, services: Services, *, person: Person, text: str) -> None:
    """Register a stranger who sends /start; ask other strangers to send /start."""
    name, code = split_command(text)
    met: User | Reply = render_stranger(language=person.language)
    if name == "start":
        met = await register(services, person, code=code)
    if isinstance(met, Reply):
        await send_text(bot, met, chat_id=person.telegram_id, replies=services.replies)
        return
    ask = Ask(services=services, user=met, now=services.clock())
    hello = render_registered(met.name, signs_up=True, language=met.language)
    await send_answer(bot, ask=ask, chat_id=person.telegram_id, answer=hello)


async def answer(
    message: Message, *, bot: Bot, services: Services, person: Person, user: User
) -> None:
    """Run a user's text; a message with a secret is deleted first, a stray key is not run."""
    ask = Ask(services=services, user=user, now=services.clock())
    meant = await understand(ask, message.text or "")
    ask, chat_id = meant.ask, message.chat.id
    if not meant.is_secret and is_stray_key(message):
        await delete_stray_key(message, bot=bot, services=services, person=person)
        return
    if meant.is_secret:
        was_deleted = await delete_message(bot, chat_id=chat_id, message_id=message.message_id)
        ask = replace(ask, was_deleted=was_deleted)
    await send_answer(bot, ask=ask, chat_id=chat_id, answer=await meant.run(ask))


async def hear_edit(message: Message, *, bot: Bot, services: Services, person: Person) -> None:
    """Delete an edited message with a key; edited commands do not run again."""
    name, argument = split_command(message.text or "")
    verb = find_verb(name, is_admin=False) if name else None
    if is_stray_key(message) or (verb is not None and verb.is_secret(argument)):
        await delete_stray_key(message, bot=bot, services=services, person=person)


async def hear_button(
    query: CallbackQuery, *, bot: Bot, services: Services, person: Person, user: User | None
) -> None:
    """Run a button's verb: once, for the owner, before the button expires."""
    ask, pressed = None, None
    if user is not None and not user.is_banned:
        ask = Ask(services=services, user=user, now=services.clock(), is_confirmed=True)
        pressed = await press_button(ask, query.data or "")
    if ask is None or pressed is None:
        await _acknowledge(bot, query, text=_plain(render_button_stale(language=person.language)))
        return
    verb = find_verb(pressed.action, is_admin=ask.user.is_admin)
    run = verb.run if verb else explain_unknown
    ask = replace(ask, argument=pressed.argument)
    place = query.message.message_id if query.message else None
    try:
        done = await run(ask)
    finally:
        await _acknowledge(bot, query)
    await send_answer(bot, ask=ask, chat_id=person.telegram_id, answer=done, instead_of=place)


async def _acknowledge(bot: Bot, query: CallbackQuery, *, text: str | None = None) -> None:
    """Stop the button's progress wheel. An error is only logged: the press counts anyway."""
    try:
        method = query.answer(text, show_alert=text is not None)
        await bot(method, request_timeout=ACKNOWLEDGE_SECONDS)
    except TelegramAPIError as error:
        logger.info("A press could not be acknowledged: %s", type(error).__name__)


async def hear_blocked(event: ChatMemberUpdated, *, services: Services, user: User | None) -> None:
    """Store whether a user blocked or unblocked the bot."""
    if user is not None:
        is_blocked = event.new_chat_member.status == "kicked"
        blocked_at = services.clock() if is_blocked else None
        await set_blocked(services.database, user.user_id, blocked_at=blocked_at)


def _plain(reply: Reply) -> str:
    """A text for a pop-up, without HTML."""
    return unescape(sub(r"<[^>]*>", "", reply.text))[:MOST_QUERY_CHARACTERS]
