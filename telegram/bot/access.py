"""The door that every update passes: a person's own word, in private, at a pace, once, in order.

update -> person -> pace -> turn (one at a time for each person) -> taken once -> user -> handlers

What does not pass is dropped without an answer: nothing is owed to a flood or to a group. An
update is taken before it is acted on, so what was cut off in the middle is not done twice.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, override

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject, Update

from telegram.bot.rate_limit import Pace
from telegram.handlers.signup import read_person, with_rights
from telegram.request.request import Services


class Door(BaseMiddleware):
    """Gives handlers `person` and `user` (None for a stranger)."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._pace = Pace(per_minute=services.settings.messages_per_minute)
        self._turns = Turns()

    @override
    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        if not isinstance(event, Update):
            return None
        person = read_person(event)
        now = self._services.clock()
        if person is None or not self._pace.allow(person.telegram_id, now=now):
            return None
        data["person"] = person
        async with self._turns.of(person.telegram_id):
            async with self._services.database.operator() as operator:
                if not await operator.bot.take_update(event.update_id, now=now):
                    return None
                user = await operator.users.find_user_by_telegram_id(person.telegram_id)
            data["user"] = with_rights(user, settings=self._services.settings)
            return await handler(event, data)


class Turns:
    """One at a time for each person, in the order of coming; others do not wait."""

    def __init__(self) -> None:
        self._queues: dict[int, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def of(self, telegram_id: int) -> AsyncIterator[None]:
        """Wait for the person's turn and hold it."""
        lock, waiting = self._queues.get(telegram_id, (asyncio.Lock(), 0))
        self._queues[telegram_id] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            _, waiting = self._queues.pop(telegram_id)
            if waiting > 1:
                self._queues[telegram_id] = (lock, waiting - 1)
