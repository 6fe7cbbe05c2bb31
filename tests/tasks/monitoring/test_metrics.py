"""Metrics: the gauges say what the books say, the dashboard asks only for what there is."""

import json
import re
from datetime import datetime
from pathlib import Path

from prometheus_client import generate_latest

from commands.switches import apply_switch
from flows.metrics_server import refresh
from tasks.monitoring.metrics import Meters
from tests.order_path import take
from tests.stage import Stage
from trading.council.decisions import Action
from trading.domain.errors import TransientError
from trading.domain.switches import SwitchChange
from trading.domain.units import TradingState

DASHBOARD = Path(__file__).resolve().parents[3] / "docs" / "grafana.json"


def read(meters: Meters, name: str, **labels: str) -> float | None:
    return meters.registry.get_sample_value(f"quorum_{name}", labels)


async def count(_heard_since: datetime) -> int:
    return 2


async def test_the_gauges_show_what_there_is(stage: Stage) -> None:
    await take(stage, Action.OPEN_LONG)
    turn = SwitchChange(scope=None, state=TradingState.HALTED, reason="tested", actor="test")
    async with stage.database.operator() as operator:
        await apply_switch(operator, turn, now=stage.now)
    meters = Meters()

    assert await refresh(stage.connect(), meters, count=count)

    assert read(meters, "up") == 1
    assert read(meters, "active_users") == 1
    assert read(meters, "pairs", state="running") == 1
    assert read(meters, "open_positions") == 1
    assert read(meters, "halted") == 1
    assert read(meters, "workers") == 2
    assert (read(meters, "alert_backlog") or 0) >= 2
    assert (read(meters, "database_bytes") or 0) > 1_000_000
    assert read(meters, "cycles_last_hour", outcome="entered") == 0


async def test_a_lost_database_shows_as_old_figures(stage: Stage) -> None:
    class Lost:
        def operator(self) -> None:
            raise TransientError("The database does not answer.")

    meters = Meters()
    await refresh(stage.connect(), meters, count=count)
    stage.database = Lost()  # type: ignore[assignment]  # all that a lost database can do

    assert not await refresh(stage.connect(), meters, count=count)

    assert (read(meters, "up"), read(meters, "active_users")) == (0, 1)


def test_the_dashboard_asks_only_for_metrics_that_there_are() -> None:
    names = set(re.findall(r"# TYPE (quorum_\w+)", generate_latest(Meters().registry).decode()))
    panels = json.loads(DASHBOARD.read_text())["panels"]
    asked = {
        name
        for panel in panels
        for target in panel["targets"]
        for name in re.findall(r"quorum_\w+", target["expr"])
    }
    assert asked
    assert asked - names == set()
