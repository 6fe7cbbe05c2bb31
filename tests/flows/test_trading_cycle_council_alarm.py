"""Retired models: each seat names the cause, the alarm comes after three cycles, doctor is red."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cli.base.database import DatabaseAccess, publish_access
from cli.base.home import Home
from cli.doctor.findings import Finding, Health
from cli.doctor.service_checks import check_council
from commands.council.health import load_council_health
from reports.texts.catalog import render
from tasks.runtime.container import read_clock
from tests.database import TestDatabase
from tests.doubles.models import serve_models
from tests.flows.council_stage import VENDORS, CouncilStage
from tests.stage import Stage
from trading.council.seat_faults import SeatFault
from trading.cycle import floor_cycle_time
from trading.domain.alerts import AlertKind
from trading.domain.messages import read_message
from trading.domain.units import CYCLE_INTERVAL

pytestmark = pytest.mark.usefixtures("prefect_api")
GONE = "the vendor knows no such model. Name a current model in QUORUM_COUNCIL"


@pytest.fixture
async def seats(stage: Stage) -> AsyncIterator[CouncilStage]:
    async with serve_models() as double:
        yield CouncilStage(stage=stage, double=double)


@pytest.fixture
def home(tmp_path: Path, database_run: TestDatabase) -> Home:
    """The home of a stack that runs on the test run's database."""
    home = Home(root=tmp_path / "home")
    home.prepare()
    urls = database_run.urls
    publish_access(home, DatabaseAccess(app_url=urls.app, operator_url=urls.operator))
    return home


async def examine(home: Home) -> Finding:
    with home.lock():
        home.write_state({"api_url": "http://prefect.invalid/api"})
        return await check_council(home)


def retire(seats: CouncilStage, vendor: str) -> str:
    """Let the vendor serve the seated model no longer; the seat's name."""
    name = next(m.identity.name for m in seats.models if m.identity.vendor == vendor)
    seats.double.vendors[vendor].retire(name.partition(":")[2])
    return name


async def run_cycles(seats: CouncilStage, count: int) -> None:
    for _ in range(count):
        seats.stage.now += CYCLE_INTERVAL
        record = await seats.run_cycle()
        for decision in record.decisions:
            is_served = decision.model.name.partition(":")[2] in (
                seats.double.vendors[decision.model.vendor].models
            )
            assert decision.abstained is not is_served
            assert is_served or SeatFault.GONE in decision.detail  # perhaps late


def list_told(database_run: TestDatabase, *, to_operator: bool) -> list[str]:
    whose = "IS NULL" if to_operator else "IS NOT NULL"
    with database_run.connect() as owner:
        rows = owner.execute(
            f"SELECT text FROM alerts WHERE kind = %s AND user_id {whose} ORDER BY alert_id",
            (AlertKind.MODELS_DOWN,),
        ).fetchall()
    return [render(read_message(text)) for (text,) in rows]


@pytest.fixture(autouse=True)
def now_is_now(stage: Stage) -> None:
    """Doctor reads the cycles of the last hours by the real clock."""
    stage.now = floor_cycle_time(read_clock()) - 8 * CYCLE_INTERVAL


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.timeout(300)  # the first of a session waits for Prefect's server
async def test_with_one_model_retired_the_operator_is_told_after_three_cycles(
    vendor: str, seats: CouncilStage, home: Home, database_run: TestDatabase
) -> None:
    seats.say("hold")
    await run_cycles(seats, 1)
    assert (await examine(home)).health is Health.GOOD
    name = retire(seats, vendor)
    await run_cycles(seats, 2)
    assert list_told(database_run, to_operator=True) == []
    await run_cycles(seats, 2)
    (told,) = list_told(database_run, to_operator=True)
    assert f"{name}: {GONE}" in told
    assert list_told(database_run, to_operator=False) == []  # the others still decide
    finding = await examine(home)
    assert finding.health is Health.BROKEN
    assert f"{name}: {GONE}" in finding.mend


@pytest.mark.timeout(300)
async def test_with_the_models_retired_in_turn_the_quorum_is_lost_and_everybody_is_told(
    seats: CouncilStage, home: Home, database_run: TestDatabase
) -> None:
    seats.say("hold")
    names = [retire(seats, VENDORS[0])]
    await run_cycles(seats, 1)
    names.append(retire(seats, VENDORS[1]))
    await run_cycles(seats, 2)
    assert list_told(database_run, to_operator=False) == []
    await run_cycles(seats, 1)
    (told,) = list_told(database_run, to_operator=False)
    assert "fewer models than the quorum of 2 voted in 3 cycles in a row" in told
    assert all(f"{name}: {GONE}" in told for name in names)
    assert told in list_told(database_run, to_operator=True)
    finding = await examine(home)
    assert (finding.part, finding.health) == ("Council", Health.BROKEN)
    assert finding.detail.startswith("below its quorum in the last 3 cycles; pairs: 1.")
    assert all(f"{name}: {GONE}" in finding.mend for name in names)

    names.append(retire(seats, VENDORS[2]))
    await run_cycles(seats, 1)
    council = await load_council_health(seats.stage.database, quorum=2, now=seats.stage.now)
    assert council.is_broken
    assert len(council.steps) == 3
    assert len(list_told(database_run, to_operator=False)) == 1  # once a streak
