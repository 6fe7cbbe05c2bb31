"""A home in a folder with a space: every way to the database finds the socket."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from db.server.addresses import connect, to_libpq
from db.server.backup import back_up, restore
from db.server.bootstrap import prepare_database_now
from db.server.embedded import EmbeddedPostgres
from db.server.health import load_revisions
from tests.database import FAST_OPTIONS


@pytest.fixture
def home(server_folder: Path) -> Path:
    return server_folder / "my quorum + co"


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(home / "postgres", options=FAST_OPTIONS)
    server.start()
    yield server
    server.stop()


def test_prepare_health_backup_and_restore_work(server: EmbeddedPostgres, home: Path) -> None:
    urls = prepare_database_now(server.url, secrets=home / "secrets")

    assert load_revisions(urls.admin).found is not None
    with connect(make_url(urls.app)) as connection:
        assert connection.info.user == "quorum_app"
    assert back_up(urls.admin, file=home / "books.dump") > 0
    with connect(make_url(server.url)) as admin:
        admin.execute("DROP DATABASE quorum WITH (FORCE)")
    restored = restore(server.url, file=home / "books.dump", secrets=home / "secrets")
    assert load_revisions(restored.admin).found == load_revisions(restored.admin).wanted


def test_a_plus_in_a_password_stays_a_plus() -> None:
    url = make_url("postgresql+psycopg://me:a%2Bb c@/db?host=%2Ftmp%2Fmy%20home")

    assert to_libpq(url) == "postgresql://me:a+b c@/db?host=%2Ftmp%2Fmy%20home"
