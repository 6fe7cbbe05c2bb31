"""Replies of each chat in order, without a handler that waits for Telegram.

handler -> deliver(chat, send) -> sent at once | the rest of the chat's queue, in the background

A handler waits for its own reply at most `HANDLER_PATIENCE_SECONDS`, and not at all once Telegram
asks to wait. So a reply under flood control never delays the next command of the same user.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiogram.exceptions import TelegramAPIError, TelegramRetryAfter

HANDLER_PATIENCE_SECONDS = 2.0
TRIES = 4
LONGEST_WAIT_SECONDS = 600
MOST_WAITING = 50
"""Replies of one chat in the background; beyond this number the oldest waiting one is dropped."""
logger = logging.getLogger(__name__)

type Send = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class _Reply:
    """A reply; `done` is set when the handler need not wait any longer."""

    send: Send
    done: asyncio.Future[None]


@dataclass(slots=True)
class _Chat:
    """Waiting replies of a chat and the task sending the replies."""

    waiting: deque[_Reply] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None


class ReplyQueue:
    """Sends the replies of each chat in sequence; chats do not wait for each other."""

    def __init__(self, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._sleep = sleep
        self._chats: dict[int, _Chat] = {}

    async def deliver(self, chat_id: int, send: Send) -> None:
        """
        Send a reply behind earlier replies of the chat.

        Returns after the reply was sent, or earlier when Telegram is slow or asks to wait. Raises
        TelegramAPIError when Telegram refuses the reply while the handler waits.
        """
        chat = self._chats.setdefault(chat_id, _Chat())
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        chat.waiting.append(_Reply(send, done))
        if len(chat.waiting) > MOST_WAITING:
            dropped = chat.waiting.popleft()
            dropped.done.cancel()
            logger.warning("A reply was dropped: %d wait for one chat.", MOST_WAITING)
        if chat.task is None:
            sending = self._run(chat_id, chat)
            chat.task = asyncio.create_task(sending)  # noqa: TID251 - held by the chat
        await asyncio.wait([done], timeout=HANDLER_PATIENCE_SECONDS)
        if done.done() and not done.cancelled():
            done.result()

    async def _run(self, chat_id: int, chat: _Chat) -> None:
        try:
            while chat.waiting:
                await self._send(chat.waiting.popleft())
        finally:
            self._chats.pop(chat_id, None)

    async def _send(self, reply: _Reply) -> None:
        for attempt in range(TRIES):
            try:
                await reply.send()
            except TelegramRetryAfter as error:
                if attempt + 1 == TRIES:
                    _settle(reply, error)
                    return
                _settle(reply)  # the handler moves on
                await self._sleep(min(error.retry_after, LONGEST_WAIT_SECONDS))
            except TelegramAPIError as error:
                _settle(reply, error)
                return
            else:
                _settle(reply)
                return


def _settle(reply: _Reply, error: TelegramAPIError | None = None) -> None:
    """Tell the handler the result, or the log when the handler has moved on."""
    if reply.done.done():
        if error is not None:
            logger.error("A reply was not delivered: %s", type(error).__name__)
    elif error is None:
        reply.done.set_result(None)
    else:
        reply.done.set_exception(error)
