"""Every setting that some room reads, from the definitions themselves.

settings classes of all rooms -> Setting (variable, default, bounds, meaning) -> `quorum config`,
docs/configuration.md, the check at start

The meaning is the attribute's text in the docstring of the class, so code and page can't differ.
"""

import dataclasses
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from trading.risk.limits import RiskLimits

NESTED = "__"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """
    A setting of an installation.

    Attributes:
        variable: name in the environment and in .env.
        group: what the setting is about, a heading.
        default: for people; "" when there is no default.
        bounds: "1 to 10", or "" for no bounds.
        meaning: sentence about the effect; "" when the name says it.
        is_secret: whether the value may never be shown.
    """

    variable: str
    group: str
    default: str
    bounds: str
    meaning: str
    is_secret: bool


def list_classes() -> dict[type[BaseSettings], str]:
    """The settings class of every room, with a heading for each."""
    from blocks.feeds.settings import FeedSettings
    from blocks.models.settings import CouncilSettings
    from blocks.settings import OperatorAlertSettings, PoolSettings, VenueSettings
    from cli.base.settings import CliSettings
    from commands.settings import CommandSettings
    from db.engine.settings import BudgetSettings, DatabaseSettings
    from flows.worker.settings import WorkerSettings
    from tasks.runtime.settings import TaskSettings, WatchSettings
    from telegram.request.settings import BotSettings

    return {
        CliSettings: "Installation",
        VenueSettings: "Prices and exchanges",
        CouncilSettings: "Models",
        BudgetSettings: "Daily cost of model calls",
        FeedSettings: "News",
        BotSettings: "Telegram",
        CommandSettings: "Live trading and limits",
        OperatorAlertSettings: "Alerts of the operator",
        TaskSettings: "Cycles",
        WatchSettings: "Watchdog",
        PoolSettings: "Queues",
        WorkerSettings: "Worker",
        DatabaseSettings: "Database",
    }


def list_settings() -> tuple[Setting, ...]:
    """Every setting once, by group; the risk limits come last."""
    found: dict[str, Setting] = {}
    for cls, group in list_classes().items():
        meanings = read_meanings(cls)
        for name, field in cls.model_fields.items():
            variable = name_variable(cls, name)
            if field.annotation is RiskLimits or variable in found:
                continue
            found[variable] = _describe(
                variable, field, group=group, meaning=meanings.get(name, "")
            )
    return (*found.values(), *_list_limits())


def name_variable(cls: type[BaseSettings], name: str) -> str:
    """The variable of a field."""
    alias = cls.model_fields[name].validation_alias
    return str(alias or f"{cls.model_config.get('env_prefix', '')}{name}").upper()


def read_meanings(cls: type) -> dict[str, str]:
    """The texts under `Attributes:` of a docstring, by attribute; base classes included."""
    meanings: dict[str, str] = {}
    for one in reversed(cls.__mro__):
        _, _, block = inspect.cleandoc(one.__doc__ or "").partition("Attributes:\n")
        for names, text in re.findall(r"^ {4}([a-z][\w,\s]*?):\s+(.+(?:\n {8}.+)*)", block, re.M):
            meaning = " ".join(text.split())
            meanings |= {name.strip(): meaning for name in names.split(",")}
    return meanings


def _list_limits() -> Iterator[Setting]:
    meanings = read_meanings(RiskLimits)
    for field in dataclasses.fields(RiskLimits):
        yield Setting(
            variable=f"QUORUM_LIMITS{NESTED}{field.name.upper()}",
            group="Risk limits",
            default=_show(getattr(RiskLimits(), field.name)),
            bounds="",
            meaning=meanings.get(field.name, ""),
            is_secret=False,
        )


def _describe(variable: str, field: FieldInfo, *, group: str, meaning: str) -> Setting:
    return Setting(
        variable=variable,
        group=group,
        default=_show(field.get_default(call_default_factory=True)),
        bounds=_show_bounds(field),
        meaning=meaning,
        is_secret=SecretStr in (field.annotation, *getattr(field.annotation, "__args__", ())),
    )


def _show_bounds(field: FieldInfo) -> str:
    """The numeric bounds of a field in words."""
    found = {
        name: getattr(one, name)
        for one in field.metadata
        for name in ("ge", "gt", "le", "lt")
        if getattr(one, name, None) is not None
    }
    low = [f"from {found['ge']:g}"] if "ge" in found else []
    low += [f"above {found['gt']:g}"] if "gt" in found else []
    high = [f"to {found['le']:g}"] if "le" in found else []
    high += [f"below {found['lt']:g}"] if "lt" in found else []
    return " ".join((*low, *high))


def _show(value: Any) -> str:
    """A default for people, in the form that the environment takes."""
    match value:
        case None | SecretStr():
            text = ""
        case bool():
            text = str(value).lower()
        case float():
            text = f"{value:g}"
        case timedelta():
            text = f"{value.total_seconds():g} s"
        case tuple() | frozenset():
            text = ",".join(_show(one) for one in value)
        case dict():
            text = ",".join(f"{key}={one}" for key, one in value.items())
        case _:
            text = str(value)
    return text
