"""Fixtures of the bot: a stage with the doubles of Telegram and Prefect, and real PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from db.session import Database
from tests.telegram.stage import Stage, open_stage


@pytest.fixture
async def stage(database: Database, now: datetime) -> AsyncIterator[Stage]:
    """The bot, polling; nobody is registered."""
    async with open_stage(database, now=now) as stage:
        yield stage
