"""How quick /status is with many users in the database.

Measured at the double: from the update's delivery to the answer's arrival.
"""

import os
import statistics
import sys
import time
from datetime import datetime
from decimal import Decimal

import pytest

from commands import changes
from db.session import Database
from tests.telegram.stage import open_stage
from trading.domain.units import Pair, VenueName
from trading.requests import build_pair_config

USERS = 1000
ASKS = 100
MEDIAN_SECONDS = float(os.environ.get("QUORUM_TEST_BOT_STATUS_SECONDS", "0.6"))
"""Patience with cores that others use; the proof on two quiet cores is 0.15."""
FIRST_ACCOUNT = 10_000


async def add_users(database: Database, *, now: datetime) -> None:
    """A thousand users with a pair each."""
    async with database.operator() as operator:
        users = [
            await operator.users.add_user(f"user {n}", now=now, telegram_id=FIRST_ACCOUNT + n)
            for n in range(USERS)
        ]
    for user in users:
        config = build_pair_config(
            user_id=user.user_id,
            pair=Pair("BTC", "USDT"),
            venue=VenueName.BINANCE,
            capital=Decimal(1000),
            now=now,
        )
        async with database.tenant(user.user_id) as tenant:
            await changes.add_pair(tenant, config, actor="test", now=now)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_status_is_answered_at_once_with_a_thousand_users(
    database: Database, now: datetime
) -> None:
    await add_users(database, now=now)
    async with open_stage(database, now=now) as stage:
        times = []
        for number in range(ASKS):
            person = stage.telegram.add_person(FIRST_ACCOUNT + number * 7 % USERS)
            begin = time.perf_counter()
            reply = await person.ask("/status")
            times.append(time.perf_counter() - begin)
            assert "BTC/USDT" in reply.text
    median = statistics.median(times)
    sys.stdout.write(
        f"/status: median {median * 1000:.0f} ms, worst {max(times) * 1000:.0f} ms of {ASKS}\n"
    )
    assert median < MEDIAN_SECONDS
