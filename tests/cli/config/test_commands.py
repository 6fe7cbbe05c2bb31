"""Settings at a terminal: wrong ones are sentences, the page is what the code says."""

from pathlib import Path

import pytest

from cli.config.catalog import list_settings
from cli.config.checks import check_settings, require_sound_settings
from cli.config.commands import HIDDEN, render_page
from tests.cli.terminal import Terminal
from tests.house.test_env_example import variables_read

CHECKOUT = Path(__file__).resolve().parents[3]

WRONG_NAMES = [
    ("QUORUM_LIMITS__MAX_LEVRAGE", "QUORUM_LIMITS__MAX_LEVERAGE"),
    ("QUORUM_MAX_LEVERAGE", "QUORUM_LIMITS__MAX_LEVERAGE"),
    ("QUORUM_MARKETT", "QUORUM_MARKET"),
    ("QUORUM_COUNCILS", "QUORUM_COUNCIL"),
    ("QUORUM_SIGN_UP", "QUORUM_SIGNUP"),
    ("QUORUM_FEED", "QUORUM_FEEDS"),
    ("QUORUM_TELEGRAM_ADMIN", "QUORUM_TELEGRAM_ADMINS"),
    ("QUORUM_BYBIT_REGIO", "QUORUM_BYBIT_REGION"),
    ("QUORUM_DATABASE_URI", "QUORUM_DATABASE_URL"),
    ("QUORUM_WORKERTYPE", "QUORUM_WORKER_TYPE"),
    ("QUORUM_BUDGET_USR_USD", "QUORUM_BUDGET_USER_USD"),
    ("quorum_live_unlock", "QUORUM_LIVE_UNLOCKED"),
    ("QUORUM_SHARD", "QUORUM_SHARDS"),
]
WRONG_VALUES = [
    ("QUORUM_READ_ATTEMPTS", "1000", "less than or equal to 10"),
    ("QUORUM_READ_ATTEMPTS", "0", "greater than or equal to 1"),
    ("QUORUM_READ_ATTEMPTS", "many", "valid integer"),
    ("QUORUM_READ_ATTEMPTS", "", "valid integer"),
    ("QUORUM_COUNCIL_DEADLINE_SECONDS", "-1", "greater than 0"),
    ("QUORUM_FETCH_DEADLINE_SECONDS", "nan", "less than or equal to 600"),
    ("QUORUM_SIGNUP", "maybe", "'open', 'invitation' or 'closed'"),
    ("QUORUM_VENUE", "kraken", "'binance' or 'bybit'"),
    ("QUORUM_WORKER_TYPE", "fork", "'warm' or 'process'"),
    ("QUORUM_LIVE_UNLOCKED", "perhaps", "valid boolean"),
    ("QUORUM_BYBIT_REGION", "mars", "no site of Bybit"),
    ("QUORUM_BYBIT_REGION", "eu", "Bybit EU are not supported"),
    ("QUORUM_TELEGRAM_ADMINS", "me", "numbers, separated by commas"),
    ("QUORUM_TELEGRAM_ADMINS", "9" * 5000, "numbers, separated by commas"),
    ("QUORUM_INVITATION_CODE", "short", "at least"),
    ("QUORUM_DOUBT_WAITS_SECONDS", "abc", "a list is written as"),
    ("QUORUM_LIMITS", "7", "dictionary"),
    ("QUORUM_LIMITS__MAX_LEVERAGE", "lots", "decimal"),
    ("QUORUM_BUDGET_USER_USD", "1e999999", "USD"),
    ("QUORUM_BUDGET_USER_USD", "-1", "greater than or equal to 0"),
    ("QUORUM_X_DAY_USD", "Infinity", "finite"),
    ("QUORUM_WATCH_FAILURE_RATIO", "2", "less than or equal to 1"),
    ("QUORUM_WATCH_DISK_FREE_RATIO", "1", "less than 1"),
    ("QUORUM_SHARDS", "0x10", "valid integer"),
    ("QUORUM_PRICE_UPDATES", "weekly", "match pattern"),
    ("QUORUM_PRICES", "x", "dollars per million tokens"),
    ("QUORUM_MARKET", "liv", "auto, live, sample or recorded:FILE"),
    ("QUORUM_MARKET", "recorded:", "needs a file"),
    ("QUORUM_FEEDS", "foo", "no feed foo"),
    ("QUORUM_FEEDS", "rss:=ftp://x", "rss:"),
    ("QUORUM_COUNCIL", "gpt9", "no model provider"),
    ("QUORUM_COUNCIL", "openai", "needs a key"),
]


@pytest.mark.parametrize(("name", "meant"), WRONG_NAMES)
def test_an_unknown_name_is_answered_with_the_name_that_was_meant(name: str, meant: str) -> None:
    (problem,) = check_settings({name: "1"})

    assert problem.sentence == f"{name} is no setting: did you mean {meant}?"
    assert not problem.is_warning


@pytest.mark.parametrize(("name", "value", "said"), WRONG_VALUES)
def test_a_wrong_value_is_one_sentence_with_the_name_and_the_bound(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)

    answer = terminal.run("config", "--set")

    assert answer.code == 2
    sentence = answer.out.splitlines()[-1]
    assert sentence.startswith(name)
    assert said in sentence
    assert len(sentence) < 400
    assert answer.error == ""


@pytest.mark.parametrize(
    ("verb", "name", "value"),
    [
        *(
            (verb, name, value)
            for verb in ("up", "work", "bot", "metrics")
            for name, value in (("QUORUM_LIMITS__MAX_LEVRAGE", "1"), ("QUORUM_SIGNUP", "maybe"))
        ),
        ("up", "QUORUM_FEEDS", "foo"),
        ("up", "QUORUM_COUNCIL", "openai"),
    ],
)
def test_nothing_starts_with_a_wrong_setting(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, verb: str, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    answer = terminal.run(verb)

    assert answer.code == 2
    assert answer.error.startswith(name)
    assert answer.error.count("\n") == 1
    assert not (terminal.home / "postgres").exists()


@pytest.mark.parametrize(
    ("name", "value"), [("QUORUM_COUNCIL", "openai:gpt-6-luna"), ("QUORUM_FEEDS", "x")]
)
def test_a_container_without_a_key_of_another_container_starts(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Compose gives settings.env to the bot, and the models' keys to the worker only."""
    monkeypatch.setenv(name, value)

    assert len(check_settings()) == 1
    require_sound_settings(with_choices=False)


def test_a_retired_name_is_only_a_warning(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUORUM_WORKER_MODE", "fork")

    answer = terminal.run("config", "--set")

    assert answer.code == 0
    assert "no longer read: use QUORUM_WORKER_TYPE" in answer.out


@pytest.mark.parametrize("name", ["QUORUM_TEST_LIVES", "QUORUM_DATA", "QUORUM_UI_API_URL"])
def test_names_of_tests_and_of_compose_pass(name: str) -> None:
    assert check_settings({name: "1"}) == ()


def test_a_secret_is_never_shown(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = [one.variable for one in list_settings() if one.is_secret]
    for variable in secrets:
        monkeypatch.setenv(variable, "canary-0123456789")
    monkeypatch.setenv("QUORUM_DATABASE_POOL_SIZE", "canary-0123456789")

    for answer in (terminal.run("config"), terminal.run("config", "--json")):
        assert HIDDEN in answer.out
        shown = [line for line in answer.out.splitlines() if "canary" in line]
        assert all("QUORUM_DATABASE_POOL_SIZE" in line for line in shown)
    assert {"OPENAI_API_KEY", "QUORUM_MASTER_KEY", "TELEGRAM_BOT_TOKEN"} <= set(secrets)


def test_the_source_of_a_value_is_named(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(".env").write_text("QUORUM_SHARDS=3\nQUORUM_READ_ATTEMPTS=5\n", encoding="utf-8")
    monkeypatch.setenv("QUORUM_SHARDS", "4")

    rows = terminal.run("config", "--json").json["settings"]

    found = {row["setting"]: (row["value"], row["source"]) for row in rows}
    assert found["QUORUM_SHARDS"] == ("4", "environment")
    assert found["QUORUM_READ_ATTEMPTS"] == ("5", ".env")
    assert found["QUORUM_VENUE"] == ("binance", "default")


def test_the_list_holds_every_variable_that_some_room_reads() -> None:
    listed = {one.variable.split("__")[0] for one in list_settings()}

    assert listed == variables_read()


def test_every_setting_says_what_it_does() -> None:
    assert [one.variable for one in list_settings() if not one.meaning] == []


def test_the_page_is_what_the_code_says() -> None:
    page = (CHECKOUT / "docs" / "configuration.md").read_text(encoding="utf-8")

    assert page == render_page(list_settings()), (
        "run: quorum config --page > docs/configuration.md"
    )
