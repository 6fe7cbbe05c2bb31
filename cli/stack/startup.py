"""Startup and shutdown of the stack.

start: lock the home -> end leftover processes -> PostgreSQL -> Prefect server -> deployments
       -> workers, bot -> reconcile -> first cycle -> show cycles
stop:  wait for running cycles -> bot, workers -> Prefect server -> PostgreSQL

A start after a crash is safe: the start ends the processes of a killed stack and reuses a running
PostgreSQL. A first Ctrl-C or SIGTERM waits at most `DRAIN_SECONDS` for running cycles; a second
skips the wait.
"""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from cli.base.database import DatabaseAccess, open_database_access, publish_access
from cli.base.environment import (
    BOT_TOKEN,
    build_work_environment,
    build_worker_environment,
    read_environment,
)
from cli.base.home import Home
from cli.base.market import ChosenMarket, choose_market
from cli.base.prefect_settings import build_api_url, build_client_environment, build_ui_url
from cli.stack.cycle_feed import CycleFollower
from cli.stack.prefect_server import require_free_port, start_server, wait_until_healthy
from cli.stack.processes import end_leftovers
from cli.stack.supervisor import Supervisor
from cli.stack.view import View
from cli.stack.worker_process import WORKER, start_bot, start_worker
from commands.people.users import FIRST_CAPITAL, FIRST_PAIR, ensure_local_user, list_local_pairs
from db.engine.settings import DatabaseSettings
from db.session import Database
from reports.texts.catalog import render, tell
from trading.council.seats import explain_voices
from trading.domain.errors import PermanentError, QuorumError
from trading.domain.units import VenueName

if TYPE_CHECKING:
    from cli.stack.prefect_session import PrefectLink

SERVER_GRACE_SECONDS = 15.0
WORKER_GRACE_SECONDS = 10.0
BOT_GRACE_SECONDS = 10.0
DRAIN_SECONDS = 60.0
FOLLOW_SECONDS = 1.0
SYNC_SECONDS = 180.0
SILENCE_SECONDS = 30.0
"""A database that has not answered for so long is dead."""
DATABASE_LOST = (
    "The database no longer answers, so everything was stopped. What was decided is kept in it: "
    "start Quorum again."
)
PAUSED = "Paused in Prefect: {}. Such runs start when you resume there; stops and /panic work."
RECONCILE = "reconcile/reconcile"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackOptions:
    """Options of `quorum up`; `home` is absolute; without `market` the environment decides."""

    home: Path
    port: int
    market: str | None
    is_once: bool
    workers: int


class Stack:
    """Starts, follows and stops all processes of a home folder."""

    def __init__(self, options: StackOptions, *, view: View) -> None:
        self._options = options
        self._view = view
        self._home = Home(root=options.home)
        self._supervisor = Supervisor()
        self._is_stopping = False
        self._is_hurried = False
        self._is_pool_paused = False
        self._has_bot = False
        self._exit_code = 0

    async def run(self) -> int:
        """
        Work until told to stop; the exit code.

        Raises:
            QuorumError: with a sentence, when a part can't be started or is lost; the others have
                been stopped then.
        """
        self._home.prepare()
        with self._home.lock():
            self._home.state.unlink(missing_ok=True)
            if count := end_leftovers(self._home.root):
                self._view.say(f"Ended {count} processes that a killed stack had left.")
            require_free_port(self._options.port)
            self._listen_to_signals()
            try:
                async with AsyncExitStack() as parts:
                    parts.push_async_callback(self._supervisor.stop_all)
                    await self._work(parts)
            except asyncio.CancelledError:
                if not self._is_stopping:
                    raise
            finally:
                self._home.state.unlink(missing_ok=True)
        self._view.say("Stopped.")
        return self._exit_code

    async def _work(self, parts: AsyncExitStack) -> None:
        inherited = read_environment()
        access = await self._open_database(parts)
        server = self._supervisor.start(
            partial(
                start_server,
                self._home,
                port=self._options.port,
                inherited=inherited,
                database_url=access.prefect_url,
            ),
            grace_seconds=SERVER_GRACE_SECONDS,
        )
        database = Database(access.app_url, operator_url=access.operator_url)
        parts.push_async_callback(database.close)
        market = await self._choose_market()
        environment = build_work_environment(
            inherited, home=self._home, access=access, market=market
        )
        await self._prepare_user(database, venue=market.venue)
        with self._view.step("Prefect server"):
            await wait_until_healthy(server, port=self._options.port)
        link = await self._open_prefect(parts, database=database)
        publish_access(self._home, access)
        self._publish(market)
        self._start_workers(environment)
        await self._run_first(link, database=database)
        keep_synced = None if self._has_bot else partial(link.keep_synced, database)
        await self._follow(CycleFollower(database), keep_synced=keep_synced)

    async def _open_database(self, parts: AsyncExitStack) -> DatabaseAccess:
        with self._view.step("PostgreSQL") as step:
            access = await parts.enter_async_context(
                open_database_access(self._home, settings=DatabaseSettings(home=self._home.root))
            )
            if access.embedded is not None:
                step.note = "embedded" if access.was_started else "embedded, ran already"
        parts.push_async_callback(self._supervisor.stop_all)  # before the database, see `run`
        return access

    async def _choose_market(self) -> ChosenMarket:
        with self._view.step("Market") as step:
            market = await choose_market(self._options.market)
            step.note = market.namespace
        if market.notice:
            self._view.say(market.notice, style="bold yellow")
        if warning := _explain_seats():
            self._view.say(warning, style="bold yellow")
        return market

    async def _prepare_user(self, database: Database, *, venue: VenueName) -> None:
        if await ensure_local_user(database, venue=venue, now=datetime.now(UTC)):
            self._view.say(
                f"Made the local paper user with {FIRST_PAIR} and {FIRST_CAPITAL:,} "
                f"{FIRST_PAIR.quote} of paper money."
            )

    async def _open_prefect(self, parts: AsyncExitStack, *, database: Database) -> "PrefectLink":
        port = self._options.port
        with self._view.step("Deployments") as step:
            from cli.stack.prefect_session import open_prefect

            link = await parts.enter_async_context(open_prefect(self._home, port=port))
            registration = await link.register(database, now=datetime.now(UTC))
            step.note = str(registration)
        self._is_pool_paused = registration.system.is_pool_paused
        if paused := registration.system.paused:
            self._view.say(PAUSED.format(", ".join(paused)), style="bold red")
        parts.push_async_callback(self._drain, link)
        return link

    def _publish(self, market: ChosenMarket) -> None:
        url = build_ui_url(self._options.port)
        self._home.write_state(
            {
                "pid": os.getpid(),
                "api_url": build_api_url(self._options.port),
                "ui_url": url,
                "market": market.setting,
                "started_at": datetime.now(UTC).isoformat(),
            }
        )
        self._view.footer = f"UI {url}   a cycle every 30 minutes for each pair   Ctrl-C stops"
        self._view.say(
            f"The Prefect UI is at {url}; it asks for a password once: `quorum ui-password`.",
            style="bold",
        )

    def _start_workers(self, work: Mapping[str, str]) -> None:
        environment = build_client_environment(
            self._home, api_url=build_api_url(self._options.port), inherited=work
        )
        own = build_worker_environment(environment)
        for number in range(1, self._options.workers + 1):
            self._supervisor.start(
                partial(start_worker, self._home, environment=own, number=number),
                grace_seconds=WORKER_GRACE_SECONDS,
            )
        if environment.get(BOT_TOKEN) and find_spec("telegram.bot.__main__") is None:
            self._view.say("There is a Telegram token, but this version brings no bot.")
        elif environment.get(BOT_TOKEN):
            self._has_bot = True
            self._supervisor.start(
                partial(start_bot, self._home, environment=environment),
                grace_seconds=BOT_GRACE_SECONDS,
            )

    async def _run_first(self, link: "PrefectLink", *, database: Database) -> None:
        from cli.stack.prefect_session import COMPLETED

        if not self._options.workers:
            self._view.say("No worker runs here: cycles wait for one on the pool.")
        if not self._options.workers or self._is_pool_paused:
            return
        with self._view.step("Reconciliation") as step:
            step.note = await link.run_to_end(RECONCILE)
        with self._view.step("First cycle") as step:
            ends = await link.run_pairs_to_end(await list_local_pairs(database))
            step.note = ", ".join(ends) or "no pair to trade"
        if any(end != COMPLETED for end in ends):
            self._exit_code = 1

    async def _follow(
        self, follower: CycleFollower, *, keep_synced: Callable[..., Awaitable[None]] | None
    ) -> None:
        """Show new cycles; without a bot also keep Prefect and the database in agreement."""
        heard_at = synced_at = time.monotonic()
        with self._view.following():
            while True:
                for sentence in self._supervisor.tend(time.monotonic()):
                    self._view.say(sentence, style="yellow")
                try:
                    self._view.show_cycles(await follower.load_new(), newest=follower.newest)
                    heard_at = time.monotonic()
                except QuorumError:
                    if time.monotonic() - heard_at > SILENCE_SECONDS:
                        raise PermanentError(DATABASE_LOST) from None
                if self._options.is_once:
                    return
                if keep_synced and time.monotonic() - synced_at > SYNC_SECONDS:
                    synced_at = time.monotonic()
                    await keep_synced(now=datetime.now(UTC))
                await asyncio.sleep(FOLLOW_SECONDS)

    async def _drain(self, link: "PrefectLink") -> None:
        """Let running cycles end before the worker goes."""
        if not any(name.startswith(WORKER) for name in self._supervisor.list_alive()):
            return
        left = await link.drain(seconds=DRAIN_SECONDS, is_hurried=lambda: self._is_hurried)
        if left:
            self._view.say(
                f"Stopped {left} runs in the middle; the next start reconciles what they did."
            )

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._on_signal, task)

    def _on_signal(self, task: "asyncio.Task[object]") -> None:
        if self._is_stopping:
            self._is_hurried = True
            return
        self._is_stopping = True
        self._view.say("Stopping; once more to stop without waiting for running cycles.")
        task.cancel()


def _explain_seats() -> str:
    """A warning about seats without a voice of their own, or about wrong settings; else empty."""
    from blocks.council import SAVED, council_from_settings
    from blocks.models.settings import CouncilSettings

    if any(seat.startswith(SAVED) for seat in CouncilSettings().council):
        return ""  # saved in Prefect, which does not run yet
    try:
        return render(explain_voices(model.identity for model in council_from_settings()))
    except QuorumError as error:
        return tell(error)
