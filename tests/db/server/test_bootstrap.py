"""Bootstrap: any PostgreSQL becomes ready, again and again, and two at once do no harm."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from db.server.bootstrap import (
    parse_url,
    prepare_database,
    prepare_database_now,
    prepare_prefect_database,
    replace_role_passwords,
)
from db.server.embedded import EmbeddedPostgres
from db.session import Database
from reports.texts.catalog import tell
from tests.db.conftest import copy_home
from tests.db.schema import connect_as, list_tables
from tests.db.values import fill_tenant
from trading.domain.errors import PermanentError


@pytest.fixture(scope="module")
def own_server(made_home: Path, module_folder: Path) -> Iterator[EmbeddedPostgres]:
    """A server for this module: it changes roles, which belong to the whole server."""
    server = copy_home(made_home, module_folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def admin_url(own_server: EmbeddedPostgres) -> Iterator[str]:
    """The admin address of a database with nothing in it."""
    with connect_as(own_server.url) as server:
        server.autocommit = True
        server.execute("CREATE DATABASE empty")
        yield own_server.url.replace("/postgres?", "/empty?")
        server.execute("DROP DATABASE empty WITH (FORCE)")


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home's passwords: roles belong to the whole server of this module."""
    return tmp_path_factory.mktemp("home") / "secrets"


async def test_an_empty_database_becomes_ready(admin_url: str, secrets: Path) -> None:
    urls = await prepare_database(admin_url, secrets)
    database = Database(urls.app, operator_url=urls.operator)
    async with database.operator() as operator:
        assert await operator.users.list_users() == ()
    await database.close()


def test_what_is_ready_stays_as_it_is(admin_url: str, secrets: Path) -> None:
    first = prepare_database_now(admin_url, secrets=secrets)
    with connect_as(first.admin) as owner:
        owner.execute("INSERT INTO users (name, language, created_at) VALUES ('ann', 'en', now())")
    assert prepare_database_now(admin_url, secrets=secrets) == first
    with connect_as(first.admin) as owner:
        assert owner.execute("SELECT name FROM users").fetchall() == [("ann",)]


def test_two_that_start_at_once_both_get_through(admin_url: str, secrets: Path) -> None:
    starter = (
        "import sys; from pathlib import Path;"
        "from db.server.bootstrap import prepare_database_now;"
        "prepare_database_now(sys.argv[1], secrets=Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", starter, admin_url, str(secrets)]
    racers = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [racer.communicate()[1] for racer in racers]
    assert [racer.returncode for racer in racers] == [0, 0], said
    with connect_as(admin_url) as owner:
        assert len(list_tables(owner)) > 15


def test_a_maintenance_database_is_never_filled(
    own_server: EmbeddedPostgres, secrets: Path
) -> None:
    """An address of `postgres` means: make the database yourself."""
    urls = prepare_database_now(own_server.url, secrets=secrets)
    assert make_url(urls.app).database == "quorum"
    with connect_as(own_server.url) as server:
        assert list_tables(server) == []


def test_passwords_are_kept_from_everybody_else(admin_url: str, secrets: Path) -> None:
    urls = prepare_database_now(admin_url, secrets=secrets)
    files = sorted(secrets.iterdir())
    names = {path.name for path in files}
    assert names - {"prefect-password"} == {"quorum_app-password", "quorum_operator-password"}
    assert secrets.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    password = (secrets / "quorum_app-password").read_text()
    assert make_url(urls.app).password == password
    assert password not in repr(urls)


def test_a_lost_password_is_made_anew_by_the_verb_only(admin_url: str, secrets: Path) -> None:
    before = prepare_database_now(admin_url, secrets=secrets)
    (secrets / "quorum_app-password").unlink()
    with pytest.raises(PermanentError, match="replace-passwords"):
        prepare_database_now(admin_url, secrets=secrets)
    replace_role_passwords(admin_url, secrets=secrets)
    after = prepare_database_now(admin_url, secrets=secrets)
    assert make_url(after.app).password != make_url(before.app).password
    with connect_as(after.app) as app:
        assert app.execute("SELECT current_user").fetchone() == ("quorum_app",)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect_as(before.app)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "not an address"),
        ("nonsense", "not an address"),
        ("mysql://root:hunter2@localhost/quorum", "must be a postgresql"),
        ("sqlite:///quorum.db", "must be a postgresql"),
    ],
)
def test_what_is_no_address_is_said_so(url: str, sentence: str) -> None:
    with pytest.raises(PermanentError, match=sentence) as told:
        parse_url(url)
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:hunter2@127.0.0.1:1/quorum",
        "postgres://ann:hunter2@/quorum?host=/nowhere/at/all",
    ],
)
async def test_a_dead_database_is_told_without_its_address(url: str, tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="no connection") as told:
        await prepare_database(url, tmp_path)
    assert "hunter2" not in tell(told.value)


def test_a_role_that_passes_row_level_security_is_refused(admin_url: str, secrets: Path) -> None:
    prepare_database_now(admin_url, secrets=secrets)
    with connect_as(admin_url) as owner:
        owner.autocommit = True
        owner.execute("ALTER ROLE quorum_operator BYPASSRLS")
        try:
            with pytest.raises(PermanentError, match="quorum_operator may pass"):
                prepare_database_now(admin_url, secrets=secrets)
        finally:
            owner.execute("ALTER ROLE quorum_operator NOBYPASSRLS")


async def test_an_admin_that_is_no_superuser_is_enough(
    server: EmbeddedPostgres, secrets: Path, now: datetime
) -> None:
    """As rented databases have it; the tables' owner is bound by row-level security too."""
    server.start()
    with connect_as(server.url) as superuser:
        superuser.autocommit = True
        superuser.execute("CREATE ROLE rented LOGIN CREATEROLE PASSWORD 'hunter2'")
        superuser.execute("CREATE DATABASE rented OWNER rented")
    url = make_url(server.url).set(username="rented", password="hunter2", database="rented")
    admin_url = url.render_as_string(hide_password=False)
    urls = prepare_database_now(admin_url, secrets=secrets)
    assert prepare_database_now(admin_url, secrets=secrets) == urls
    database = Database(urls.app, operator_url=urls.operator)
    async with database.operator() as operator:
        ann = (await operator.users.add_user("ann", now=now)).user_id
    async with database.tenant(ann) as tenant:
        await fill_tenant(tenant, now)
    await database.close()
    with connect_as(admin_url) as owner:
        assert owner.execute("SELECT count(*) FROM users").fetchone() == (0,)


def test_prefect_gets_a_database_that_neither_sees_ours_nor_is_seen(
    admin_url: str, secrets: Path
) -> None:
    ours = prepare_database_now(admin_url, secrets=secrets)
    address = prepare_prefect_database(admin_url, secrets=secrets)

    assert prepare_prefect_database(admin_url, secrets=secrets) == address
    assert address.startswith("postgresql+asyncpg://prefect:")
    prefect = address.replace("+asyncpg", "+psycopg")
    with connect_as(prefect) as owner:  # what Prefect's own migrations begin with
        owner.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        owner.execute("CREATE TABLE books (id bigint)")
    for stranger in (_at(ours.app, prefect), _at(ours.operator, prefect), _at(prefect, ours.app)):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            connect_as(stranger)


def _at(address: str, other: str) -> str:
    """The role of the one address at the database of the other."""
    there = make_url(address).set(database=make_url(other).database)
    return there.render_as_string(hide_password=False)
