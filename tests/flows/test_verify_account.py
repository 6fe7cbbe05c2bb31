"""Verifying a key, and where its secret is to be found afterwards: nowhere."""

import logging
from pathlib import Path
from typing import cast

import pytest
from prefect.client.schemas.objects import State

from db.encryption.envelope import load_master_keys
from db.engine.settings import DatabaseSettings
from flows.verify_account import verify_account
from reports.texts.catalog import render
from tasks.runtime.container import Services, use_services
from tasks.runtime.live_accounts import DEMO_URLS, LiveAccounts
from tests.blocks.venues.venue_cases import World
from tests.database import TestDatabase
from tests.flows.canaries import CANARY, CANARY_KEY, connect, find, list_places, world
from tests.prefect_server import PrefectServer
from tests.stage import Stage
from trading.domain.orders import Leg, Outcome
from trading.domain.units import VenueName
from trading.security.credentials import Credentials, Environment

__all__ = ["world"]

RIGHTS = ("/sapi/v1/account/apiRestrictions", "/v5/user/query-api")


@pytest.fixture
def server_and_owner(
    prefect_api: PrefectServer, database_run: TestDatabase
) -> tuple[PrefectServer, TestDatabase]:
    """Where a secret might have been left: the server that the flows report to, every table."""
    return prefect_api, database_run


@pytest.fixture
def left(prefect_api: PrefectServer, tmp_path: Path) -> tuple[PrefectServer, Path]:
    return prefect_api, tmp_path


async def verify(services: Services, stage: Stage, venue: VenueName) -> State[None]:
    with use_services(services):
        state = await verify_account(int(stage.user_id), str(venue), return_state=True)
        return cast("State[None]", state)


async def test_a_key_that_may_only_trade_is_marked_as_verified(
    stage: Stage, world: World, tmp_path: Path, prefect_api: PrefectServer
) -> None:
    services = await connect(stage, world, tmp_path)

    state = await verify(services, stage, world.name)

    async with stage.database.tenant(stage.user_id) as tenant:
        (account,) = await tenant.accounts.list_accounts()
    assert state.is_completed(), state.message
    assert account.verified_at is not None


@pytest.mark.parametrize("is_wanted", [True, False])
async def test_a_key_that_may_move_profit_is_taken_from_who_wants_that_only(
    stage: Stage,
    world: World,
    left: tuple[PrefectServer, Path],
    *,
    is_wanted: bool,
) -> None:
    services = await connect(stage, world, left[1])
    world.server.engine.accounts[CANARY_KEY].extra_rights = (
        {"permitsUniversalTransfer": True}
        if world.name is VenueName.BINANCE
        else {"Wallet": ["AccountTransfer"]}
    )
    async with stage.database.tenant(stage.user_id) as tenant:
        keys = load_master_keys(services.live.settings.secrets)
        await tenant.accounts.set_moves_profit(world.name, moves_profit=is_wanted, keys=keys)

    state = await verify(services, stage, world.name)

    assert state.is_completed() == is_wanted
    assert ("move profit" if is_wanted else "untick") in str(state.message)


async def test_a_key_that_may_withdraw_is_refused_in_a_sentence(
    stage: Stage, world: World, tmp_path: Path, prefect_api: PrefectServer
) -> None:
    services = await connect(stage, world, tmp_path)
    world.server.engine.accounts[CANARY_KEY].is_withdrawal_allowed = True

    state = await verify(services, stage, world.name)

    async with stage.database.tenant(stage.user_id) as tenant:
        (account,) = await tenant.accounts.list_accounts()
    assert state.is_failed()
    assert "untick" in str(state.message)
    assert account.verified_at is None


async def test_the_secret_is_found_nowhere(
    stage: Stage,
    world: World,
    tmp_path: Path,
    server_and_owner: tuple[PrefectServer, TestDatabase],
    caplog: pytest.LogCaptureFixture,
) -> None:
    prefect_api, database_run = server_and_owner
    caplog.set_level(logging.DEBUG)
    states = []
    for secret in (CANARY, f"{CANARY}-wrong"):
        services = await connect(stage, world, tmp_path, secret=secret)
        states.append(await verify(services, stage, world.name))

    assert [state.is_completed() for state in states] == [True, False]
    places = list_places(
        database_run,
        prefect_api,
        folders=(tmp_path,),
        texts=(caplog.text, *(str(state) for state in states)),
    )
    assert len(places) > 20
    assert "prefect's flow" in {place for _, place in find(places, "verify-account")}
    assert not find(places, CANARY, CANARY_KEY)


async def test_a_key_s_rights_are_asked_before_the_first_entry_and_once_a_day(
    stage: Stage, world: World, tmp_path: Path
) -> None:
    services = await connect(stage, world, tmp_path)
    account = await services.live.connect(
        services.database, user_id=stage.user_id, venue=world.name, clock=world.clock
    )
    world.server.requests.clear()

    outcomes = []
    for attempt, hours in enumerate((0, 0, 25)):
        world.clock.advance(hours * 3600)
        placement = await account.place_order(world.intend(attempt=attempt))
        outcomes.append(placement.outcome)
    asked = [line for line in world.server.requests if line.endswith(RIGHTS)]
    world.server.engine.accounts[CANARY_KEY].is_withdrawal_allowed = True
    world.clock.advance(25 * 3600)
    refused = await account.place_order(world.intend(attempt=3))
    reduced = await account.place_order(world.intend(Leg.EXIT))
    await account.close()
    await services.live.close()

    assert outcomes == [Outcome.ACCEPTED] * 3
    assert len(asked) == 2
    assert refused.outcome is Outcome.REJECTED
    assert "untick" in render(refused.reason)
    assert reduced.outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("venue", [VenueName.BINANCE, VenueName.BYBIT])
async def test_a_demo_key_opens_an_account_at_the_demo(
    stage: Stage, tmp_path: Path, venue: VenueName
) -> None:
    settings = DatabaseSettings(home=tmp_path)
    keys = load_master_keys(settings.secrets)
    demo = Credentials(api_key="k" * 20, api_secret="s" * 20, environment=Environment.DEMO)
    async with stage.database.tenant(stage.user_id) as tenant:
        await tenant.accounts.save_credentials(venue, credentials=demo, keys=keys, now=stage.now)
        (shown,) = await tenant.accounts.list_accounts()

    async with LiveAccounts(settings=settings).open(
        stage.database, user_id=stage.user_id, venue=venue, clock=lambda: stage.now
    ) as account:
        hosts = {str(url) for url in account._client._exchange.urls["api"].values()}

    assert shown.environment is Environment.DEMO
    assert any(host.startswith(DEMO_URLS[venue]) for host in hosts)
