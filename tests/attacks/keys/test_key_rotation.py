"""Attack: keys are sealed while the master key is replaced, and a sealed record is damaged."""

import asyncio
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from commands.caller import Caller, Services
from commands.people.keys import connect, finish_rotation, rotate_master_key
from commands.settings import CommandSettings
from db.encryption.envelope import (
    MasterKeys,
    add_master_key,
    compute_key_id,
    forget_older_keys,
    load_master_keys,
)
from db.session import Database
from tests.database import MakeUser, TestDatabase
from tests.db.values import CREDENTIALS
from trading.domain.units import UserId, VenueName

VENUE = VenueName.BINANCE


@pytest.fixture
async def user_id(make_user: MakeUser) -> UserId:
    return await make_user()


async def connect_user(database: Database, user_id: UserId, secrets: Path, now: datetime) -> None:
    """Connect as a bot does that was started before the rotation."""
    services = Services(database=database, deployments=None, settings=CommandSettings())
    async with database.operator() as operator:
        user = await operator.users.load_user(user_id)
    assert user is not None
    caller = Caller(services=services, user=user, now=now)
    load_keys = partial(load_master_keys, secrets)
    await connect(caller, VENUE, credentials=CREDENTIALS, load_keys=load_keys)


async def rotate(database: Database, keys: MasterKeys, secrets: Path) -> None:
    await rotate_master_key(database, keys=keys)
    await finish_rotation(
        database, keys=keys, forget=lambda needed: forget_older_keys(secrets, needed=needed)
    )


async def opens(database: Database, user_id: UserId, secrets: Path) -> bool:
    async with database.tenant(user_id) as tenant:
        found = await tenant.accounts.load_credentials(VENUE, keys=load_master_keys(secrets))
    return found == CREDENTIALS


async def test_a_key_connected_after_the_rotation_opens(
    database: Database, user_id: UserId, now: datetime, tmp_path: Path
) -> None:
    await connect_user(database, user_id, tmp_path, now)
    await rotate(database, add_master_key(tmp_path), tmp_path)

    await connect_user(database, user_id, tmp_path, now)

    assert not load_master_keys(tmp_path).older
    assert await opens(database, user_id, tmp_path)


async def test_no_key_is_forgotten_while_a_record_is_being_sealed(
    database: Database, user_id: UserId, now: datetime, tmp_path: Path
) -> None:
    async with database.tenant(user_id) as tenant:
        await tenant.lock_sealing()
        before = load_master_keys(tmp_path)
        keys = add_master_key(tmp_path)
        rotation = asyncio.ensure_future(rotate(database, keys, tmp_path))
        await tenant.accounts.save_credentials(
            VENUE, credentials=CREDENTIALS, keys=before, now=now
        )
        await asyncio.wait([rotation], timeout=0.5)
        assert not rotation.done()
    await rotation

    assert not load_master_keys(tmp_path).older
    assert await opens(database, user_id, tmp_path)


@pytest.mark.parametrize("cell", [b"\x00", b"\x01" + b"\x00" * 120])
async def test_a_damaged_record_is_listed_and_blocks_no_rotation(
    database: Database,
    database_run: TestDatabase,
    make_user: MakeUser,
    now: datetime,
    tmp_path: Path,
    *,
    cell: bytes,
) -> None:
    ann, bob = await make_user("ann"), await make_user("bob")
    for user in (ann, bob):
        await connect_user(database, user, tmp_path, now)
    old = load_master_keys(tmp_path)
    with database_run.connect() as owner:
        place = "UPDATE exchange_accounts SET sealed_credentials = %s WHERE user_id = %s"
        owner.execute(place, (cell, ann))
    keys = add_master_key(tmp_path)

    report = await rotate_master_key(database, keys=keys)

    assert (report.rewrapped, report.damaged) == (1, ((ann, VENUE),))
    await rotate(database, keys, tmp_path)
    kept = {compute_key_id(key) for key in load_master_keys(tmp_path).older}
    assert kept == {old.current_id}
    assert await opens(database, bob, tmp_path)

    await connect_user(database, ann, tmp_path, now)
    await rotate(database, add_master_key(tmp_path), tmp_path)
    assert not load_master_keys(tmp_path).older
    assert await opens(database, ann, tmp_path)
