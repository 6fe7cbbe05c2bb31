"""Pairs by the hundred: created, the bot killed in the middle, paused, resumed; no drift.

`python -m telegram.bot` as a process of its own, the session's real Prefect, real PostgreSQL. The
full
size is QUORUM_TEST_BOT_PAIRS=1000 (some twenty minutes on two cores); figures are printed (-s).
At that size give Prefect's scheduler its own pace back (it reads all deployments in each loop):
PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS=60 and ..._RECENT_DEPLOYMENTS_LOOP_SECONDS=5.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from blocks.prefect.drift import SyncReport
from blocks.prefect.gateway import Deployments
from db.session import Database
from tests.database import TestDatabase
from tests.doubles.telegram import TOKEN, TelegramDouble
from tests.doubles.telegram_chats import Person
from tests.prefect_server import PrefectServer
from tests.trading.builders import make_instrument
from trading.domain.units import Pair, VenueName

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

PAIRS = int(os.environ.get("QUORUM_TEST_BOT_PAIRS", "10"))
PAIRS_OF_USER = 10
NAMES = [f"P{number}/USDT" for number in range(min(PAIRS, PAIRS_OF_USER))]
FIRST_ACCOUNT = 500
ANSWER_SECONDS = 120.0
LOOK_SECONDS = PAIRS / 100
"""Between two looks: each reads every deployment from the server that is at work on them."""


@contextmanager
def run_bot(
    telegram: TelegramDouble, *, database: TestDatabase, prefect: PrefectServer
) -> Iterator[subprocess.Popen[bytes]]:
    """The bot as `quorum up` starts it; killed at the end, as kernels kill."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("QUORUM_")},
        **prefect.environment,
        "QUORUM_HOME": str(prefect.home.root),
        "QUORUM_DATABASE_APP_URL": database.urls.app,
        "QUORUM_DATABASE_OPERATOR_URL": database.urls.operator,
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "QUORUM_TELEGRAM_API_URL": telegram.url,
        "QUORUM_MESSAGES_PER_MINUTE": "1000",
        "QUORUM_SYNC_SECONDS": "60",
    }
    log = Path(prefect.home.logs / "bot.log").open("ab")  # noqa: SIM115 - closed below
    bot = subprocess.Popen(
        [sys.executable, "-m", "telegram.bot"], env=environment, stdout=log, stderr=log
    )
    try:
        yield bot
    finally:
        bot.kill()
        bot.wait()
        log.close()


async def prepare(database: Database) -> None:
    """Users, and pairs that the venue is known to trade."""
    now = datetime.now(UTC)
    async with database.operator() as operator:
        for number in range(max(1, PAIRS // PAIRS_OF_USER)):
            account = FIRST_ACCOUNT + number
            await operator.users.add_user(f"user {number}", now=now, telegram_id=account)
        for name in NAMES:
            rules = make_instrument(pair=Pair.parse(name), venue=VenueName.BINANCE, fetched_at=now)
            await operator.instruments.save_instrument(rules)


async def find_drift(database: Database, deployments: Deployments) -> SyncReport:
    async with database.operator() as operator:
        pairs = await operator.pairs.list_all_pairs()
    return await deployments.compare(pairs)


async def await_no_drift(database: Database, deployments: Deployments) -> int:
    """Until Prefect matches; how many pairs stand."""
    async with asyncio.timeout(600):
        while True:
            found = await find_drift(database, deployments)
            if not (found.created or found.updated or found.removed):
                return found.unchanged
            await asyncio.sleep(LOOK_SECONDS)


async def ask_all(people: list[Person], verb: str, *, behind: str = "") -> list[float]:
    """Every user says it for every pair, four users at a time; seconds of each call."""
    room = asyncio.Semaphore(4)
    times: list[float] = []

    async def ask(person: Person) -> None:
        async with room:
            for name in NAMES:
                begin = time.perf_counter()
                await person.ask(f"{verb} {name} {behind}".strip(), seconds=ANSWER_SECONDS)
                times.append(time.perf_counter() - begin)

    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(ask(person))
    return times


def report(verb: str, times: list[float], *, total: float) -> None:
    median = statistics.median(times)
    sys.stdout.write(
        f"{verb}: {len(times)} calls in {total:.1f} s, median {median * 1000:.0f} ms\n"
    )


async def test_pairs_follow_in_prefect_through_a_kill(
    database: Database,
    database_run: TestDatabase,
    deployments: Deployments,
    prefect_server: PrefectServer,
) -> None:
    await prepare(database)
    async with TelegramDouble().serve() as telegram:
        people = [
            telegram.add_person(FIRST_ACCOUNT + number)
            for number in range(max(1, PAIRS // PAIRS_OF_USER))
        ]
        with run_bot(telegram, database=database_run, prefect=prefect_server):
            await telegram.wait_until(lambda: telegram.polls, seconds=60)
            for person in people:
                for name in NAMES:
                    person.write(f"/addpair {name} 1000")
            half = len(people) * len(NAMES) // 2
            await telegram.wait_until(
                lambda: len(telegram.list_calls("sendMessage")) >= half, seconds=1200
            )
        telegram.updates.clear()
        with run_bot(telegram, database=database_run, prefect=prefect_server):
            stood = await await_no_drift(database, deployments)
            assert stood >= half
            for verb, behind in (("/addpair", "1000"), ("/pause", ""), ("/resume", "")):
                begin = time.perf_counter()
                times = await ask_all(people, verb, behind=behind)
                report(verb, times, total=time.perf_counter() - begin)
                # A busy server may have let one pass, and the person was told; a look mends it.
                assert await await_no_drift(database, deployments) == len(people) * len(NAMES)
    await deployments.sync([])
