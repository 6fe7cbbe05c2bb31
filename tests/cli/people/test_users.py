"""Users and their keys at a terminal."""

import io
import sys

import pytest

from db.encryption.envelope import MASTER_KEY_FILE, load_master_keys
from db.session import Database
from tests.cli.terminal import Terminal
from trading.domain.units import UserId, VenueName
from trading.security.credentials import Credentials

KEY = "canary-key-0123456789-abcd"
SECRET = "canary-secret-9876543210-wxyz"
LOCAL = UserId(1)


@pytest.fixture
def local(terminal: Terminal) -> Terminal:
    terminal.succeed("user", "add", "local")
    return terminal


def test_a_user_is_added_and_listed(terminal: Terminal) -> None:
    added = terminal.succeed("user", "add", "  Ann  ", "--json").json

    assert (added["user_id"], added["name"]) == (1, "Ann")
    assert [one["name"] for one in terminal.succeed("user", "list", "--json").json["users"]] == [
        "Ann"
    ]
    assert "Ann" in terminal.succeed("user", "list").out


@pytest.mark.parametrize("name", ["local", "", "42", "x" * 41])
def test_a_name_that_is_taken_or_no_name_changes_nothing(local: Terminal, name: str) -> None:
    before = local.dump()

    assert local.run("user", "add", name).code == 2
    assert local.dump() == before


def test_without_a_local_user_the_person_is_told_how_to_get_one(terminal: Terminal) -> None:
    answer = terminal.run("status")

    assert answer.code == 2
    assert "quorum user add local" in answer.error


def test_a_user_is_meant_by_name_or_number(local: Terminal) -> None:
    local.succeed("user", "add", "bob")

    for who in ("bob", "2"):
        assert local.succeed("status", "--json", "--user", who).json["user"]["name"] == "bob"


def test_keys_are_sealed_and_never_shown(local: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = _connect(local, monkeypatch)

    assert "...abcd" in answer
    assert KEY not in answer
    assert SECRET not in answer
    stored = str(local.dump())
    assert KEY not in stored
    assert SECRET not in stored
    assert _open(local) == Credentials(api_key=KEY, api_secret=SECRET)


@pytest.mark.parametrize("typed", ["", "only-a-key\n", "a\nb\nc\n"])
def test_keys_that_are_not_two_lines_are_refused(
    local: Terminal, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    before = local.dump()
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))

    answer = local.run("connect", "binance")

    assert answer.code == 2
    assert "only-a-key" not in answer.error
    assert local.dump() == before


def test_disconnect_forgets_the_key_and_can_not_be_repeated(
    local: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    _connect(local, monkeypatch)

    local.succeed("disconnect", "binance")

    assert _open(local) is None
    assert local.run("disconnect", "binance").code == 2


def test_rotation_changes_the_master_key_and_everything_still_opens(
    local: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    _connect(local, monkeypatch)
    file = local.home / "secrets" / MASTER_KEY_FILE
    old = file.read_text()

    report = local.succeed("rotate-keys", "--json").json

    assert report == {"users": 1, "rewrapped": 1, "damaged": []}
    assert old not in file.read_text()
    assert _open(local) == Credentials(api_key=KEY, api_secret=SECRET)


def test_a_master_key_of_the_environment_is_rotated_there(
    local: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    _connect(local, monkeypatch)
    old = (local.home / "secrets" / MASTER_KEY_FILE).read_text().strip()
    monkeypatch.setenv("QUORUM_MASTER_KEY", old)

    assert "in front of it" in local.run("rotate-keys").error

    new = "bmV3LW1hc3Rlci1rZXktb2YtMzItYnl0ZXMtbG9uZyE="
    monkeypatch.setenv("QUORUM_MASTER_KEY", f"{new} {old}")
    assert local.succeed("rotate-keys", "--json").json["rewrapped"] == 1
    assert local.succeed("rotate-keys", "--json").json["rewrapped"] == 0


def _connect(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{KEY}\n{SECRET}\n"))
    return terminal.succeed("connect", "binance").out


def _open(terminal: Terminal) -> Credentials | None:
    async def load(database: Database) -> Credentials | None:
        keys = load_master_keys(terminal.home / "secrets")
        async with database.tenant(LOCAL) as tenant:
            return await tenant.accounts.load_credentials(VenueName.BINANCE, keys=keys)

    return terminal.seed(load)
