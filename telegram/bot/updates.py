"""What the bot does with a message, a button, a blocked chat: find the verb, run it, answer.

message -> secret? delete -> verb | step -> answer;  button -> once, owner, fresh -> verb -> answer
"""

from dataclasses import replace
from html import unescape
from re import sub

from aiogram import Bot, F, Router
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from telegram.bot.router import explain_unknown, find_verb, split_command, understand
from telegram.delivery.sending import delete_message, send_answer, send_text
from telegram.handlers.signup import Person, register
from telegram.request.request import Ask, Services
from telegram.views.dialogs.confirmations import render_button_stale
from telegram.views.dialogs.people import render_banned, render_registered, render_stranger
from telegram.views.message import Reply
from trading.domain.accounts import User

MOST_QUERY_CHARACTERS = 200


def build_router() -> Router:
    """The bot's ears; importing this module registers nothing."""
    router = Router(name="talk")
    router.message.register(hear_message, F.text)
    router.edited_message.register(hear_edit, F.text)
    router.callback_query.register(hear_button, F.data)
    router.my_chat_member.register(hear_blocked)
    return router


async def hear_message(
    message: Message, *, bot: Bot, services: Services, person: Person, user: User | None
) -> None:
    """A text in private: of a stranger, of somebody banned, or of a user."""
    if user is None:
        await meet(bot, services, person=person, text=message.text or "")
    elif user.is_banned:
        reply = render_banned(language=user.language)
        await send_text(bot, reply, chat_id=person.telegram_id)
    else:
        await answer(message, bot=bot, services=services, user=user)


async def meet(bot: Bot, services: Services, *, person: Person, text: str) -> None:
    """Register who says /start; everybody else is told to."""
    name, code = split_command(text)
    met: User | Reply = render_stranger(language=person.language)
    if name == "start":
        met = await register(services, person, code=code)
    if isinstance(met, Reply):
        await send_text(bot, met, chat_id=person.telegram_id)
        return
    ask = Ask(services=services, user=met, now=services.clock())
    hello = render_registered(met.name, signs_up=True, language=met.language)
    await send_answer(bot, ask=ask, chat_id=person.telegram_id, answer=hello)


async def answer(message: Message, *, bot: Bot, services: Services, user: User) -> None:
    """Do what a user's text asks for; what holds a secret is deleted before anything else."""
    ask = Ask(services=services, user=user, now=services.clock())
    meant = await understand(ask, message.text or "")
    ask, chat_id = meant.ask, message.chat.id
    if meant.is_secret:
        was_deleted = await delete_message(bot, chat_id=chat_id, message_id=message.message_id)
        ask = replace(ask, was_deleted=was_deleted)
    await send_answer(bot, ask=ask, chat_id=chat_id, answer=await meant.run(ask))


async def hear_edit(message: Message, *, bot: Bot, user: User | None) -> None:
    """An edited command is not done again; one with a key in it is deleted all the same."""
    name, argument = split_command(message.text or "")
    verb = find_verb(name, is_admin=False) if name else None
    if user is not None and verb is not None and verb.is_secret(argument):
        await delete_message(bot, chat_id=message.chat.id, message_id=message.message_id)


async def hear_button(
    query: CallbackQuery, *, bot: Bot, services: Services, person: Person, user: User | None
) -> None:
    """A button: works once, for its owner, while it is fresh."""
    pressed = None
    now = services.clock()
    if user is not None and not user.is_banned:
        async with services.database.tenant(user.user_id) as tenant:
            pressed = await tenant.buttons.press_button(query.data or "", now=now)
    if user is None or pressed is None:
        await query.answer(_plain(render_button_stale(language=person.language)), show_alert=True)
        return
    await query.answer()
    verb = find_verb(pressed.action, is_admin=user.is_admin)
    run = verb.run if verb else explain_unknown
    ask = Ask(services=services, user=user, now=now, argument=pressed.argument, is_confirmed=True)
    place = query.message.message_id if query.message else None
    await send_answer(
        bot, ask=ask, chat_id=person.telegram_id, answer=await run(ask), instead_of=place
    )


async def hear_blocked(event: ChatMemberUpdated, *, services: Services, user: User | None) -> None:
    """The person blocked the bot, or let it in again."""
    if user is not None:
        is_blocked = event.new_chat_member.status == "kicked"
        async with services.database.operator() as operator:
            await operator.users.set_blocked(
                user.user_id, blocked_at=services.clock() if is_blocked else None
            )


def _plain(reply: Reply) -> str:
    """A text for a pop-up, which knows no HTML."""
    return unescape(sub(r"<[^>]*>", "", reply.text))[:MOST_QUERY_CHARACTERS]
