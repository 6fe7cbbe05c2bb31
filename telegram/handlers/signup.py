"""Sign-up: the sender of an update in a private chat, and the rule for new users.

update -> Person | None;  Person + code -> the sign-up rule -> User | refusal
"""

import hmac
from dataclasses import replace

from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, TelegramObject, Update
from aiogram.types import User as Account

from commands.people import users
from commands.people.users import Person
from reports.texts.catalog import find_language
from telegram.request.request import Services
from telegram.request.settings import BotSettings, Signup
from telegram.views.dialogs.people import render_invitation_needed, render_signup_closed
from telegram.views.message import Reply
from trading.domain.accounts import ENGLISH, User
from trading.domain.errors import BadInput
from trading.requests import MAX_NAME_CHARACTERS, check_user_name

NAMELESS = "Telegram user"


def read_person(update: Update) -> Person | None:
    """
    Read the sender of an update in a private chat.

    Returns None for groups, channels, bots, and forwarded or relayed messages.
    """
    event: TelegramObject = update.event
    if isinstance(event, Message):
        return None if _is_relayed(event) else _person(event.from_user, chat=event.chat)
    if isinstance(event, CallbackQuery):
        return _person(event.from_user, chat=event.message.chat if event.message else None)
    if isinstance(event, ChatMemberUpdated):
        return _person(event.from_user, chat=event.chat)
    return None


def read_forwarder(update: Update) -> Person | None:
    """Read who forwarded a message into a private chat; None for every other update."""
    found = update.message
    if found is None or not _is_relayed(found):
        return None
    return _person(found.from_user, chat=found.chat)


def _is_relayed(found: Message) -> bool:
    return any((found.forward_origin, found.via_bot, found.sender_chat))


async def register(services: Services, person: Person, *, code: str) -> User | Reply:
    """Add a stranger as a user, or explain the refusal; an invitation code must match in full."""
    settings = services.settings
    refusal = _check_signup(settings, person, code=code)
    if refusal is not None:
        return refusal
    return await users.register(
        services.database,
        person,
        now=services.clock(),
    )


def with_rights(user: User, *, settings: BotSettings) -> User:
    """
    The user, with an admin's rights if and only if the settings name the Telegram account.

    The database grants no rights to a Telegram account: an admin removed from the settings would
    keep the rights, and a writer of the database could add an admin.
    """
    if user.telegram_id is None:
        return user
    return replace(user, is_admin=user.telegram_id in settings.telegram_admins)


def _check_signup(settings: BotSettings, person: Person, *, code: str) -> Reply | None:
    if person.telegram_id in settings.telegram_admins or settings.signup is Signup.OPEN:
        return None
    expected = settings.invitation_code
    if settings.signup is Signup.CLOSED or expected is None:
        return render_signup_closed(language=person.language)
    if hmac.compare_digest(code.encode(), expected.get_secret_value().encode()):
        return None
    return render_invitation_needed(language=person.language)


def _person(account: Account | None, *, chat: object) -> Person | None:
    if account is None or account.is_bot:
        return None
    if getattr(chat, "type", None) != "private" or getattr(chat, "id", None) != account.id:
        return None
    return Person(
        telegram_id=account.id,
        name=_clean_name(account.full_name),
        language=find_language(account.language_code or "") or ENGLISH,
    )


def _clean_name(text: str) -> str:
    plain = "".join(c for c in text if c.isprintable())[:MAX_NAME_CHARACTERS]
    try:
        return check_user_name(plain)
    except BadInput:
        return NAMELESS
