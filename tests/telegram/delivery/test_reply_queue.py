"""Replies keep their order and delay no handler."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramRetryAfter
from aiogram.methods import GetMe

from telegram.delivery.reply_queue import ReplyQueue

CHAT = 101


def make_send(name: str, sent: list[str], *failures: Exception) -> Callable[[], Awaitable[None]]:
    """A sending that fails with `failures` first."""
    left = list(failures)

    async def send() -> None:
        if left:
            raise left.pop(0)
        sent.append(name)

    return send


async def test_a_chat_under_flood_control_keeps_the_order() -> None:
    told_to_wait, may_go_on = asyncio.Event(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        assert seconds == 300
        told_to_wait.set()
        await may_go_on.wait()

    queue, sent = ReplyQueue(sleep=sleep), list[str]()
    flood = TelegramRetryAfter(method=GetMe(), message="wait", retry_after=300)

    await queue.deliver(CHAT, make_send("first", sent, flood))
    assert told_to_wait.is_set()
    assert sent == []
    async with asyncio.TaskGroup() as group:
        second = group.create_task(queue.deliver(CHAT, make_send("second", sent)))
        await queue.deliver(CHAT + 1, make_send("another chat", sent))
        assert sent == ["another chat"]
        may_go_on.set()
        await second

    assert sent == ["another chat", "first", "second"]


async def test_a_refusal_reaches_the_handler_that_waits() -> None:
    refusal = TelegramBadRequest(method=GetMe(), message="chat not found")

    with pytest.raises(TelegramBadRequest):
        await ReplyQueue().deliver(CHAT, make_send("lost", [], refusal))
