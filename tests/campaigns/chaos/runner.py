"""Runs: fork a worker, let it die, come back, reconcile, play the market on, judge.

    Scenario -> worker (forked) -> SIGKILL | SIGSTOP | twin -> reconcile -> stop is hit -> judge

The venue's clock is virtual and shared: waits cost nothing, requests cost milliseconds. Nothing
comes sooner than in the product: another worker's guard looks every second and reconciles whom it
finds late, a cycle that breaks reconciles at once (`flows.hooks`), everybody is reconciled every
`RECONCILE_SECONDS`.
"""

import asyncio
import os
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from blocks.venues.base.exchange import AccountExchange
from db.session import Database
from flows.hooks import reconcile_after_failure
from tasks.orders.accounts import close_now
from tasks.recovery.position_guard import guard_once
from tasks.recovery.reconciliation import reconcile_user
from tasks.runtime.container import Services, get_services, use_services
from tasks.runtime.loops import LOOK_SECONDS
from tasks.runtime.settings import TaskSettings
from tests.blocks.venues.venue_cases import connect_to
from tests.campaigns.chaos.judge import Finding, judge
from tests.campaigns.chaos.path import STOP_PRICE, Steps, walk
from tests.campaigns.chaos.scenario import Scenario
from tests.campaigns.chaos.venue_process import VenueProcess, start_venue
from tests.database import TestDatabase, provide_database
from tests.doubles.venue.clock import VirtualClock
from trading.domain.accounts import PairConfig
from trading.domain.errors import QuorumError
from trading.domain.units import Mode, Pair, UserId, VenueName, floor_time
from trading.ports import Exchange, MarketData

PAIR = Pair("BTC", "USDT")
NOON = datetime(2025, 11, 22, 12, tzinfo=UTC)
CAPITAL = Decimal(10_000)
RECONCILE_SECONDS = 300.0
GUARDED_SECONDS = 20.0
QUIET_LOOKS = 5
"""The guard's looks are played one by one until so many in a row have found nobody, but for no
longer than that: it is `LATE_AFTER` that makes somebody late, and nobody works any more."""
LEASE_SECONDS = 12.0
HORIZON_SECONDS = 25 * 3600.0


@dataclass(slots=True, kw_only=True)
class Chaos:
    """One venue, one database, and the process that comes after every crash."""

    venue: VenueName
    clock: VirtualClock
    process: VenueProcess
    database_run: TestDatabase
    database: Database
    runner: asyncio.Runner
    market: MarketData
    mine: AccountExchange
    workers: AccountExchange
    run_number: int = 0
    findings: list[Finding] = field(default_factory=list)
    samples: dict[str, list[str]] = field(default_factory=dict)

    def count_steps(self) -> int:
        """How many boundaries the undisturbed path has."""
        read_end, write_end = os.pipe()
        config = self._open(Scenario())
        pid = self._fork(config, Scenario(), report=write_end)
        os.close(write_end)
        os.waitpid(pid, 0)
        with os.fdopen(read_end) as pipe:
            steps = int(pipe.read())
        self._settle(config)
        return steps

    def run(self, scenario: Scenario) -> Finding:
        """One life: worker, disaster, reconciliation, market, judgment."""
        config = self._open(scenario)
        pids = [self._fork(config, scenario)]
        if scenario.is_doubled:
            pids.append(self._fork(config, scenario))
        for pid in pids:
            _, status = os.waitpid(pid, os.WUNTRACED)
            if os.WIFSTOPPED(status):
                self._guard(config)
                os.kill(pid, signal.SIGCONT)
                os.waitpid(pid, 0)
        return self._settle(config)

    def sample(self) -> dict[str, list[str]]:
        """Answers of an undisturbed life: entry, protection, close."""
        self.run_mutant([], phase="exit", is_sample=True)
        return self.samples

    def run_mutant(
        self, faults: list[dict[str, Any]], *, phase: str, is_sample: bool = False
    ) -> tuple[Finding, bool]:
        """One life in this process; whether its exit was lost: not flat after several tries."""
        config = self._open(Scenario())
        if phase == "enter":
            self.process.set_faults(faults)
        self.runner.run(self._do(config, self._enter(config)))
        self._guard(config)
        if phase == "exit":
            self.process.set_faults(faults)
        for seconds in (0.0, 5.0, 60.0, RECONCILE_SECONDS):
            self.clock.advance(seconds)
            self.runner.run(self._do(config, self._close(config)))
            self._guard(config)
        if is_sample:
            self.samples = self.process.read_samples()
        ledger = self.process.read_ledger(_key(config.user_id))
        return self._settle(config), Decimal(ledger["signed"]) != 0

    async def _enter(self, config: PairConfig) -> None:
        cycle_time = floor_time(self.clock(), timedelta(minutes=30))
        try:
            await walk(await get_services(), config, cycle_time=cycle_time)
        except QuorumError:
            await reconcile_after_failure(config.user_id)

    async def _close(self, config: PairConfig) -> None:
        with suppress(QuorumError):  # the request stays, and the guard tries again
            await close_now(await get_services(), config)

    async def _do(self, config: PairConfig, work: Coroutine[Any, Any, None]) -> None:
        with use_services(self._connect(self.database, self.mine, config.user_id)):
            await work

    def _settle(self, config: PairConfig) -> Finding:
        """Guard, reconcile until it is quiet, then hit the stop, then wait a day."""
        self._guard(config)
        for seconds in (RECONCILE_SECONDS, 41 * 60.0):
            self.clock.advance(seconds)
            self._reconcile(config)
        self.process.set_price(STOP_PRICE - 10)
        for seconds in (RECONCILE_SECONDS, HORIZON_SECONDS, RECONCILE_SECONDS):
            self.clock.advance(seconds)
            self._reconcile(config)
        finding = self.runner.run(self._judge(config))
        self.findings.append(finding)
        return finding

    async def _judge(self, config: PairConfig) -> Finding:
        ledger = self.process.read_ledger(_key(config.user_id))
        return await judge(self.database, config.user_id, pair=PAIR, ledger=ledger, start=CAPITAL)

    def _open(self, scenario: Scenario) -> PairConfig:
        """A user with an account of its own, for this run only."""
        self.run_number += 1
        self.clock.advance(1800)
        config = self.runner.run(self._add_user())
        self.process.open_account(
            _key(config.user_id),
            faults=list(scenario.faults),
            pieces=scenario.pieces,
            late_ms=scenario.late_ms,
        )
        return config

    async def _add_user(self) -> PairConfig:
        async with self.database.operator() as operator:
            user = await operator.users.add_user(f"u{self.run_number}", now=self.clock())
        config = PairConfig(
            user_id=user.user_id,
            pair=PAIR,
            venue=self.venue,
            mode=Mode.LIVE,
            capital=CAPITAL,
            is_paused=False,
            created_at=self.clock(),
        )
        async with self.database.tenant(user.user_id) as tenant:
            await tenant.pairs.add_pair(config)
        return config

    def _fork(self, config: PairConfig, scenario: Scenario, *, report: int | None = None) -> int:
        pid = os.fork()
        if pid:
            return pid
        try:
            steps = asyncio.run(self._work(config, scenario))
            if report is not None:
                os.write(report, str(steps).encode())
        finally:
            os._exit(0)

    async def _work(self, config: PairConfig, scenario: Scenario) -> int:
        """In the forked process: pools of its own, then the path step by step."""
        urls = self.database_run.urls
        database = Database(urls.app, operator_url=urls.operator)
        services = self._connect(database, self.workers, config.user_id)
        cycle_time = floor_time(self.clock(), timedelta(minutes=30))
        steps = Steps(
            walk(services, config, cycle_time=cycle_time),
            kill_at=scenario.kill_at,
            pause_at=scenario.pause_at,
        )
        with use_services(services):
            try:
                await steps
            except QuorumError:
                await reconcile_after_failure(config.user_id)
        return steps.count

    def _guard(self, config: PairConfig) -> None:
        """Another worker's guard, second by second, until it finds nothing for a while."""
        end, quiet = self.clock.ms + GUARDED_SECONDS * 1000, 0
        while self.clock.ms < end and quiet < QUIET_LOOKS:
            self.clock.advance(LOOK_SECONDS)
            late = self.runner.run(self._guard_once(config))
            quiet = 0 if late else quiet + 1

    async def _guard_once(self, config: PairConfig) -> tuple[UserId, ...]:
        services = self._connect(self.database, self.mine, config.user_id)
        with use_services(services):
            return await guard_once(services)

    def _reconcile(self, config: PairConfig) -> None:
        self.runner.run(self._reconcile_once(config))

    async def _reconcile_once(self, config: PairConfig) -> None:
        services = self._connect(self.database, self.mine, config.user_id)
        with use_services(services):
            try:
                await reconcile_user(config.user_id)
            except QuorumError:
                return  # the flow tells the operator, and comes again

    def _connect(self, database: Database, exchange: AccountExchange, user_id: UserId) -> Services:
        exchange._client._exchange.apiKey = _key(user_id)
        exchange._client.time.measured_at = None

        async def exchange_of(_: PairConfig) -> Exchange:
            exchange._client._exchange.closed_by_user = False  # building it anew costs 90 ms
            return exchange

        return Services(
            database=database,
            clock=self.clock,
            markets={self.venue: self.market},
            models=(),
            feeds=(),
            exchange_of=exchange_of,
            namespace="chaos",
            sleep=self.clock.sleep,
            worker=f"worker-{os.getpid()}",
            settings=TaskSettings(intent_lease_seconds=LEASE_SECONDS, read_backoff_seconds=0.2),
        )


@contextmanager
def open_chaos(venue: VenueName, *, folder: Path, seed: int = 1) -> Iterator[Chaos]:
    """Start the venue and a database, in processes that end with the block."""
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
    clock = VirtualClock(NOON)
    with (
        start_venue(venue, clock=clock, seed=seed) as process,
        provide_database(folder, name="chaos") as database_run,
        asyncio.Runner() as runner,
    ):
        urls = database_run.urls
        market, mine = connect_to(process.url, venue, clock=clock)
        _, workers = connect_to(process.url, venue, clock=clock)
        chaos = Chaos(
            venue=venue,
            clock=clock,
            process=process,
            database_run=database_run,
            database=Database(urls.app, operator_url=urls.operator),
            runner=runner,
            market=market,
            mine=mine,
            workers=workers,
        )
        try:
            yield chaos
        finally:
            runner.run(_close(chaos))


async def _close(chaos: Chaos) -> None:
    await chaos.mine.close()
    await chaos.market.close()
    await chaos.database.close()


def _key(user_id: UserId) -> str:
    return f"key-{user_id}"
