"""/panic under each outage: the real bot and a real worker as processes, real Prefect, PostgreSQL.

At most 30 s after the press every position is closed, or the user and the operator know that a
position is not closed. The seconds of each outage are printed (-s).
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolUpdate
from prefect.exceptions import ObjectNotFound

from blocks.prefect.gateway import Deployments
from blocks.prefect.specs import WORK_POOL
from db.session import Database
from tests.blocks.prefect.test_gateway import await_true
from tests.blocks.test_operator_url import serve_webhook
from tests.database import MakeUser, TestDatabase
from tests.doubles.line import Line
from tests.doubles.telegram import TOKEN, TelegramDouble
from tests.doubles.telegram_chats import Fault, Message, Person, Refusal
from tests.order_path import take
from tests.prefect_server import PrefectServer, find_free_port
from tests.stage import Stage
from trading.council.decisions import Action

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ADMIN = 900
LIMIT_SECONDS = 30.0
START_SECONDS = 200.0
SLOW_SECONDS = 0.25
"""Latency of each packet between the processes and the database, in each direction: a statement
takes half a second."""
SLOW_CLOSED_SECONDS = 120.0
FLOOD = Refusal(429, "Too Many Requests: retry after 300", retry_after=300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """The database, the addresses of the run, and users."""

    database: Database
    run: TestDatabase
    make_user: MakeUser


@dataclass(slots=True, kw_only=True)
class Scene:
    """
    The processes, the lines between them, and the seconds of each outage.

    Attributes:
        slow_closed: seconds until the position is closed with the slow database.
    """

    telegram: TelegramDouble
    books: Books
    prefect_line: Line
    database_line: Line
    worker: subprocess.Popen[bytes]
    posted: list[dict[str, str]]
    accounts: Iterator[int] = field(default_factory=lambda: iter(range(101, 200)))
    seconds: dict[str, float] = field(default_factory=dict)
    slow_closed: float = 0.0

    async def open_position(self) -> tuple[Person, Stage]:
        """A new user with an open, protected position on paper."""
        account = next(self.accounts)
        user_id = await self.books.make_user(f"user {account}", telegram_id=account)
        stage = Stage(database=self.books.database, user_id=user_id, now=datetime.now(UTC))
        await stage.add_pair(user_id)
        await take(stage, Action.OPEN_LONG)
        assert await stage.load_position() is not None
        return self.telegram.add_person(account), stage

    async def panic(self, person: Person, *, flood: bool = False) -> Message:
        """Press the button of /panic; the message with the button."""
        person.write("/panic")
        question = await self.telegram.wait_until(
            lambda: next((m for m in person.list_replies() if "Yes" in "".join(m.labels)), None),
            seconds=LIMIT_SECONDS,
        )
        assert question is not None
        if flood:
            self.telegram.faults.append(
                Fault(times=10_000, refusal=FLOOD, chat_id=person.telegram_id)
            )
        person.press(question, "Yes")
        return question

    async def require_closed(self, outage: str, *, flood: bool = False) -> None:
        """Panic, and wait until the position is closed."""
        person, stage = await self.open_position()
        message = await self.panic(person, flood=flood)
        self.seconds[outage] = await await_true(partial(is_flat, stage), seconds=LIMIT_SECONDS)
        if not flood:
            await self.telegram.wait_until(
                lambda: message.text.startswith("Done: 1 of 1 closed."), seconds=LIMIT_SECONDS
            )


@contextmanager
def run_process(
    module: str, *arguments: str, environment: dict[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@asynccontextmanager
async def open_lines(
    prefect: PrefectServer, database: TestDatabase, folder: Path
) -> AsyncIterator[tuple[Line, Line, dict[str, str]]]:
    """Lines to Prefect and to PostgreSQL, and the addresses of a process at their ends."""
    port = find_free_port()
    server = urlsplit(prefect.api_url)
    assert server.hostname is not None
    assert server.port is not None
    query = parse_qs(urlsplit(database.urls.app).query)
    socket = f".s.PGSQL.{query.get('port', ['5432'])[0]}"
    home = query["host"][0]
    urls = {
        f"QUORUM_DATABASE_{name}_URL": url.replace(
            quote(home, safe=""), quote(str(folder), safe="")
        ).replace(home, str(folder))
        for name, url in (("APP", database.urls.app), ("OPERATOR", database.urls.operator))
    }
    async with (
        Line(target=(server.hostname, server.port)).serve(("127.0.0.1", port)) as to_prefect,
        Line(target=Path(home) / socket).serve(folder / socket) as to_database,
    ):
        api_url = prefect.api_url.replace(str(server.port), str(port))
        yield to_prefect, to_database, {**urls, "PREFECT_API_URL": api_url}


@pytest.fixture
def books(database: Database, database_run: TestDatabase, make_user: MakeUser) -> Books:
    """The database of the test."""
    return Books(database=database, run=database_run, make_user=make_user)


@pytest.fixture(params=["warm", "process"])
async def scene(
    request: pytest.FixtureRequest, books: Books, prefect_server: PrefectServer, tmp_path: Path
) -> AsyncIterator[Scene]:
    """Start the bot and a worker, and wait until both work."""
    async with AsyncExitStack() as stack:
        url, posted = await stack.enter_async_context(serve_webhook())
        telegram = await stack.enter_async_context(TelegramDouble().serve())
        telegram.add_person(ADMIN)
        sockets = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="line")))
        to_prefect, to_database, addresses = await stack.enter_async_context(
            open_lines(prefect_server, books.run, sockets)
        )
        environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("QUORUM_")},
            **prefect_server.environment,
            **addresses,
            "QUORUM_HOME": str(prefect_server.home.root),
            "QUORUM_MARKET": "sample",
            "QUORUM_COUNCIL": "offline",
            "QUORUM_WORKER_WATCH_CODE": "0",
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "PREFECT_WORKER_HEARTBEAT_SECONDS": "5",
            "QUORUM_OPERATOR_ALERT_URL": url,
            "QUORUM_TELEGRAM_API_URL": telegram.url,
            "QUORUM_TELEGRAM_ADMINS": str(ADMIN),
            "QUORUM_MESSAGES_PER_MINUTE": "1000",
        }
        work = ("worker", "start", "--pool", WORK_POOL, "--type", request.param)
        worker = stack.enter_context(
            run_process("prefect", *work, environment=environment, log=tmp_path / "worker.log")
        )
        bot = {**environment, "TELEGRAM_BOT_TOKEN": TOKEN}
        stack.enter_context(run_process("telegram.bot", environment=bot, log=tmp_path / "bot.log"))
        await telegram.wait_until(lambda: telegram.polls, seconds=START_SECONDS)
        scene = Scene(
            telegram=telegram,
            books=books,
            prefect_line=to_prefect,
            database_line=to_database,
            worker=worker,
            posted=posted,
        )
        await wait_for_guard(scene)
        yield scene


async def wait_for_guard(scene: Scene) -> None:
    """Until the worker has executed a request to close."""
    _, stage = await scene.open_position()
    async with scene.books.database.tenant(stage.user_id) as tenant:
        await tenant.close_requests.save_requests(
            [(await stage.load_config()).pair], actor="test", now=datetime.now(UTC)
        )
    await await_true(partial(is_flat, stage), seconds=START_SECONDS)


async def has_pool(client: PrefectClient) -> bool:
    try:
        await client.read_work_pool(WORK_POOL)
    except ObjectNotFound:
        return False
    return True


async def is_flat(stage: Stage) -> bool:
    return await stage.load_position() is None


async def test_panic_closes_or_tells_within_thirty_seconds(
    scene: Scene, prefect_client: PrefectClient, deployments: Deployments
) -> None:
    client = prefect_client
    await deployments.restore_system()
    await scene.require_closed("none")
    await client.update_work_pool(WORK_POOL, WorkPoolUpdate(is_paused=True))
    await scene.require_closed("pool paused")
    await client.update_work_pool(WORK_POOL, WorkPoolUpdate(is_paused=False))
    await scene.require_closed("429 of 300 s", flood=True)
    await require_closed_or_told(scene)
    await client.delete_work_pool(WORK_POOL)
    await scene.require_closed("pool deleted")
    scene.seconds["pool made again by the worker"] = await await_true(
        partial(has_pool, client), seconds=LIMIT_SECONDS
    )
    await deployments.restore_system()
    assert (await deployments.read_system()).is_good
    await scene.prefect_line.cut()
    await scene.require_closed("server dead")
    await require_told(scene)
    for outage, seconds in scene.seconds.items():
        sys.stdout.write(f"{outage}: {seconds:.1f} s\n")
    sys.stdout.write(f"database slow: closed after {scene.slow_closed:.1f} s\n")
    assert max(scene.seconds.values()) <= LIMIT_SECONDS


async def require_closed_or_told(scene: Scene) -> None:
    """With a slow database the position closes late: user and operator know within 30 s."""
    person, stage = await scene.open_position()
    admin = scene.telegram.people[ADMIN]
    scene.database_line.delay_seconds = SLOW_SECONDS
    try:
        await scene.panic(person)
        begin = time.monotonic()

        async def is_done() -> bool:
            is_told = any("closing has not finished" in m.text for m in person.list_replies())
            wanted = f"User {stage.user_id}, "
            is_reported = any(wanted in m.text for m in admin.list_replies())
            return (is_told and is_reported) or await is_flat(stage)

        scene.seconds["database slow: closed or told"] = await await_true(
            is_done, seconds=LIMIT_SECONDS
        )
        await await_true(partial(is_flat, stage), seconds=SLOW_CLOSED_SECONDS)
        scene.slow_closed = time.monotonic() - begin
    finally:
        scene.database_line.delay_seconds = 0.0


async def require_told(scene: Scene) -> None:
    """With a dead worker nothing is closed: user and operator know, here past Telegram."""
    person, stage = await scene.open_position()
    scene.worker.kill()
    scene.worker.wait()
    scene.telegram.faults.append(Fault(times=10_000, refusal=FLOOD, chat_id=ADMIN))
    message = await scene.panic(person)
    begin = time.monotonic()
    pair = (await stage.load_config()).pair
    await scene.telegram.wait_until(
        lambda: f"{pair}: no worker has begun to close it." in message.text, seconds=LIMIT_SECONDS
    )
    await scene.telegram.wait_until(
        lambda: any("closing has not finished" in m.text for m in person.list_replies()),
        seconds=LIMIT_SECONDS,
    )

    async def is_forwarded() -> bool:
        return any(f"User {stage.user_id}, {pair}" in one["message"] for one in scene.posted)

    await await_true(is_forwarded, seconds=LIMIT_SECONDS)
    scene.seconds["worker dead, operator's chat under 429: told"] = time.monotonic() - begin
    assert "close it there at the market" in message.text
    assert await stage.load_position() is not None
