"""Ten users on one pair at one cycle time: one look at the market, one set of votes."""

import asyncio
import sys
import uuid
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

from flows.trading_cycle import trading_cycle
from tests.database import MakeUser, TestDatabase
from tests.db.reads import load_committed
from tests.doubles.council import USAGE, council
from tests.doubles.counting_market import CountingMarket
from tests.prefect_server import PrefectServer
from tests.stage import PAIR, Stage
from trading.council.decisions import Action
from trading.cycle import CycleOutcome, CycleRecord
from trading.domain.errors import TransientError
from trading.domain.units import UserId

ONE_LOOK = {
    "instrument": 1,
    "ticker": 1,
    "order book": 1,
    "funding rate": 1,
    "open interest": 1,
    "candles 5m": 1,
    "candles 15m": 1,
    "candles 1h": 1,
    "candles 4h": 1,
}


async def gather_users(stage: Stage, make_user: MakeUser, *, count: int) -> list[UserId]:
    users = [stage.user_id]
    for number in range(1, count):
        user_id = await make_user(f"user{number}")
        await stage.add_pair(user_id)
        users.append(user_id)
    return users


async def run_all(stage: Stage, users: list[UserId]) -> list[CycleRecord]:
    with stage.in_use():
        await asyncio.gather(*(trading_cycle(user, str(PAIR), stage.now) for user in users))
    records = []
    for user in users:
        async with stage.database.tenant(user) as tenant:
            record = await tenant.cycles.load_cycle(PAIR)
        assert record is not None
        records.append(record)
    return records


@pytest.mark.usefixtures("prefect_api")
async def test_ten_users_cost_one_look_and_one_set_of_votes(
    stage: Stage, make_user: MakeUser
) -> None:
    stage.market = market = CountingMarket()
    stage.models = council(Action.HOLD, Action.HOLD, Action.HOLD)
    users = await gather_users(stage, make_user, count=10)
    records = await run_all(stage, users)
    assert dict(market.calls) == ONE_LOOK
    assert [len(model.prompts) for model in stage.models] == [1, 1, 1]
    assert {record.outcome for record in records} == {CycleOutcome.HELD}, records
    assert len({record.decisions[0].prompt_hash for record in records}) == 1


@pytest.mark.usefixtures("prefect_api")
async def test_a_shared_answer_is_paid_for_once_and_split(
    stage: Stage, make_user: MakeUser
) -> None:
    stage.models = council(Action.HOLD, Action.HOLD)
    users = await gather_users(stage, make_user, count=4)
    await run_all(stage, users)
    assert [len(model.prompts) for model in stage.models] == [1, 1]
    day = stage.now.date()
    for user in users:
        async with stage.database.tenant(user) as tenant:
            assert await tenant.spend.load_spent(day) == 2 * USAGE.cost_usd / 4
    async with stage.database.operator() as operator:
        assert await operator.spend.load_spent(day) == 2 * USAGE.cost_usd
        assert await load_committed(operator.spend, day) == 2 * USAGE.cost_usd


@pytest.mark.usefixtures("prefect_api")
async def test_ten_users_who_all_enter_ask_the_paper_venue_s_market_once(
    stage: Stage, make_user: MakeUser
) -> None:
    stage.market = market = CountingMarket()
    stage.models = council(Action.OPEN_LONG, Action.OPEN_LONG)
    users = await gather_users(stage, make_user, count=4)
    records = await run_all(stage, users)
    assert {record.outcome for record in records} == {CycleOutcome.ENTERED}
    assert market.calls["candles 4h"] == 1
    assert [len(model.prompts) for model in stage.models] == [1, 1]


@pytest.mark.usefixtures("prefect_api")
async def test_a_venue_that_is_down_is_asked_once_for_everybody(
    stage: Stage, make_user: MakeUser
) -> None:
    stage.market = market = CountingMarket(fail_with=TransientError("The venue is down."))
    users = await gather_users(stage, make_user, count=3)
    records = await run_all(stage, users)
    assert {record.outcome for record in records} == {CycleOutcome.SKIPPED}
    assert market.calls["ticker"] <= stage.settings.read_attempts
    async with stage.database.operator() as operator:
        assert await operator.alerts.count_backlog() == 1


@pytest.mark.usefixtures("prefect_api")
async def test_another_market_shares_nothing(stage: Stage, make_user: MakeUser) -> None:
    stage.market = market = CountingMarket()
    users = await gather_users(stage, make_user, count=2)
    await run_all(stage, users[:1])
    stage.namespace = uuid.uuid4().hex
    await run_all(stage, users[1:])
    assert market.calls["ticker"] == 2


@pytest.mark.usefixtures("prefect_api")
async def test_what_was_shared_shows_as_cached(stage: Stage, make_user: MakeUser) -> None:
    users = await gather_users(stage, make_user, count=2)
    with stage.in_use():
        states = [
            await trading_cycle(user, str(PAIR), stage.now, return_state=True) for user in users
        ]
    first, second = [
        await read_states(UUID(str(state.state_details.flow_run_id))) for state in states
    ]
    assert set(first.values()) == {"Completed"}
    assert {name for name, state in second.items() if state == "Cached"} == {
        "collect_market",
        "collect_news",
    }
    # What follows from a look comes with it: only who took it has checked and computed.
    assert set(first) - set(second) == {"validate_market", "compute_indicators"}


async def read_states(flow_run_id: UUID) -> dict[str, str | None]:
    """The states of the run's task runs by task, once Prefect has recorded its last one."""
    wanted = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id]))
    async with asyncio.timeout(30), get_client() as client:
        while True:
            runs = await client.read_task_runs(flow_run_filter=wanted, limit=200)
            if any(run.name.startswith("close_cycle") and run.end_time for run in runs):
                return {run.name.rpartition("-")[0]: run.state_name for run in runs}
            await asyncio.sleep(0.05)


@pytest.mark.slow
async def test_two_processes_share_one_look_and_one_set_of_votes(
    stage: Stage,
    make_user: MakeUser,
    database_run: TestDatabase,
    prefect_server: PrefectServer,
    tmp_path: Path,
) -> None:
    users = await gather_users(stage, make_user, count=6)
    environment = {
        **prefect_server.environment,
        "QUORUM_HOME": str(tmp_path / "home"),
        "QUORUM_DATABASE_APP_URL": database_run.urls.app,
        "QUORUM_DATABASE_OPERATOR_URL": database_run.urls.operator,
    }
    namespace = uuid.uuid4().hex
    codes = await asyncio.gather(
        *(
            run_worker(tmp_path, namespace, users=half, environment=environment)
            for half in (users[:3], users[3:])
        )
    )
    assert codes == [0, 0]
    reads = Counter((tmp_path / "reads").read_text().split("\n"))
    votes = Counter((tmp_path / "votes").read_text().split())
    assert reads["ticker"] == 1
    assert reads["candles 4h"] == 1
    assert votes == {"model-0": 1, "model-1": 1, "model-2": 1}


async def run_worker(
    folder: Path, namespace: str, *, users: list[UserId], environment: dict[str, str]
) -> int:
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.flows.sharing_worker", str(folder), namespace),
        *(str(user) for user in users),
        env=environment,
        cwd=Path(__file__).parents[2],
    )
    return await worker.wait()
