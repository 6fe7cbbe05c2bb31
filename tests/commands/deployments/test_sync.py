"""Pauses made in the Prefect UI: written into the database, told, and ended where they began."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.responses import DeploymentResponse

from blocks.prefect.gateway import Deployments
from db.session import Database
from telegram.bot.background import sync_deployments
from tests.db.reads import list_entries
from tests.doubles.telegram_chats import Person
from tests.owed import list_owed
from tests.telegram.stage import Stage, open_stage
from trading.domain.units import Pair

BTC = Pair("BTC", "USDT")


@pytest.fixture
async def stage(
    database: Database, now: datetime, deployments: Deployments
) -> AsyncIterator[Stage]:
    """The bot on the session's real Prefect server."""
    async with open_stage(database, now=now, gateway=deployments) as stage:
        yield stage
    await deployments.sync([])


async def enter(stage: Stage) -> Person:
    ann = await stage.register(101)
    await ann.ask("/addpair BTC/USDT 1000", seconds=30)
    return ann


async def find(stage: Stage, client: PrefectClient) -> DeploymentResponse:
    user = await stage.load_user(101)
    return await client.read_deployment_by_name(f"trading-cycle/u{user.user_id}-BTC-USDT")


async def pause_in_ui(stage: Stage, client: PrefectClient, *, part: str) -> None:
    found = await find(stage, client)
    if part == "deployment":
        await client.pause_deployment(found.id)
    else:
        await client.update_deployment_schedule(found.id, found.schedules[0].id, active=False)


async def load_states(stage: Stage, client: PrefectClient) -> tuple[bool, bool, bool]:
    """Paused in the database, by the operator, and in Prefect."""
    user = await stage.load_user(101)
    async with stage.database.tenant(user.user_id) as tenant:
        config = await tenant.pairs.load_pair(BTC)
    assert config is not None
    found = await find(stage, client)
    return config.is_paused, config.is_paused_in_prefect, found.paused


@pytest.mark.parametrize("part", ["deployment", "schedule"])
async def test_a_pause_in_the_ui_shows_in_every_text_and_stays(
    stage: Stage, prefect_client: PrefectClient, part: str
) -> None:
    ann = await enter(stage)
    await pause_in_ui(stage, prefect_client, part=part)

    for _ in range(2):
        await sync_deployments(stage.services)

    assert await load_states(stage, prefect_client) == (True, True, True)
    status = (await ann.ask("/status")).text
    assert "paused by the operator in the Prefect UI" in status
    assert "Next cycle: none while the operator's pause lasts" in status
    assert "paused by the operator" in (await ann.ask("/pairs")).text
    (alert,) = await list_owed(stage.database)
    assert str(alert.text).startswith("The operator paused BTC/USDT in the Prefect UI")
    user = await stage.load_user(101)
    async with stage.database.tenant(user.user_id) as tenant:
        entry = (await list_entries(tenant.audit))[0]
    assert (entry.actor, entry.action) == ("prefect-ui", "pause")


@pytest.mark.parametrize("part", ["deployment", "schedule"])
async def test_the_pause_of_the_ui_ends_in_the_ui(
    stage: Stage, prefect_client: PrefectClient, part: str
) -> None:
    await enter(stage)
    await pause_in_ui(stage, prefect_client, part=part)
    await sync_deployments(stage.services)

    await prefect_client.resume_deployment((await find(stage, prefect_client)).id)
    await sync_deployments(stage.services)

    assert await load_states(stage, prefect_client) == (False, False, False)
    told = [str(alert.text) for alert in await list_owed(stage.database)]
    assert any(text.startswith("The operator resumed BTC/USDT") for text in told)


@pytest.mark.parametrize("synced", [True, False])
async def test_the_pause_of_the_ui_ends_by_resume(
    stage: Stage, prefect_client: PrefectClient, synced: bool
) -> None:
    ann = await enter(stage)
    await pause_in_ui(stage, prefect_client, part="deployment")
    if synced:
        await sync_deployments(stage.services)

    await ann.ask("/resume BTC/USDT", seconds=30)
    await sync_deployments(stage.services)

    assert await load_states(stage, prefect_client) == (False, False, False)


async def test_a_resume_that_prefect_missed_is_no_pause_of_the_ui(
    stage: Stage, prefect_client: PrefectClient
) -> None:
    ann = await enter(stage)
    await pause_in_ui(stage, prefect_client, part="deployment")
    await sync_deployments(stage.services)
    user = await stage.load_user(101)
    async with stage.database.tenant(user.user_id) as tenant:
        await tenant.pairs.set_paused(BTC, is_paused=False)  # as /resume while Prefect is away

    await sync_deployments(stage.services)

    assert await load_states(stage, prefect_client) == (False, False, False)
    assert "running" in (await ann.ask("/status")).text


async def test_a_resume_in_the_ui_does_not_end_the_pause_of_a_user(
    stage: Stage, prefect_client: PrefectClient
) -> None:
    ann = await enter(stage)
    await ann.ask("/pause BTC/USDT", seconds=30)

    await prefect_client.resume_deployment((await find(stage, prefect_client)).id)
    await sync_deployments(stage.services)

    assert await load_states(stage, prefect_client) == (True, False, True)


async def test_a_user_s_pause_takes_the_operator_s_over(
    stage: Stage, prefect_client: PrefectClient
) -> None:
    ann = await enter(stage)
    await pause_in_ui(stage, prefect_client, part="deployment")
    await sync_deployments(stage.services)
    await ann.ask("/pause BTC/USDT", seconds=30)

    await prefect_client.resume_deployment((await find(stage, prefect_client)).id)
    await sync_deployments(stage.services)

    assert await load_states(stage, prefect_client) == (True, False, True)


async def test_a_pause_of_another_pair_changes_nothing_here(
    stage: Stage, prefect_client: PrefectClient
) -> None:
    ann = await enter(stage)
    await ann.ask("/addpair ETH/USDT 1000", seconds=30)
    await pause_in_ui(stage, prefect_client, part="deployment")

    await sync_deployments(stage.services)

    user = await stage.load_user(101)
    async with stage.database.tenant(user.user_id) as tenant:
        first, second = await tenant.pairs.list_pairs()
    assert first.is_paused
    assert not second.is_paused
