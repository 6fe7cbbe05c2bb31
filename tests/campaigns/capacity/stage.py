"""The stage: PostgreSQL, a Prefect server, a worker, the doubles, and users with a pair each.

open_doubles -> open_stage -> Stage (PostgreSQL, users) -> open_engine -> Engine (server, worker)

`ours` is what `quorum up` starts. `stock` is Prefect as it comes: its server's and worker's
default settings and its process worker, on the same database, with users of its own.
"""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import psycopg
from prefect.client.orchestration import PrefectClient

from blocks.prefect.client import open_client, prepare_pool
from blocks.prefect.drift import build_request
from blocks.prefect.gateway import Deployments
from blocks.prefect.specs import CYCLE_FLOW, SYSTEM_QUEUE, WORK_POOL, build_pair_spec, load_specs
from cli.base.home import Home
from cli.base.prefect_settings import (
    FOREIGN,
    build_api_url,
    build_client_environment,
    build_server_environment,
    ensure_auth_string,
)
from cli.demo.home import find_free_port
from cli.stack.prefect_server import build_server_command, wait_until_healthy
from cli.stack.processes import Child, start_child, stop_child
from cli.stack.registration import ensure_pool
from cli.stack.worker_process import build_worker_command
from db.server.bootstrap import DatabaseUrls, prepare_database, prepare_prefect_database
from db.server.embedded import EmbeddedPostgres
from db.session import Database
from trading.domain.accounts import PairConfig
from trading.domain.errors import PermanentError
from trading.domain.units import Mode, Pair, UserId, VenueName

PAIRS = tuple(Pair(base, "USDT") for base in ("ETH", "SOL", "BNB", "XRP", "DOGE"))
WARM_UP_PAIR = Pair("LTC", "USDT")
CAPITAL = Decimal(1000)
ORDER_SECONDS = 0.5
GRACE_SECONDS = 20.0

type Kind = Literal["ours", "stock"]


@dataclass(slots=True, kw_only=True)
class Doubles:
    """The venue and the models, in a process of their own."""

    process: asyncio.subprocess.Process
    addresses: Mapping[str, str]

    async def end(self) -> dict[str, Any]:
        """Their journal."""
        out, _ = await self.process.communicate(b"end\n")
        journal: dict[str, Any] = json.loads(out.splitlines()[-1])
        return journal


@dataclass(slots=True, kw_only=True)
class Stage:
    """Where cycles are played; `owner` is the address of the database's owner for psycopg."""

    folder: Path
    urls: DatabaseUrls = field(repr=False)
    owner: str = field(repr=False)
    server: EmbeddedPostgres
    database: Database
    environment: Mapping[str, str] = field(repr=False)
    _connection: psycopg.Connection[Any] | None = None

    @property
    def postgres(self) -> int:
        """Its process id. Raises PermanentError while it does not run."""
        if (pid := self.server.pid) is None:
            raise PermanentError("PostgreSQL does not run.")
        return pid

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows, as the database's owner sees them."""
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self.owner, autocommit=True)
        return self._connection.execute(statement).fetchall()

    def hang_up(self) -> None:
        """Close what `ask` has opened; the next question opens it anew."""
        if self._connection is not None:
            self._connection.close()

    def count_open_cycles(self) -> int:
        """Cycles that are claimed and not closed."""
        return int(self.ask("SELECT count(*) FROM cycles WHERE outcome IS NULL")[0][0])

    def measure_tables(self) -> Counter[str]:
        """Bytes of each table with its indexes."""
        rows = self.ask(
            "SELECT c.relname, pg_total_relation_size(c.oid) FROM pg_class c JOIN pg_namespace n "
            "ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r'"
        )
        return Counter({str(name): int(size) for name, size in rows})

    async def add_users(
        self, count: int, *, prefix: str, pairs: Sequence[Pair] = PAIRS
    ) -> list[PairConfig]:
        """Users with one pair each, the pairs in turn."""
        now = datetime.now(UTC)
        made = []
        for number in range(count):
            async with self.database.operator() as operator:
                user = await operator.users.add_user(f"{prefix}{number}", now=now)
            made.append(await self._add_pair(user.user_id, pairs[number % len(pairs)], now=now))
        return made

    async def _add_pair(self, user_id: UserId, pair: Pair, *, now: datetime) -> PairConfig:
        config = PairConfig(
            user_id=user_id,
            pair=pair,
            venue=VenueName.BINANCE,
            mode=Mode.PAPER,
            capital=CAPITAL,
            is_paused=False,
            created_at=now,
        )
        async with self.database.tenant(user_id) as tenant:
            await tenant.pairs.add_pair(config)
            await tenant.paper.deposit(CAPITAL, now=now)
        return config


@dataclass(slots=True, kw_only=True)
class Engine:
    """
    A Prefect server and a worker of one kind.

    Attributes:
        books: where the server keeps what it knows, for psycopg; None for its own SQLite.
    """

    kind: Kind
    home: Home
    port: int
    server: Child
    environment: Mapping[str, str] = field(repr=False)
    server_environment: Mapping[str, str] = field(repr=False)
    client: PrefectClient
    books: str | None = field(default=None, repr=False)
    workers: list[Child] = field(default_factory=list)
    started: int = 0

    def list_roots(self, stage: Stage) -> dict[str, list[int]]:
        """The processes whose trees a cycle costs, by the part that they are."""
        return {
            "server": [self.server.process.pid],
            "worker": [worker.process.pid for worker in self.workers],
            "postgres": [stage.postgres],
        }

    def open_books(self) -> psycopg.Connection[Any]:
        """A connection to the server's database; PermanentError when it is no PostgreSQL."""
        if self.books is None:
            raise PermanentError("This server keeps its books in SQLite.")
        return psycopg.connect(self.books)

    def measure_books(self) -> int:
        """Bytes of what the server has written; of SQLite the pages in use."""
        if self.books is None:
            return _measure_sqlite(self.home.prefect / "prefect.db")
        with self.open_books() as connection:
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        assert row is not None
        return int(row[0])

    async def deploy(self, configs: Sequence[PairConfig]) -> dict[UserId, Any]:
        """Deployments of the pairs, paused: their runs are asked for. The ids by user."""
        flow_id = await self.client.create_flow_from_name(CYCLE_FLOW)
        ids = {}
        for config in configs:
            request = build_request(build_pair_spec(config, is_paused=True))
            ids[config.user_id] = await self.client.create_deployment(flow_id, **request)
        return ids

    async def deploy_system(self) -> None:
        """What looks after the cycles, on its schedule: reaper, reconcile, watchdog."""
        gateway = Deployments(self.client)
        for spec in load_specs(Path(__file__).parents[3] / "prefect.yaml"):
            if spec.queue == SYSTEM_QUEUE:
                await gateway.ensure(spec)

    async def restart_server(self, *, down_seconds: float) -> None:
        """Kill the server, and start it again after a while."""
        await kill_child(self.server)
        await asyncio.sleep(down_seconds)
        self.server = _start_server(self.home, port=self.port, environment=self.server_environment)
        await wait_until_healthy(self.server, port=self.port)

    def start_worker(self, **more: str) -> Child:
        """One more worker on the pool."""
        name = f"worker-{self.started}"
        self.started += 1
        command = build_worker_command(name)
        if self.kind == "stock":
            command = [
                *(sys.executable, "-m", "tests.campaigns.capacity.stock_worker"),
                *("worker", "start", "--pool", WORK_POOL, "--type", "process", "--name", name),
            ]
        self.workers.append(
            start_child(
                name,
                command,
                environment={**self.environment, **more},
                home=self.home.root,
                log=self.home.logs / f"{name}.log",
            )
        )
        return self.workers[-1]


@asynccontextmanager
async def open_doubles() -> AsyncIterator[Doubles]:
    """Start them; `end` them for their journal."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.campaigns.capacity.doubles"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        limit=64_000_000,
    )
    assert process.stdout is not None
    try:
        yield Doubles(process=process, addresses=json.loads(await process.stdout.readline()))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def open_stage(folder: Path, doubles: Doubles) -> AsyncIterator[Stage]:
    """A migrated PostgreSQL with the settings that people get."""
    home = Home(root=folder)
    home.prepare()
    server = EmbeddedPostgres(home.postgres, secrets=home.secrets)
    await asyncio.to_thread(server.start)
    try:
        urls = await prepare_database(server.url, home.secrets)
        database = Database(urls.app, operator_url=urls.operator)
        try:
            stage = Stage(
                folder=folder,
                urls=urls,
                owner=urls.admin.replace("postgresql+psycopg://", "postgresql://"),
                server=server,
                database=database,
                environment=_build_work_environment(urls, doubles),
            )
            yield stage
            stage.hang_up()
        finally:
            await database.close()
    finally:
        await asyncio.to_thread(server.stop)


@asynccontextmanager
async def open_engine(stage: Stage, kind: Kind, **choices: str) -> AsyncIterator[Engine]:
    """A server of that kind with its pool made; workers are started by the caller."""
    home = Home(root=stage.folder / kind)
    home.prepare()
    port = find_free_port()
    inherited = {**stage.environment, "QUORUM_HOME": str(home.root), **choices}
    build = _build_stock_environment if kind == "stock" else build_client_environment
    environment = build(home, api_url=build_api_url(port), inherited=inherited)
    server_environment = environment
    books: str | None = None
    if kind == "ours":
        address = await asyncio.to_thread(
            prepare_prefect_database, stage.server.url, secrets=home.secrets
        )
        books = address.replace("postgresql+asyncpg://", "postgresql://")
        server_environment = build_server_environment(
            home, port=port, inherited=inherited, database_url=address
        )
    server = _start_server(home, port=port, environment=server_environment, kind=kind)
    auth = ensure_auth_string(home) if kind == "ours" else None
    engine: Engine | None = None
    try:
        await wait_until_healthy(server, port=port)
        async with open_client(build_api_url(port), auth_string=auth) as client:
            if kind == "ours":
                await ensure_pool(client)
            else:
                await prepare_pool(client, pool_type="process")
            engine = Engine(
                kind=kind,
                home=home,
                port=port,
                server=server,
                environment=environment,
                server_environment=server_environment,
                client=client,
                books=books,
            )
            yield engine
    finally:
        left = [server] if engine is None else [engine.server, *engine.workers]
        for child in reversed(left):
            await stop_child(child, grace_seconds=GRACE_SECONDS)


async def kill_child(child: Child) -> None:
    """As a crash does: at once, with everything below it."""
    os.killpg(child.process.pid, signal.SIGKILL)
    await asyncio.to_thread(child.process.wait)


def _measure_sqlite(path: Path) -> int:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        free = connection.execute("PRAGMA freelist_count").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    return int((pages - free) * size)


def _start_server(
    home: Home, *, port: int, environment: Mapping[str, str], kind: Kind = "ours"
) -> Child:
    ours = build_server_command(host="127.0.0.1", port=port)
    stock = [sys.executable, "-m", "prefect", *ours[ours.index("server") :]]
    return start_child(
        "server",
        stock if kind == "stock" else ours,
        environment=environment,
        home=home.root,
        log=home.logs / "server.log",
    )


def _build_stock_environment(
    home: Home, *, api_url: str, inherited: Mapping[str, str]
) -> dict[str, str]:
    """Prefect's own defaults; only where it lives is ours."""
    return {
        **inherited,
        "PREFECT_API_URL": api_url,
        "PREFECT_HOME": str(home.prefect),
        "PREFECT_PROFILES_PATH": str(home.prefect / "profiles.toml"),
        "DO_NOT_TRACK": "1",
    }


def _build_work_environment(urls: DatabaseUrls, doubles: Doubles) -> dict[str, str]:
    """Nothing of this process's own Quorum or Prefect."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in FOREIGN and not name.startswith(("QUORUM_", "PREFECT_"))
    }
    kept["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")])
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    models = {vendor: url for vendor, url in doubles.addresses.items() if vendor != "venue"}
    return {
        **kept,
        **{f"QUORUM_{vendor.upper()}_BASE_URL": url for vendor, url in models.items()},
        **{f"{vendor.upper()}_API_KEY": "not-a-key" for vendor in models},
        "QUORUM_COUNCIL": ",".join(models),
        "QUORUM_FEEDS": "empty",
        "QUORUM_MARKET": "live",
        "QUORUM_BINANCE_URL": doubles.addresses["venue"],
        "QUORUM_BYBIT_URL": doubles.addresses["venue"],
        "QUORUM_PAPER_ORDER_SECONDS": str(ORDER_SECONDS),
        "QUORUM_DATABASE_APP_URL": urls.app,
        "QUORUM_DATABASE_OPERATOR_URL": urls.operator,
    }
