"""The gateway against a real Prefect server: what it writes, keeps, changes and takes away.

Users have ids of their own in each test, because the server is one for the whole session; `sync`
gets every config that stands, and the test puts the others aside first.
"""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import DeploymentResponse
from prefect.states import Completed, Pending, Running

from blocks.prefect.drift import SyncReport, UiSwitch
from blocks.prefect.gateway import Deployments, open_deployments
from blocks.prefect.specs import CYCLE_FLOW, PAUSED_TAG, DeploymentSpec, Schedule, find_shard
from tests.pair_configs import make_config
from tests.prefect_server import PrefectServer, find_free_port
from trading.domain.accounts import PairConfig
from trading.domain.errors import BadInput, PermanentError, TransientError
from trading.domain.units import Pair, UserId

BTC = Pair("BTC", "USDT")
ETH = Pair("ETH", "USDT")


@pytest.fixture
async def clean(deployments: Deployments) -> AsyncIterator[Deployments]:
    """A gateway to a server without pairs."""
    await deployments.sync([])
    yield deployments
    await deployments.sync([])


class RememberedBooks:
    """Pairs as the database has them, and the switches of the UI that were handed over."""

    def __init__(self, *configs: PairConfig) -> None:
        self.configs = configs
        self.adopted: list[UiSwitch] = []

    async def load_pairs(self) -> tuple[PairConfig, ...]:
        return self.configs

    async def adopt_switches(self, switches: Iterable[UiSwitch]) -> None:
        self.adopted += switches


async def list_runs(client: PrefectClient, deployment_id: UUID) -> list[FlowRun]:
    return await client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id]))
    )


async def await_true(check: Callable[[], Awaitable[bool]], *, seconds: float) -> float:
    """Ask until the answer is yes; how long that took. Fails after `seconds`."""
    begin = time.monotonic()
    while not await check():
        assert time.monotonic() - begin < seconds, f"not within {seconds} s"
        await asyncio.sleep(0.1)
    return time.monotonic() - begin


async def test_pair_becomes_one_deployment_with_the_whole_spec(
    clean: Deployments, prefect_client: PrefectClient
) -> None:
    deployment_id = await clean.ensure_pair(make_config(7))

    found = await prefect_client.read_deployment(deployment_id)
    assert found.name == "u7-BTC-USDT"
    assert found.entrypoint == "flows.trading_cycle.trading_cycle"
    assert found.parameters == {"user_id": 7, "pair": "BTC/USDT"}
    assert found.tags == ["trading", "user:7", "pair:BTC/USDT"]
    assert (found.work_pool_name, found.work_queue_name) == ("quorum", "shard-0")
    assert found.pull_steps == []
    assert not found.paused
    _assert_runs_once_every_half_hour(found)


def _assert_runs_once_every_half_hour(found: DeploymentResponse) -> None:
    assert found.global_concurrency_limit is not None
    assert found.global_concurrency_limit.limit == 1
    assert found.concurrency_options is not None
    assert found.concurrency_options.model_dump(mode="json") == {
        "collision_strategy": "CANCEL_NEW",
        "grace_period_seconds": 120,
    }
    (schedule,) = found.schedules
    assert schedule.active
    assert schedule.schedule.model_dump()["interval"] == timedelta(minutes=30)


async def test_scheduled_run_appears_within_ten_seconds(
    clean: Deployments, prefect_client: PrefectClient
) -> None:
    """Prefect 3.8.8 on SQLAlchemy 2.1 looks healthy and schedules nothing, ever."""
    deployment_id = await clean.ensure_pair(make_config(7))

    async def is_scheduled() -> bool:
        return bool(await list_runs(prefect_client, deployment_id))

    await await_true(is_scheduled, seconds=10)
    run = min(await list_runs(prefect_client, deployment_id), key=lambda run: str(run.name))
    assert run.state is not None
    assert run.state.is_scheduled()
    assert run.parameters == {"user_id": 7, "pair": "BTC/USDT"}


async def test_second_upsert_keeps_id_and_spec(
    clean: Deployments, prefect_client: PrefectClient
) -> None:
    first = await clean.ensure_pair(make_config(7))
    before = await prefect_client.read_deployment(first)

    second = await clean.ensure_pair(make_config(7))

    after = await prefect_client.read_deployment(second)
    assert after.model_dump(exclude={"status", "last_polled"}) == before.model_dump(
        exclude={"status", "last_polled"}
    )


async def test_forced_rewrite_wipes_nothing(
    clean: Deployments, prefect_client: PrefectClient
) -> None:
    first = await clean.ensure_pair(make_config(7))

    second = await clean.ensure_pair(make_config(7), paused=True)

    assert second == first
    found = await prefect_client.read_deployment(first)
    assert found.paused
    assert found.parameters == {"user_id": 7, "pair": "BTC/USDT"}
    _assert_runs_once_every_half_hour(found)


async def test_pause_takes_scheduled_runs_away_and_resume_brings_them_back(
    clean: Deployments, prefect_client: PrefectClient
) -> None:
    deployment_id = await clean.ensure_pair(make_config(7))

    async def is_scheduled() -> bool:
        return bool(await list_runs(prefect_client, deployment_id))

    await await_true(is_scheduled, seconds=10)
    assert await clean.pause_pair(UserId(7), BTC)
    assert not await is_scheduled()
    assert (await prefect_client.read_deployment(deployment_id)).paused

    assert await clean.resume_pair(UserId(7), BTC)
    await await_true(is_scheduled, seconds=10)


async def test_removed_pair_leaves_no_deployment_and_no_run(
    clean: Deployments, prefect_client: PrefectClient
) -> None:
    deployment_id = await clean.ensure_pair(make_config(7))

    assert await clean.remove_pair(UserId(7), BTC)

    assert await list_runs(prefect_client, deployment_id) == []
    assert not await clean.remove_pair(UserId(7), BTC)
    assert not await clean.pause_pair(UserId(7), BTC)
    assert not await clean.resume_pair(UserId(7), BTC)


async def test_pair_removed_in_mid_cycle_lets_the_run_report_its_end(
    clean: Deployments, prefect_client: PrefectClient
) -> None:
    await clean.ensure_pair(make_config(7))
    run_id = await clean.run_pair_now(UserId(7), BTC)
    await prefect_client.set_flow_run_state(run_id, Pending())
    await prefect_client.set_flow_run_state(run_id, Running())

    assert await clean.remove_pair(UserId(7), BTC)

    left = await prefect_client.read_deployment_by_name(f"{CYCLE_FLOW}/u7-BTC-USDT")
    assert left.paused
    assert [run.id for run in await list_runs(prefect_client, left.id)] == [run_id]
    await prefect_client.set_flow_run_state(run_id, Completed())
    assert (await clean.sync([])).removed == ("u7-BTC-USDT",)
    assert await clean.sync([]) == SyncReport()


async def test_sync_repairs_every_kind_of_drift(
    clean: Deployments, prefect_client: PrefectClient
) -> None:
    configs = [make_config(1), make_config(2), make_config(3, ETH), make_config(4)]
    assert (await clean.sync(configs)).created == (
        "u1-BTC-USDT",
        "u2-BTC-USDT",
        "u3-ETH-USDT",
        "u4-BTC-USDT",
    )
    await clean.ensure_pair(make_config(9))
    await clean.remove_pair(UserId(2), BTC)
    await clean.pause_pair(UserId(3), ETH)
    rescheduled = await prefect_client.read_deployment_by_name(f"{CYCLE_FLOW}/u4-BTC-USDT")
    await prefect_client.delete_deployment_schedule(rescheduled.id, rescheduled.schedules[0].id)

    report = await clean.sync(configs)

    assert report == SyncReport(
        created=("u2-BTC-USDT",),
        updated=("u3-ETH-USDT", "u4-BTC-USDT"),
        removed=("u9-BTC-USDT",),
        unchanged=1,
    )
    assert await clean.sync(configs) == SyncReport(unchanged=4)


async def test_sync_moves_pairs_to_their_queue_when_the_number_of_shards_changes(
    clean: Deployments, prefect_client: PrefectClient
) -> None:
    configs = [make_config(user) for user in range(1, 5)]
    await clean.sync(configs)
    sharded = Deployments(prefect_client, shards=3)
    wanted = {config.user_id: find_shard(config.user_id, BTC, shards=3) for config in configs}

    report = await sharded.sync(configs)

    assert len(report.updated) == sum(queue != "shard-0" for queue in wanted.values()) > 0
    for user_id, queue in wanted.items():
        found = await prefect_client.read_deployment_by_name(f"{CYCLE_FLOW}/u{user_id}-BTC-USDT")
        assert found.work_queue_name == queue
    assert (await sharded.sync(configs)).unchanged == len(configs)
    assert (await clean.sync(configs)).updated == report.updated


async def test_sync_leaves_other_deployments_alone(
    clean: Deployments, prefect_client: PrefectClient
) -> None:
    spec = DeploymentSpec(
        flow="watchdog",
        name="watchdog",
        entrypoint="flows.watchdog.watchdog",
        queue="system",
        schedule=Schedule(
            interval=timedelta(minutes=5),
            anchor=datetime(2026, 1, 1, tzinfo=UTC),
            slug="watchdog",
        ),
    )
    deployment_id = await clean.ensure(spec)

    assert await clean.sync([]) == SyncReport()

    assert (await prefect_client.read_deployment(deployment_id)).name == "watchdog"


async def test_run_now_goes_into_the_interactive_queue(
    clean: Deployments, prefect_client: PrefectClient
) -> None:
    await clean.ensure_pair(make_config(7, is_paused=True))

    run_id = await clean.run_pair_now(UserId(7), BTC)

    run = await prefect_client.read_flow_run(run_id)
    assert run.work_queue_name == "interactive"
    assert run.parameters == {"user_id": 7, "pair": "BTC/USDT"}


async def test_run_now_says_no_while_a_run_goes_on(
    clean: Deployments, prefect_client: PrefectClient
) -> None:
    await clean.ensure_pair(make_config(7, is_paused=True))
    run_id = await clean.run_pair_now(UserId(7), BTC)
    await prefect_client.set_flow_run_state(run_id, Pending())
    await prefect_client.set_flow_run_state(run_id, Running())

    with pytest.raises(BadInput, match="running already"):
        await clean.run_pair_now(UserId(7), BTC)
    await prefect_client.set_flow_run_state(run_id, Completed())


async def test_pair_that_came_while_prefect_was_read_is_not_deleted(clean: Deployments) -> None:
    before, came = make_config(7), make_config(8)
    await clean.sync([before, came])

    books = RememberedBooks(before, came)
    assert await clean.sync([before], books=books) == SyncReport(unchanged=1)
    assert await clean.compare([before, came]) == SyncReport(unchanged=2)


@pytest.mark.parametrize("part", ["deployment", "schedule"])
async def test_a_pause_in_the_ui_is_handed_to_the_database_once(
    clean: Deployments, prefect_client: PrefectClient, part: str
) -> None:
    running, paused = make_config(7), make_config(7, is_paused=True, is_paused_in_prefect=True)
    books = RememberedBooks(paused)
    found = await prefect_client.read_deployment(await clean.ensure_pair(running))
    if part == "deployment":
        await prefect_client.pause_deployment(found.id)
    else:
        schedule_id = found.schedules[0].id
        await prefect_client.update_deployment_schedule(found.id, schedule_id, active=False)

    for _ in range(2):
        await clean.sync([running], books=books)
        running = paused

    assert books.adopted == [UiSwitch(user_id=UserId(7), pair=BTC, is_paused=True)]
    left = await prefect_client.read_deployment(found.id)
    assert left.paused
    assert PAUSED_TAG in left.tags


async def test_a_resume_in_the_ui_is_handed_to_the_database(
    clean: Deployments, prefect_client: PrefectClient
) -> None:
    books = RememberedBooks(make_config(7))
    deployment_id = await clean.ensure_pair(make_config(7, is_paused=True))
    await prefect_client.resume_deployment(deployment_id)

    await clean.sync([make_config(7, is_paused=True)], books=books)

    assert books.adopted == [UiSwitch(user_id=UserId(7), pair=BTC, is_paused=False)]
    left = await prefect_client.read_deployment(deployment_id)
    assert not left.paused
    assert PAUSED_TAG not in left.tags


async def test_our_own_pauses_are_no_switches_of_the_ui(clean: Deployments) -> None:
    books = RememberedBooks(make_config(7))
    await clean.ensure_pair(make_config(7))
    await clean.pause_pair(UserId(7), BTC)
    await clean.sync([make_config(7)], books=books)
    await clean.pause_pair(UserId(7), BTC)
    await clean.resume_pair(UserId(7), BTC)

    assert await clean.sync([make_config(7)], books=books) == SyncReport(unchanged=1)

    assert books.adopted == []


class RefusesUser8(httpx.AsyncHTTPTransport):
    """The way to a server that takes every deployment but one user's."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/deployments/") and b'"u8-' in await request.aread():
            return httpx.Response(422, request=request)
        return await super().handle_async_request(request)


async def test_one_that_is_refused_does_not_keep_the_others_from_being_made(
    clean: Deployments, prefect_server: PrefectServer
) -> None:
    configs = [make_config(user) for user in (7, 8, 9, 10, 11, 12)]
    async with PrefectClient(
        prefect_server.api_url,
        auth_string=prefect_server.auth_string,
        httpx_settings={"transport": RefusesUser8()},
    ) as client:
        with pytest.raises(PermanentError, match="422"):
            await Deployments(client).sync(configs)

    assert (await clean.compare(configs)).created == ("u8-BTC-USDT",)


async def test_run_now_of_what_is_not_deployed_is_bad_input(clean: Deployments) -> None:
    with pytest.raises(BadInput, match="not deployed"):
        await clean.run_pair_now(UserId(7), BTC)


async def test_parameters_that_the_flow_does_not_take_are_refused(
    clean: Deployments, prefect_client: PrefectClient
) -> None:
    await clean.ensure_pair(make_config(7, is_paused=True))

    with pytest.raises(PermanentError, match="409"):
        await clean.run_now(f"{CYCLE_FLOW}/u7-BTC-USDT", parameters={"user_id": "seven"})


async def test_silent_api_is_a_transient_failure() -> None:
    with pytest.raises(TransientError, match="does not answer"):
        async with open_deployments(f"http://127.0.0.1:{find_free_port()}/api") as gateway:
            await gateway.pause_pair(UserId(7), BTC)


async def test_an_api_that_takes_the_question_and_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with PrefectClient("http://{}:{}/api".format(*silent.getsockname())) as client:
            gateway = Deployments(client, answer_seconds=0.2)
            with pytest.raises(TransientError, match="what you set is stored"):
                await gateway.pause_pair(UserId(7), BTC)


async def test_wrong_password_is_refused_in_a_sentence_without_it(
    prefect_server: PrefectServer,
) -> None:
    with pytest.raises(PermanentError, match="refuses our password") as caught:
        async with open_deployments(prefect_server.api_url, auth_string="quorum:guess") as gateway:
            await gateway.pause_pair(UserId(7), BTC)

    assert "guess" not in str(caught.value)
