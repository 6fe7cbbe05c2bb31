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
from dataclasses import dataclass, field, replace
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
    services: Services
    run_number: int = 0
    findings: list[Finding] = field(default_factory=list)

    def count_steps(self) -> int:
        """How many boundaries the undisturbed path has."""
        read_end, write_end = os.pipe()
        config = self.open_user(Scenario())
        pid = self._fork(config, Scenario(), report=write_end)
        os.close(write_end)
        os.waitpid(pid, 0)
        with os.fdopen(read_end) as pipe:
            steps = int(pipe.read())
        self.settle(config)
        return steps

    def run(self, scenario: Scenario) -> Finding:
        """One life: worker, disaster, reconciliation, market, judgment."""
        config = self.open_user(scenario)
        pids = [self._fork(config, scenario)]
        if scenario.is_doubled:
            pids.append(self._fork(config, scenario))
        for pid in pids:
            _, status = os.waitpid(pid, os.WUNTRACED)
            if os.WIFSTOPPED(status):
                self.guard(config)
                os.kill(pid, signal.SIGCONT)
                os.waitpid(pid, 0)
        return self.settle(config)

    def enter(self, config: PairConfig) -> None:
        """Enter and protect in this process; a broken cycle is reconciled."""
        self.play(config, self._enter(config))

    def close(self, config: PairConfig) -> None:
        """One try to close, as the flow close-positions makes it."""
        self.play(config, self._close(config))

    def play(self, config: PairConfig, work: Coroutine[Any, Any, None]) -> None:
        """Run a worker's step with the user's account."""
        self.runner.run(self._do(config, work))

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

    def settle(self, config: PairConfig) -> Finding:
        """Guard, reconcile until it is quiet, then hit the stop, then wait a day."""
        self.guard(config)
        for seconds in (RECONCILE_SECONDS, 41 * 60.0):
            self.clock.advance(seconds)
            self.reconcile(config)
        self.process.set_price(STOP_PRICE - 10)
        for seconds in (RECONCILE_SECONDS, HORIZON_SECONDS, RECONCILE_SECONDS):
            self.clock.advance(seconds)
            self.reconcile(config)
        finding = self.runner.run(self._judge(config))
        self.findings.append(finding)
        return finding

    async def _judge(self, config: PairConfig) -> Finding:
        ledger = self.process.read_ledger(key_of(config.user_id))
        return await judge(self.database, config.user_id, pair=PAIR, ledger=ledger, start=CAPITAL)

    def open_user(self, scenario: Scenario) -> PairConfig:
        """A user with an account of its own, for this run only."""
        self.run_number += 1
        self.clock.advance(1800)
        config = self.runner.run(self._add_user())
        self.process.open_account(
            key_of(config.user_id),
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

    def guard(self, config: PairConfig, *, seconds: float = GUARDED_SECONDS) -> None:
        """Another worker's guard, second by second, until it finds nothing for a while."""
        end, quiet = self.clock.ms + seconds * 1000, 0
        while self.clock.ms < end and quiet < QUIET_LOOKS:
            self.clock.advance(LOOK_SECONDS)
            late = self.runner.run(self._guard_once(config))
            quiet = 0 if late else quiet + 1

    async def _guard_once(self, config: PairConfig) -> tuple[UserId, ...]:
        services = self._connect(self.database, self.mine, config.user_id)
        with use_services(services):
            return await guard_once(services)

    def reconcile(self, config: PairConfig) -> None:
        """The scheduled reconciliation, for this user."""
        self.runner.run(self._reconcile_once(config))

    async def _reconcile_once(self, config: PairConfig) -> None:
        services = self._connect(self.database, self.mine, config.user_id)
        with use_services(services):
            try:
                await reconcile_user(config.user_id)
            except QuorumError:
                return  # the flow tells the operator, and comes again

    def _connect(self, database: Database, exchange: AccountExchange, user_id: UserId) -> Services:
        exchange._client._exchange.apiKey = key_of(user_id)
        exchange._client.time.measured_at = None

        async def exchange_of(_: PairConfig) -> Exchange:
            exchange._client._exchange.closed_by_user = False  # building it anew costs 90 ms
            return exchange

        return replace(
            self.services,
            database=database,
            exchange_of=exchange_of,
            worker=f"worker-{os.getpid()}",
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
        database = Database(urls.app, operator_url=urls.operator)
        chaos = Chaos(
            venue=venue,
            clock=clock,
            process=process,
            database_run=database_run,
            database=database,
            runner=runner,
            market=market,
            mine=mine,
            workers=workers,
            services=Services(
                database=database,
                clock=clock,
                markets={venue: market},
                models=(),
                feeds=(),
                exchange_of=_refuse,
                namespace="chaos",
                sleep=clock.sleep,
                settings=TaskSettings(
                    intent_lease_seconds=LEASE_SECONDS, read_backoff_seconds=0.2
                ),
            ),
        )
        try:
            yield chaos
        finally:
            runner.run(_close(chaos))


async def _refuse(config: PairConfig) -> Exchange:
    """Each life connects an account of its own."""
    raise AssertionError(config)


async def _close(chaos: Chaos) -> None:
    await chaos.mine.close()
    await chaos.market.close()
    await chaos.database.close()


def key_of(user_id: UserId) -> str:
    return f"key-{user_id}"
