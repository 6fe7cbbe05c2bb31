"""The embedded server: starts, is adopted, survives kill -9, and never harms a folder."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from db.server.embedded import PASSWORD_FILE, EmbeddedPostgres
from reports.texts.catalog import tell
from tests.database import FAST_OPTIONS
from trading.domain.errors import PermanentError


def ask(server: EmbeddedPostgres, query: str) -> object:
    address = server.url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.execute(query)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def kill(pid: int | None) -> None:
    assert pid is not None
    process = psutil.Process(pid)
    backends = process.children()
    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs([process, *backends], timeout=20)


def test_it_starts_once_and_is_adopted_then(server: EmbeddedPostgres) -> None:
    assert server.start() is True
    again = EmbeddedPostgres(server._data)
    assert again.start() is False
    assert again.pid == server.pid
    assert again.is_running()
    assert str(ask(again, "SHOW server_version")).startswith("18")
    again.stop()
    assert not server.is_running()
    server.stop()  # stopping what is stopped is fine


def test_what_was_committed_survives_kill_9_of_the_server(server: EmbeddedPostgres) -> None:
    server.start()
    ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    kill(server.pid)
    assert server.pid is None
    assert server.start() is True
    assert ask(server, "SELECT answer FROM kept") == 42


def test_the_server_outlives_its_starter(server: EmbeddedPostgres) -> None:
    starter = "import sys, os; from pathlib import Path;"
    starter += "from db.server.embedded import EmbeddedPostgres;"
    starter += "EmbeddedPostgres(Path(sys.argv[1])).start(); os.kill(os.getpid(), 9)"
    ended = subprocess.run([sys.executable, "-c", starter, str(server._data)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert server.is_running()
    assert server.start() is False
    assert ask(server, "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only as root the server is another user")
def test_a_server_without_a_path_to_its_data_ends_and_is_let_in_again(
    server: EmbeddedPostgres,
) -> None:
    home = server._data.parent
    server.start()
    ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    home.chmod(0o700)
    assert server.is_running()
    assert server.start() is False
    server.stop()
    assert server.pid is None
    assert server.start() is True
    assert ask(server, "SELECT answer FROM kept") == 42


def test_a_lock_file_with_a_strangers_number_is_no_server(server: EmbeddedPostgres) -> None:
    server.start()
    kill(server.pid)
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        lock = server._data / name
        lines = lock.read_text().splitlines()
        lock.write_text("\n".join([str(os.getpid()), *lines[1:]]))  # alive, and not PostgreSQL
    assert server.pid is None
    assert server.start() is True
    assert ask(server, "SELECT 1") == 1


@pytest.mark.parametrize("content", ["", "not a number\n", "999999999\n"])
def test_a_damaged_lock_file_is_no_server(server: EmbeddedPostgres, content: str) -> None:
    (server._data / "postmaster.pid").write_text(content)
    assert server.pid is None
    server.stop()


@pytest.mark.parametrize("version", ["16", "17", "19"])
def test_a_folder_of_another_version_is_left_alone(tmp_path: Path, version: str) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "PG_VERSION").write_text(f"{version}\n")
    with pytest.raises(PermanentError) as told:
        EmbeddedPostgres(folder).start()
    assert f"PostgreSQL {version}" in tell(told.value)
    assert "Nothing was changed" in tell(told.value)
    assert [path.name for path in folder.iterdir()] == ["PG_VERSION"]


def test_a_folder_that_is_not_empty_is_not_taken_over(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "thesis.txt").write_text("ten years of work")
    with pytest.raises(PermanentError, match="not empty"):
        EmbeddedPostgres(folder).start()
    assert (folder / "thesis.txt").read_text() == "ten years of work"


def test_data_without_its_password_is_said_so(server: EmbeddedPostgres) -> None:
    server.start()
    (server._secrets / PASSWORD_FILE).unlink()
    with pytest.raises(PermanentError, match="restore the secrets"):
        assert server.url
    assert not (server._secrets / PASSWORD_FILE).exists()


def test_a_server_that_can_not_start_says_where_its_log_is(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    (server._data / "postgresql.conf").write_text("no_such_setting = on\n")
    with pytest.raises(PermanentError) as told:
        server.start()
    assert str(server.log) in tell(told.value)


def test_it_asks_for_a_password_and_listens_to_no_network(server: EmbeddedPostgres) -> None:
    server.start()
    assert ask(server, "SHOW listen_addresses") == ""
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=str(server._socket_folder), user="postgres", password="guess")
    assert (server._secrets / PASSWORD_FILE).stat().st_mode & 0o077 == 0


def test_a_path_too_long_for_a_socket_gets_another_folder(server_folder: Path) -> None:
    deep = server_folder / ("a" * 60) / ("b" * 60)
    embedded = EmbeddedPostgres(deep / "postgres", options=FAST_OPTIONS)
    try:
        embedded.start()
        assert ask(embedded, "SELECT 1") == 1
        assert embedded._socket_folder.stat().st_mode & 0o077 == 0
    finally:
        embedded.stop()


def test_a_start_that_died_half_way_through_making_the_folder_is_repeated(
    new_server: EmbeddedPostgres,
) -> None:
    half = new_server._data.with_name(".postgres.new")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    new_server.start()
    assert ask(new_server, "SELECT 1") == 1
    assert not half.exists()


def test_two_starters_at_once_make_one_server(new_server: EmbeddedPostgres) -> None:
    starter = (
        "import sys; from pathlib import Path; from db.server.embedded import EmbeddedPostgres;"
    )
    starter += "print(EmbeddedPostgres(Path(sys.argv[1])).start())"
    command = [sys.executable, "-c", starter, str(new_server._data)]
    racers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = sorted(racer.communicate()[0].strip() for racer in racers)
    assert said == ["False", "False", "True"]
    assert ask(new_server, "SELECT 1") == 1
