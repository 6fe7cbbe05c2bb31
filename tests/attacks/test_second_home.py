"""Attack: a second home starts on the database of a living stack."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from db.server.bootstrap import (
    prepare_database_now,
    prepare_prefect_database,
    replace_role_passwords,
)
from db.server.embedded import EmbeddedPostgres
from db.server.roles import ROLES
from tests.database import FAST_OPTIONS
from trading.domain.errors import PermanentError


@pytest.fixture
def admin_url(server_folder: Path) -> Iterator[str]:
    """The admin address of a server that no other test uses."""
    server = EmbeddedPostgres(server_folder / "postgres", options=FAST_OPTIONS)
    server.start()
    yield server.url
    server.stop()


def logs_in(address: str) -> bool:
    try:
        with psycopg.connect(address.replace("postgresql+psycopg", "postgresql")):
            return True
    except psycopg.OperationalError:
        return False


def test_another_home_is_refused_and_the_living_stack_stays(
    admin_url: str, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    urls = prepare_database_now(admin_url, secrets=first)
    prefect = prepare_prefect_database(admin_url, secrets=first).replace("+asyncpg", "+psycopg")

    for prepare in (prepare_database_now, prepare_prefect_database):
        with pytest.raises(PermanentError, match="another home uses this database"):
            prepare(admin_url, secrets=second)

    assert all(map(logs_in, (urls.app, urls.operator, prefect)))
    assert not second.exists()
    assert prepare_database_now(admin_url, secrets=first) == urls


def test_only_the_verb_that_says_so_replaces_the_passwords(admin_url: str, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    urls = prepare_database_now(admin_url, secrets=first)

    assert set(replace_role_passwords(admin_url, secrets=second)) == set(ROLES)

    assert not logs_in(urls.app)
    assert logs_in(prepare_database_now(admin_url, secrets=second).app)
