"""Messages that the bot edits in place while their subject changes, such as a closing position.

answer -> LiveMessages.add;  every second: refresh -> changed text -> the chat's queue -> edited

Under flood control one edit of a message waits, with the newest text. Live messages are kept in
memory: after a restart of the bot the alerts alone report the end.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiogram.exceptions import TelegramAPIError, TelegramRetryAfter

from telegram.delivery.reply_queue import ReplyQueue
from telegram.views.message import Reply

logger = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class LiveMessage:
    """
    One message of one chat.

    Attributes:
        edit: replaces the message's text.
        refresh: the text as of now, and whether the text is final.
        newest: the newest text, shown or waiting for Telegram.
    """

    chat_id: int
    newest: Reply
    edit: Callable[[Reply], Awaitable[None]]
    refresh: Callable[[], Awaitable[tuple[Reply, bool]]]
    replies: ReplyQueue
    _is_queued: bool = False

    async def update(self) -> bool:
        """Show a changed text; True for the final text."""
        reply, is_final = await self.refresh()
        if reply != self.newest:
            self.newest = reply
            if not self._is_queued:
                self._is_queued = True
                await self._deliver()
        return is_final

    async def _deliver(self) -> None:
        try:
            await self.replies.deliver(self.chat_id, self._send)
        except TelegramAPIError as error:
            logger.warning("A live message was not edited: %s", type(error).__name__)

    async def _send(self) -> None:
        shown = None
        try:
            while shown != self.newest:
                shown = self.newest
                await self.edit(shown)
        except TelegramRetryAfter:
            raise  # still in the queue, which tries again
        except TelegramAPIError:
            self._is_queued = False
            raise
        self._is_queued = False


@dataclass(slots=True)
class LiveMessages:
    """All live messages of a bot."""

    _messages: list[LiveMessage] = field(default_factory=list)

    def add(self, message: LiveMessage) -> None:
        """Edit the message from now on."""
        self._messages.append(message)

    async def refresh(self) -> int:
        """Show changed texts and forget final messages; the number of messages left."""
        if not self._messages:
            return 0
        current = list(self._messages)
        ends = await asyncio.gather(*(message.update() for message in current))
        for message, is_final in zip(current, ends, strict=True):
            if is_final:
                self._messages.remove(message)
        return len(self._messages)
