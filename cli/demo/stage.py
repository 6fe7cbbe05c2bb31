"""Runs a demo from start to end: cycles, figures, report.

setting -> temporary home -> a user, a pair -> replay of the real flow -> figures, picture

Rule models vote, never a paid model, and no news is read: today's news was unknown at that time.
"""

import asyncio
import signal
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from cli.demo.figures import Played, build_summary
from cli.demo.home import open_demo_home
from cli.demo.report import print_report, print_summary
from cli.demo.setting import DemoOptions, Setting, open_setting
from cli.stack.progress import show_progress
from commands import changes
from db.session import Database
from trading.domain.accounts import PairConfig
from trading.domain.units import UserId
from trading.requests import build_pair_config

if TYPE_CHECKING:
    from trading.cycle import CycleRecord
    from trading.reporting.pair_report import PairReport

CAPITAL = Decimal(10_000)
"""Paper money, quote units."""
DEMO_USER = "demo"
ALL = 1_000_000


async def run_demo(options: DemoOptions, *, as_json: bool) -> int:
    """
    Run the demo; return the exit code, 1 after a failed cycle.

    Raises:
        BadInput: for a file unfit for trading, or a file too short.
    """
    setting = open_setting(options)
    _stop_on_signals()
    begin = time.monotonic()
    with show_progress(len(setting.times), to_stderr=as_json) as progress:
        if setting.notice:
            progress.say(setting.notice)
        async with open_demo_home() as database:
            played, report = await play(database, setting, on_cycle=progress.advance)
    summary = build_summary(
        played, market=setting.market.source, voters=list_names(played.records)
    )
    picture = draw(report, options.out)
    if not as_json:
        print_report(summary, played=played, picture=picture, seconds=time.monotonic() - begin)
    print_summary(summary)
    return 1 if played.errors else 0


def _stop_on_signals() -> None:
    """A closed terminal or a polite kill ends the servers too, as Ctrl-C does."""
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)


async def play(
    database: Database,
    setting: Setting,
    *,
    on_cycle: "Callable[[CycleRecord | None], None]" = lambda _: None,
) -> "tuple[Played, PairReport]":
    """Trade the setting's cycles with a new user; Prefect must be reachable."""
    from blocks.models.offline import build_offline_council
    from commands.stats import load_report
    from flows.replay import Stage, replay_cycles
    from trading.domain.units import VenueName

    config = await add_demo_pair(database, setting)
    stage = Stage(
        database=database,
        markets=dict.fromkeys(VenueName, setting.market),
        models=build_offline_council(),
    )
    replayed = await replay_cycles(
        stage,
        user_id=config.user_id,
        pair=config.pair,
        cycle_times=setting.times,
        on_cycle=on_cycle,
    )
    async with database.tenant(config.user_id) as tenant:
        played = Played(
            planned=len(setting.times),
            records=replayed.records,
            errors=replayed.errors,
            orders=await tenant.paper.list_orders(config.pair, limit=ALL),
            fills=await tenant.paper.list_fills(config.pair, since=config.created_at),
            ended_at=setting.times[-1],
        )
        return played, await load_report(tenant, config)


async def add_demo_pair(database: Database, setting: Setting) -> PairConfig:
    """Create a user and a pair, both starting with the first cycle."""
    now = setting.times[0]
    async with database.operator() as operator:
        user = await operator.users.add_user(DEMO_USER, now=now)
    config = build_pair_config(
        user_id=UserId(user.user_id),
        pair=setting.pair,
        venue=setting.market.venue,
        capital=CAPITAL,
        now=now,
    )
    async with database.tenant(user.user_id) as tenant:
        await changes.add_pair(tenant, config, actor=DEMO_USER, now=now)
    return config


def list_names(records: "tuple[CycleRecord, ...]") -> tuple[str, ...]:
    """Every voter of any cycle, in the order of the first vote."""
    names = (decision.model.name for record in records for decision in record.decisions)
    return tuple(dict.fromkeys(names))


def draw(report: "PairReport", out: Path) -> Path | None:
    """The equity curve in the folder, None when no cycle left anything to draw."""
    from reports.equity_curve import draw_report

    if not report.portfolios:
        return None
    path = out / f"equity-{report.config.pair.slug}.png"
    draw_report(report, path)
    return path
