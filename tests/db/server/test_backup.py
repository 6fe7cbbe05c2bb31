"""A backup, everything dropped, a restore: books equal, keys open, no cycle doubled."""

import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from db.encryption.envelope import load_master_keys
from db.server.backup import back_up, restore
from db.server.bootstrap import DatabaseUrls, prepare_database_now
from db.session import Database
from tests.database import TestDatabase
from tests.order_path import take
from tests.stage import PAIR, Stage
from trading.council.decisions import Action
from trading.cycle import CycleKey
from trading.domain.errors import PermanentError
from trading.domain.units import Mode, UserId, VenueName
from trading.security.credentials import Credentials

KEY = Credentials(api_key="canary-key-0123456789", api_secret="canary-secret-9876543210")
NAME = f"backed_up_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


@pytest.fixture
def server(database_run: TestDatabase) -> Iterator[str]:
    """Address of a database of its own, that is not there yet, on the run's server."""
    address = plain(database_run.server_url)
    with psycopg.connect(address, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {NAME}")
        yield re.sub(r"/postgres\?", f"/{NAME}?", address, count=1)
        admin.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


def plain(address: str) -> str:
    """As psycopg takes it."""
    return address.replace("postgresql+psycopg://", "postgresql://")


def drop_everything(database_run: TestDatabase) -> None:
    with psycopg.connect(plain(database_run.server_url), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {NAME} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {NAME}")


def read_all(url: str) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    with psycopg.connect(url) as owner:
        tables = owner.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        ).fetchall()
        return {
            name: sorted(row[0] for row in owner.execute(f'SELECT t::text FROM "{name}" t'))
            for (name,) in tables
        }


async def trade(urls: DatabaseUrls, *, secrets: Path, now: datetime) -> UserId:
    """One user with a sealed key, a position with its protection, and a receipt to come."""
    database = Database(urls.app, operator_url=urls.operator)
    async with database.operator() as operator:
        user_id = (await operator.users.add_user("ann", now=now)).user_id
    stage = Stage(database=database, user_id=user_id, now=now)
    await stage.add_pair(user_id)
    async with database.tenant(user_id) as tenant:
        await tenant.accounts.save_credentials(
            VenueName.BINANCE, credentials=KEY, keys=load_master_keys(secrets), now=now
        )
    path = await take(stage, Action.OPEN_LONG)
    assert path.execution is not None
    assert await stage.load_position() is not None
    await database.close()
    return user_id


async def test_what_was_dropped_comes_back_from_the_backup(
    server: str, database_run: TestDatabase, tmp_path: Path, now: datetime
) -> None:
    secrets, file = database_run.secrets, tmp_path / "quorum.dump"
    urls = prepare_database_now(server, secrets=secrets)
    user_id = await trade(urls, secrets=secrets, now=now)
    before = read_all(server)
    assert back_up(server, file=file) > 0
    drop_everything(database_run)

    again = restore(server, file=file, secrets=secrets)

    assert read_all(server) == before
    assert len(before["trades"]) == 1
    database = Database(again.app, operator_url=again.operator)
    async with database.tenant(user_id) as tenant:
        keys = load_master_keys(secrets)
        assert await tenant.accounts.load_credentials(VenueName.BINANCE, keys=keys) == KEY
        key = CycleKey(user_id=user_id, pair=PAIR, cycle_time=now)
        assert not await tenant.cycles.claim_cycle(
            key, mode=Mode.PAPER, venue=VenueName.PAPER, now=now
        )
    async with database.tenant(UserId(user_id + 1)) as stranger:
        assert await stranger.pairs.list_pairs() == (), "row-level security came back too"
    await database.close()


def test_a_backup_has_no_secret_in_clear_and_is_its_owner_s(
    server: str, database_run: TestDatabase, tmp_path: Path
) -> None:
    file = tmp_path / "deep" / "quorum.dump"
    prepare_database_now(server, secrets=database_run.secrets)
    back_up(server, file=file)
    assert file.stat().st_mode & 0o777 == 0o600
    master_key = (database_run.secrets / "quorum_app-password").read_bytes()
    assert master_key not in file.read_bytes()


def test_a_backup_replaces_no_other_one(
    server: str, database_run: TestDatabase, tmp_path: Path
) -> None:
    prepare_database_now(server, secrets=database_run.secrets)
    file = tmp_path / "quorum.dump"
    file.write_text("precious")
    with pytest.raises(PermanentError, match="exists already"):
        back_up(server, file=file)
    assert file.read_text() == "precious"


def test_nothing_is_restored_over_books_that_are_there(
    server: str, database_run: TestDatabase, tmp_path: Path
) -> None:
    prepare_database_now(server, secrets=database_run.secrets)
    file = tmp_path / "quorum.dump"
    back_up(server, file=file)
    before = read_all(server)
    with pytest.raises(PermanentError, match="is not empty"):
        restore(server, file=file, secrets=database_run.secrets)
    assert read_all(server) == before


def test_a_file_that_is_no_backup_is_refused(
    server: str, database_run: TestDatabase, tmp_path: Path
) -> None:
    file = tmp_path / "holiday.jpg"
    file.write_bytes(b"not a dump")
    with pytest.raises(PermanentError, match="is no backup"):
        restore(server, file=file, secrets=database_run.secrets)
    with pytest.raises(PermanentError, match="can't be read"):
        restore(server, file=tmp_path / "absent", secrets=database_run.secrets)
