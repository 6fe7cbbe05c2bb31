"""Delivery of alerts: at least once, in order for each chat, the most severe alerts first.

    claim_heads (lease) -> pace -> Bot API -> delivered
                                           -> RetryAfter: the chat rests; twice in a row: all chats
                                           -> blocked: dropped, and the user is marked as blocked
                                           -> other errors: retried with growing pauses, for ever

A chat has at most a single message in flight, so every failure keeps the chat's order. The sender
waits before each send and thereby keeps Telegram's limits. A message that was sent and could not
be marked is remembered in memory, so a short failure of the database makes no duplicate. Only a
lost answer of Telegram, or the end of this process between the two steps, makes a duplicate.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)

from db.session import Database
from reports.texts.catalog import tell
from telegram.views.reports.alerts import render_alert
from trading.domain.accounts import ENGLISH
from trading.domain.alert_topics import Recipient, is_muted
from trading.domain.alerts import QueuedAlert
from trading.domain.errors import TransientError
from trading.domain.units import UserId

logger = logging.getLogger(__name__)

SPACING = timedelta(seconds=1) / 30
"""Pause between two messages of different chats: 30 messages a second."""
CHAT_REST = timedelta(seconds=1)
"""Pause between two messages of the same chat."""
MOST_IN_FLIGHT = 15
"""Messages of half a second: a new urgent alert waits no longer behind claimed messages."""
LEASE = timedelta(seconds=60)
REQUEST_SECONDS = 15
POLL_SECONDS = 0.5
FIRST_RETRY = timedelta(seconds=1)
LONGEST_QUIET = timedelta(seconds=10)
"""Longest pause between two attempts during an outage of Telegram."""
LONGEST_RETRY = timedelta(seconds=30)
"""Longest pause of a message; above `LONGEST_QUIET`, so attempts use different messages."""
MAX_REASON_CHARACTERS = 200

OPERATOR = Recipient(language=ENGLISH)


@dataclass(slots=True, kw_only=True)
class Outbox:
    """
    The sender of a bot.

    Attributes:
        admin_chats: chats of the operator's messages; without chats the messages wait.
        clock: aware UTC.
        sleep: waits for seconds; tests replace the function for virtual time.
    """

    bot: Bot
    database: Database
    clock: Callable[[], datetime]
    admin_chats: Collection[int] = ()
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    _rests: dict[UserId | None, datetime] = field(default_factory=dict)
    _out: set[UserId | None] = field(default_factory=set)
    _sent: dict[int, set[int]] = field(default_factory=dict)
    _next_send: datetime | None = None
    _quiet_until: datetime | None = None
    _refused: UserId | None = None
    _was_refused: bool = False
    _failures: int = 0

    async def run(self) -> None:
        """Send until canceled."""
        async with asyncio.TaskGroup() as group:
            while True:
                started = await self.start_due(group)
                await self.sleep(0 if started else POLL_SECONDS)

    async def start_due(self, group: asyncio.TaskGroup) -> int:
        """Claim due messages and start sending; returns the number of messages."""
        if self._is_quiet():
            return 0
        try:
            claimed = await self._claim()
        except TransientError as error:
            logger.warning("The outbox can't be read: %s", tell(error))
            return 0
        for queued, recipient in claimed:
            self._out.add(queued.alert.user_id)
            await self._pace()
            group.create_task(self._deliver(queued, recipient))
        return len(claimed)

    async def _claim(self) -> list[tuple[QueuedAlert, Recipient]]:
        now = self.clock()
        self._rests = {chat: until for chat, until in self._rests.items() if until > now}
        resting = {*self._rests, *self._out, *(() if self.admin_chats else (None,))}
        most = MOST_IN_FLIGHT if not self._failures else 1  # the message is a probe
        room = most - len(self._out)
        if room <= 0:
            return []
        async with self.database.operator() as operator:
            claimed = await operator.alerts.claim_heads(
                room, now=now, lease=LEASE, resting=resting
            )
            users = {one.alert.user_id for one in claimed if one.alert.user_id is not None}
            known = await operator.users.load_recipients(users) if users else {}
        return [
            (one, known.get(one.alert.user_id, OPERATOR) if one.alert.user_id else OPERATOR)
            for one in claimed
        ]

    async def _pace(self) -> None:
        """Wait for the next free place in the second, across all chats."""
        now = self.clock()
        place = max(now, self._next_send or now)
        self._next_send = place + SPACING
        if place > now:
            await self.sleep((place - now).total_seconds())

    def _is_quiet(self) -> bool:
        return self._quiet_until is not None and self.clock() < self._quiet_until

    async def _deliver(self, queued: QueuedAlert, recipient: Recipient) -> None:
        chat = queued.alert.user_id
        try:
            await self._settle(queued, recipient)
        except TransientError as error:
            # The lease expires and the alert is claimed again; `_sent` prevents a duplicate.
            logger.warning("Alert %s is not marked: %s", queued.alert_id, tell(error))
        finally:
            rest = self.clock() + CHAT_REST
            self._rests[chat] = max(rest, self._rests.get(chat, rest))
            self._out.discard(chat)

    async def _settle(self, queued: QueuedAlert, recipient: Recipient) -> None:
        if recipient.is_blocked:
            return await self._drop(queued, reason="the user has blocked the bot")
        if is_muted(queued.alert, muted=recipient.muted):
            return await self._drop(queued, reason="muted")
        if self._is_quiet():
            return await self._postpone(queued, until=self._quiet_until, reason="Telegram rests")
        try:
            await self._send(queued, recipient)
        except TelegramRetryAfter as error:
            await self._wait_as_told(queued, timedelta(seconds=error.retry_after))
        except TelegramForbiddenError:
            await self._forget(queued)
        except TelegramBadRequest as error:
            await self._drop(queued, reason=f"Telegram refuses it: {error.message}")
            logger.error("Alert %s can't be sent: %s", queued.alert_id, error.message)
        except (TelegramNetworkError, TelegramServerError, TelegramUnauthorizedError) as error:
            await self._wait_for_telegram(queued, reason=type(error).__name__)
        except TelegramAPIError as error:
            await self._retry(queued, reason=type(error).__name__)
        else:
            self._failures, self._was_refused = 0, False
            async with self.database.operator() as operator:
                await operator.alerts.mark_delivered(queued.alert_id, now=self.clock())
            self._sent.pop(queued.alert_id, None)

    async def _send(self, queued: QueuedAlert, recipient: Recipient) -> None:
        """Send an alert to each remaining chat. Raises TelegramAPIError."""
        text = render_alert(queued.alert, language=recipient.language).text
        done = self._sent.setdefault(queued.alert_id, set())
        for chat_id in self._list_chats(queued):
            if chat_id in done:
                continue
            try:
                await self.bot.send_message(
                    chat_id, text, parse_mode="HTML", request_timeout=REQUEST_SECONDS
                )
            except TelegramForbiddenError:
                if queued.alert.user_id is not None:
                    raise
                logger.warning("An admin has blocked the bot or never wrote to it.")
            done.add(chat_id)

    def _list_chats(self, queued: QueuedAlert) -> Collection[int]:
        if queued.alert.user_id is None:
            return self.admin_chats
        return () if queued.telegram_id is None else (queued.telegram_id,)

    async def _wait_as_told(self, queued: QueuedAlert, wait: timedelta) -> None:
        """Rest the chat as long as Telegram says; after two refusals in a row rest every chat."""
        until, chat = self.clock() + wait, queued.alert.user_id
        self._rests[chat] = until
        if self._was_refused and self._refused != chat:
            self._quiet_until = max(until, self._quiet_until or until)
        self._refused, self._was_refused = chat, True
        await self._postpone(queued, until=until, reason=f"retry after {wait.total_seconds():g} s")

    async def _wait_for_telegram(self, queued: QueuedAlert, *, reason: str) -> None:
        """Retry later; after repeated failures every chat waits, and a single message probes."""
        if not self._is_quiet():
            self._failures += 1
            if self._failures > 1:
                quiet = _back_off(self._failures - 1, longest=LONGEST_QUIET)
                self._quiet_until = self.clock() + quiet
        await self._retry(queued, reason=reason)

    async def _retry(self, queued: QueuedAlert, *, reason: str) -> None:
        until = self.clock() + _back_off(queued.attempts, longest=LONGEST_RETRY)
        await self._postpone(queued, until=until, reason=reason)

    async def _postpone(self, queued: QueuedAlert, *, until: datetime | None, reason: str) -> None:
        async with self.database.operator() as operator:
            await operator.alerts.mark_failed(
                queued.alert_id,
                retry_at=until or self.clock(),
                reason=reason[:MAX_REASON_CHARACTERS],
            )

    async def _forget(self, queued: QueuedAlert) -> None:
        """Mark the user as blocked: no alert is sent until the user's next /start."""
        if queued.alert.user_id is not None:
            async with self.database.operator() as operator:
                await operator.users.set_blocked(queued.alert.user_id, blocked_at=self.clock())
        await self._drop(queued, reason="the user has blocked the bot")

    async def _drop(self, queued: QueuedAlert, *, reason: str) -> None:
        self._sent.pop(queued.alert_id, None)
        async with self.database.operator() as operator:
            await operator.alerts.mark_dropped(
                queued.alert_id, reason=reason[:MAX_REASON_CHARACTERS], now=self.clock()
            )


def _back_off(failures: int, *, longest: timedelta) -> timedelta:
    """1, 2, 4 ... s for 1, 2, 3 ... failures."""
    doubled: timedelta = FIRST_RETRY * int(2 ** min(failures - 1, 10))
    return min(doubled, longest)
