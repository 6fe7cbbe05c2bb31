"""The environment stands over .env, .env over what is built in; a user's own over all of them.

One row for each class of settings, all three ways through the classes themselves; then what a user
may set, as a cycle puts it together.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from blocks.feeds.settings import FeedSettings
from blocks.models.settings import CouncilSettings
from blocks.settings import OperatorAlertSettings, PoolSettings, VenueSettings
from cli.base.settings import CliSettings
from commands.settings import CommandSettings
from db.engine.settings import BudgetSettings, DatabaseSettings
from flows.worker.settings import WorkerSettings
from tasks.cycle.records import _tighten
from tasks.runtime.settings import TaskSettings, WatchSettings
from telegram.request.settings import BotSettings
from tests.house.test_env_example import settings_classes
from tests.pair_configs import make_config
from trading.domain.units import Pair

BTC = Pair("BTC", "USDT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One setting: built in, then as .env says, then as the environment says."""

    settings: type[BaseSettings]
    variable: str
    field: str
    values: tuple[Any, Any, Any]


def row(settings: type[BaseSettings], variable: str, field: str, *values: Any) -> Row:
    built_in, in_file, in_environment = values
    return Row(
        settings=settings,
        variable=variable,
        field=field,
        values=(built_in, in_file, in_environment),
    )


PUBLISHERS = ("coindesk", "cointelegraph", "decrypt", "theblock", "forklog", "bybit")

ROWS = (
    row(CliSettings, "QUORUM_WORKER_TYPE", "worker_type", "warm", "process", "warm"),
    row(TaskSettings, "QUORUM_READ_ATTEMPTS", "read_attempts", 4, 5, 6),
    row(WatchSettings, "QUORUM_WATCH_BREAKERS", "breakers", 3, 4, 5),
    row(WorkerSettings, "QUORUM_WORKER_MAX_RUNS", "max_runs", 5000, 6, 7),
    row(FeedSettings, "QUORUM_FEEDS", "feeds", PUBLISHERS, ("coindesk",), ("forklog",)),
    row(VenueSettings, "QUORUM_SAMPLE_SEED", "sample_seed", 7, 8, 9),
    row(PoolSettings, "QUORUM_SHARDS", "shards", 1, 2, 3),
    row(
        OperatorAlertSettings,
        "QUORUM_OPERATOR_ALERT_URL",
        "operator_alert_url",
        None,
        SecretStr("json://one"),
        SecretStr("json://two"),
    ),
    row(
        CouncilSettings,
        "QUORUM_MODEL_MAX_OUTPUT_TOKENS",
        "model_max_output_tokens",
        2000,
        300,
        400,
    ),
    row(DatabaseSettings, "QUORUM_DATABASE_POOL_SIZE", "database_pool_size", 5, 6, 7),
    row(BudgetSettings, "QUORUM_BUDGET_USER_USD", "user_usd", Decimal(5), Decimal(4), Decimal(3)),
    row(CommandSettings, "QUORUM_RAISE_HOURS", "raise_hours", 1.0, 2.0, 3.0),
    row(BotSettings, "QUORUM_BUTTON_MINUTES", "button_minutes", 10.0, 11.0, 12.0),
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without .env, and an environment without anything of ours."""
    monkeypatch.chdir(tmp_path)
    for one in (*(one.variable for one in ROWS), "QUORUM_LIMITS__MAX_LEVERAGE"):
        monkeypatch.delenv(one, raising=False)
    return tmp_path


def write_file(folder: Path, **variables: str) -> None:
    (folder / ".env").write_text("\n".join(f"{name}={text}" for name, text in variables.items()))


def show(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(value) if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize("one", ROWS, ids=lambda one: one.variable)
def test_the_environment_stands_over_the_file_and_the_file_over_the_defaults(
    folder: Path, monkeypatch: pytest.MonkeyPatch, one: Row
) -> None:
    built_in, in_file, in_environment = one.values
    assert getattr(one.settings(), one.field) == built_in
    write_file(folder, **{one.variable: show(in_file)})
    assert getattr(one.settings(), one.field) == in_file
    monkeypatch.setenv(one.variable, show(in_environment))
    assert getattr(one.settings(), one.field) == in_environment


def test_every_class_of_settings_has_a_row() -> None:
    assert {one.settings for one in ROWS} == set(settings_classes())


def load_limit(overrides: dict[str, str]) -> Decimal:
    """The leverage that a cycle of this user has to keep."""
    return _tighten(TaskSettings().limits, make_config(overrides=overrides)).max_leverage


def test_what_a_user_sets_stands_over_both_and_may_only_tighten(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_limit({}) == 3
    assert load_limit({"max_leverage": "2.75"}) == Decimal("2.75")
    write_file(folder, QUORUM_LIMITS__MAX_LEVERAGE="2.5")
    assert load_limit({}) == Decimal("2.5")
    monkeypatch.setenv("QUORUM_LIMITS__MAX_LEVERAGE", "2")
    assert load_limit({}) == 2
    assert load_limit({"max_leverage": "1.5"}) == Decimal("1.5")
    assert load_limit({"max_leverage": "2.75"}) == 2


def test_a_users_own_budget_stands_over_both_and_may_only_tighten(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_file(folder, QUORUM_BUDGET_USER_USD="4")
    monkeypatch.setenv("QUORUM_BUDGET_USER_USD", "3")
    caps = BudgetSettings().caps
    assert caps.tighten({None: Decimal(1)}, pair=BTC).user_usd == 1
    assert caps.tighten({None: Decimal(9)}, pair=BTC).user_usd == 3
