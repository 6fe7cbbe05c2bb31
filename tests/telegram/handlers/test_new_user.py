"""A new user on the real thing: `quorum up` with the bot, Prefect, PostgreSQL and a worker.

Only Telegram is the double. What the stack leaves on the disk is searched for a key at the end.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolUpdate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound

from blocks.prefect.client import open_client
from blocks.prefect.specs import CYCLE_FLOW, WORK_POOL
from cli.base.home import Home
from cli.base.prefect_settings import build_api_url, ensure_auth_string
from cli.stack.processes import list_stack_processes
from db.server.embedded import EmbeddedPostgres
from tests.cli.stack.stack_process import StackProcess
from tests.doubles.telegram import TOKEN, TelegramDouble
from tests.prefect_server import find_free_port
from trading.domain.units import CYCLE_INTERVAL

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

API_KEY = "canary-key-51f0c7be2d"
API_SECRET = "canary-secret-e2aa91d07c"
REACH_SECONDS = 2.0
"""What a pause or a removal may take until it stands in Prefect."""


@dataclass(frozen=True, slots=True)
class World:
    """A running stack, its Telegram and its Prefect."""

    home: Path
    stack: StackProcess
    telegram: TelegramDouble
    prefect: PrefectClient


@asynccontextmanager
async def open_world(folder: Path) -> AsyncIterator[World]:
    home, port = folder / "home", find_free_port()
    async with TelegramDouble(is_down=True).serve() as telegram:
        environment = {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "QUORUM_TELEGRAM_API_URL": telegram.url,
            "QUORUM_LOOKUP_SECONDS": "20",
            "QUORUM_SIGNUP": "open",
        }
        stack = StackProcess(home, port=port, environment=environment)
        try:
            await asyncio.to_thread(stack.await_line, "First cycle  completed")
            assert telegram.journal, "the bot was started"
            telegram.is_down = False  # the stack came up without Telegram
            await telegram.wait_until(lambda: telegram.polls, seconds=60)
            auth = ensure_auth_string(Home(root=home))
            async with open_client(build_api_url(port), auth_string=auth) as prefect:
                yield World(home, stack, telegram, prefect)
        finally:
            await asyncio.to_thread(stack.kill)
            for process in list_stack_processes(home):
                process.kill()
            EmbeddedPostgres(home / "postgres").stop()


async def find_deployment(world: World, name: str) -> DeploymentResponse | None:
    try:
        return await world.prefect.read_deployment_by_name(f"{CYCLE_FLOW}/{name}")
    except ObjectNotFound:
        return None


async def await_first_run(world: World, deployment: DeploymentResponse) -> None:
    """Until a cycle of the deployment has ended well."""
    async with asyncio.timeout(90):
        while True:
            found = DeploymentFilter(id=DeploymentFilterId(any_=[deployment.id]))
            runs = await world.prefect.read_flow_runs(deployment_filter=found)
            if any(run.state is not None and run.state.is_completed() for run in runs):
                return
            await asyncio.sleep(0.3)


def search(folder: Path, needle: str) -> list[str]:
    """Files under a folder that hold the text, whatever they are."""
    wanted = needle.encode()
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [str(path.relative_to(folder)) for path in files if wanted in path.read_bytes()]


async def test_from_start_to_the_first_receipt_and_away_again(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        ann = world.telegram.add_person(101, "Ann")
        await ann.ask("/start", seconds=30)
        added = await ann.ask("/addpair ETH/USDT 1000", seconds=40)
        assert "Added ETH/USDT" in added.text
        deployment = await find_deployment(world, "u2-ETH-USDT")
        assert deployment is not None
        intervals = [getattr(one.schedule, "interval", None) for one in deployment.schedules]
        assert intervals == [CYCLE_INTERVAL]
        await await_first_run(world, deployment)
        receipt = await ann.ask("/why ETH/USDT", seconds=30)
        assert ann.written == 3, "to the first receipt in at most 4 messages"
        assert "ETH/USDT" in receipt.text
        assert "SAMPLE" in receipt.text

        await _reaches_prefect(world)
        await _leaves_no_key(world)
        world.stack.interrupt()
    assert search(world.home, API_KEY) == []
    assert search(world.home, API_SECRET) == []
    assert TOKEN not in world.stack.output
    assert search(world.home / "logs", TOKEN) == []


async def _reaches_prefect(world: World) -> None:
    """A pause and a removal stand in Prefect in time."""
    ann = world.telegram.people[101]
    begin = time.monotonic()
    await ann.ask("/pause ETH/USDT", seconds=30)
    paused = await find_deployment(world, "u2-ETH-USDT")
    assert paused is not None
    assert paused.paused
    assert time.monotonic() - begin < REACH_SECONDS
    begin = time.monotonic()
    assert "Removed" in (await ann.ask("/removepair ETH/USDT", seconds=30)).text
    assert await find_deployment(world, "u2-ETH-USDT") is None
    assert time.monotonic() - begin < REACH_SECONDS


async def _leaves_no_key(world: World) -> None:
    """Connect while the worker rests: no venue is asked, and the run stays in Prefect's books."""
    await world.prefect.update_work_pool(WORK_POOL, WorkPoolUpdate(is_paused=True))
    ann = world.telegram.people[101]
    await ann.ask("/connect binance", seconds=30)
    await ann.ask(API_KEY, seconds=30)
    sealed = await ann.ask(API_SECRET, seconds=60)
    assert "sealed" in sealed.text
    standing = [message.text for message in world.telegram.list_messages(101)]
    assert not [text for text in standing if API_KEY in text or API_SECRET in text]
