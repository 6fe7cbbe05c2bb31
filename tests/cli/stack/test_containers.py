"""The parts one by one: prepared once, refused before, told everything they need and no more."""

import asyncio
import shutil
from pathlib import Path

import pytest

from cli.base.database import DatabaseAccess, load_published_access, load_running_access
from cli.base.environment import build_work_environment, build_worker_environment
from cli.base.home import Home
from cli.base.market import ChosenMarket, choose_market
from cli.base.prefect_settings import build_client_environment, build_server_environment
from cli.main import main
from db.server.roles import ROLES
from tests.database import TestDatabase
from tests.prefect_server import PrefectServer
from trading.domain.errors import BadInput
from trading.domain.units import VenueName

ACCESS = DatabaseAccess(app_url="postgresql://app", operator_url="postgresql://operator")
MARKET = ChosenMarket(setting="sample", venue=VenueName.BINANCE, namespace="sample-7", notice="")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    home = Home(root=tmp_path / "home")
    home.prepare()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUORUM_HOME", str(home.root))
    monkeypatch.delenv("QUORUM_PREFECT_API_URL", raising=False)
    return home


@pytest.mark.parametrize("verb", ["work", "bot"])
def test_nothing_works_before_it_is_prepared(
    home: Home, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    assert main([verb]) == 1

    assert "run `quorum prepare`" in capsys.readouterr().err


def test_prepare_publishes_the_roles_and_registers_everything(
    database_run: TestDatabase,
    prefect_server: PrefectServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    database_run.empty()
    home = prefect_server.home
    for role in ROLES:  # the roles belong to the whole server: other tests go on using them
        shutil.copy(database_run.secrets / f"{role}-password", home.secrets)
    monkeypatch.setenv("QUORUM_HOME", str(home.root))
    monkeypatch.setenv("QUORUM_DATABASE_URL", database_run.urls.admin)
    monkeypatch.setenv("QUORUM_PREFECT_API_URL", prefect_server.api_url)

    assert main(["prepare"]) == 0

    access = load_published_access(home)
    assert access is not None
    assert "quorum_app" in access.app_url
    assert "quorum_operator" in access.operator_url
    assert "password" not in capsys.readouterr().out
    assert load_running_access(home) is None  # no stack runs on that home


def test_worker_gets_neither_the_owner_s_address_nor_the_bot_s_token(home: Home) -> None:
    inherited = {
        "QUORUM_DATABASE_URL": "postgresql://owner",
        "TELEGRAM_BOT_TOKEN": "1:a",
        "OPENAI_API_KEY": "b",
    }

    work = build_work_environment(inherited, home=home, access=ACCESS, market=MARKET)
    worker = build_worker_environment(work)

    assert "TELEGRAM_BOT_TOKEN" in work
    assert worker == {
        "OPENAI_API_KEY": "b",
        "QUORUM_HOME": str(home.root),
        "QUORUM_MARKET": "sample",
        "QUORUM_VENUE": "binance",
        "QUORUM_DATABASE_APP_URL": "postgresql://app",
        "QUORUM_DATABASE_OPERATOR_URL": "postgresql://operator",
    }


def test_person_s_own_prefect_is_left_alone(home: Home) -> None:
    theirs = {
        "PREFECT_API_URL": "https://api.prefect.cloud/theirs",
        "PREFECT_API_KEY": "their-key",
        "PREFECT_PROFILE": "theirs",
        "PREFECT_HOME": "their-home",
        "PREFECT_LOGGING_LEVEL": "DEBUG",
    }

    ours = build_client_environment(home, api_url="http://127.0.0.1:4200/api", inherited=theirs)

    assert ours["PREFECT_API_URL"] == "http://127.0.0.1:4200/api"
    assert ours["PREFECT_HOME"] == str(home.prefect)
    assert "PREFECT_API_KEY" not in ours
    assert "PREFECT_PROFILE" not in ours
    assert ours["PREFECT_LOGGING_LEVEL"] == "DEBUG"  # what is no address wins over our choices


def test_server_has_a_password_and_keeps_leases_over_a_restart(home: Home) -> None:
    server = build_server_environment(home, port=4200, inherited={}, database_url=None)
    client = build_client_environment(home, api_url="http://127.0.0.1:4200/api", inherited={})

    assert server["PREFECT_SERVER_API_AUTH_STRING"] == client["PREFECT_API_AUTH_STRING"]
    assert server["PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE"].endswith("filesystem")
    assert len(server["PREFECT_SERVER_ENCRYPTION_KEY"]) == 44
    assert "PREFECT_SERVER_ENCRYPTION_KEY" not in client
    assert str(home.root) in server["PREFECT_UI_STATIC_DIRECTORY"]


@pytest.mark.parametrize(
    ("inherited", "expected"),
    [
        ({}, {"PREFECT_SERVER_DATABASE_CONNECTION_URL": "ours"}),
        *(
            ({name: "theirs"}, {name: "theirs"})
            for name in (
                "PREFECT_SERVER_DATABASE_CONNECTION_URL",
                "PREFECT_API_DATABASE_CONNECTION_URL",
            )
        ),
    ],
)
def test_server_keeps_its_books_beside_ours_unless_the_person_chose_another_place(
    home: Home, inherited: dict[str, str], expected: dict[str, str]
) -> None:
    server = build_server_environment(home, port=4200, inherited=inherited, database_url="ours")

    assert {k: v for k, v in server.items() if k.endswith("DATABASE_CONNECTION_URL")} == expected


def test_auto_becomes_the_sample_when_no_venue_answers() -> None:
    chosen = asyncio.run(choose_market("auto"))

    assert chosen.setting == "sample"
    assert "MADE UP" in chosen.notice


def test_sample_is_labelled_also_when_it_was_asked_for() -> None:
    chosen = asyncio.run(choose_market("sample"))

    assert (chosen.setting, "MADE UP" in chosen.notice) == ("sample", True)


@pytest.mark.parametrize("word", ["real", "recorded", "recorded:/nowhere.csv", ""])
def test_unknown_market_is_bad_input(word: str) -> None:
    with pytest.raises(BadInput):
        asyncio.run(choose_market(word))
