"""Access middleware: accepts private chats only; rate-limited, deduplicated, serialized per user.

update -> person -> rate limit -> turn (one update per person) -> claim -> user -> handler

A refused update is dropped without an answer; a forwarded message with an API key is deleted. An
update is claimed before the handler runs, so an interrupted command is not run twice.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, override

from aiogram import BaseMiddleware, Bot
from aiogram.types import TelegramObject, Update

from commands.conversation import take_update
from telegram.bot.rate_limit import RateLimit
from telegram.bot.updates import delete_stray_key, is_stray_key
from telegram.handlers.signup import read_forwarder, read_person, with_rights
from telegram.request.request import Services


class Access(BaseMiddleware):
    """Passes `person` and `user` (None for a stranger) to the handlers."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._rate_limit = RateLimit(per_minute=services.settings.messages_per_minute)
        self._turns = Turns()

    @override
    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        if not isinstance(event, Update) or not event.model_fields_set - {"update_id"}:
            return None  # an update of an unknown form (`telegram.bot.http_session`)
        person = read_person(event)
        now = self._services.clock()
        if person is None:
            await self._delete_forwarded_key(event, bot=data["bot"], now=now)
            return None
        if not self._rate_limit.allow(person.telegram_id, now=now):
            return None
        data["person"] = person
        async with self._turns.of(person.telegram_id):
            is_new, user = await take_update(
                self._services.database,
                event.update_id,
                telegram_id=person.telegram_id,
                now=now,
            )
            if not is_new:
                return None
            settings = self._services.settings
            data["user"] = with_rights(user, settings=settings) if user else None
            return await handler(event, data)

    async def _delete_forwarded_key(self, update: Update, *, bot: Bot, now: datetime) -> None:
        """Delete a forwarded message with a key; nothing else of the message is read."""
        sender, found = read_forwarder(update), update.message
        if sender is None or found is None or not is_stray_key(found):
            return
        if self._rate_limit.allow(sender.telegram_id, now=now):
            services = self._services
            await delete_stray_key(found, bot=bot, services=services, person=sender)


class Turns:
    """One update at a time for each person, in order of arrival; other persons do not wait."""

    def __init__(self) -> None:
        self._queues: dict[int, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def of(self, telegram_id: int) -> AsyncIterator[None]:
        """Wait for the person's turn and hold the turn."""
        lock, waiting = self._queues.get(telegram_id, (asyncio.Lock(), 0))
        self._queues[telegram_id] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            _, waiting = self._queues.pop(telegram_id)
            if waiting > 1:
                self._queues[telegram_id] = (lock, waiting - 1)
