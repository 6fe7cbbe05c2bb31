"""Fixtures of the bot: a stage with the doubles of Telegram and Prefect, and real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from db.session import Database
from tests.telegram.stage import Stage, open_stage


@pytest.fixture(autouse=True)
async def _no_poller_is_left() -> AsyncIterator[None]:
    """Fail a test that leaves a poller running: later tests would log its errors."""
    yield
    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    assert "Dispatcher._polling" not in names


@pytest.fixture
async def stage(database: Database, now: datetime) -> AsyncIterator[Stage]:
    """The bot, polling; nobody is registered."""
    async with open_stage(database, now=now) as stage:
        yield stage
