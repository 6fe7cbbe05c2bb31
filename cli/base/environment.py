"""Environments of the child processes: complete for each child, without foreign secrets.

.env and the environment -> without private variables -> addresses, market, home -> a child
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from cli.base.database import DatabaseAccess
from cli.base.home import Home
from cli.base.market import ChosenMarket

OWNER_ADDRESS = "QUORUM_DATABASE_URL"
"""Of the database's owner: for the set-up only, no child gets it."""
BOT_TOKEN = "TELEGRAM_BOT_TOKEN"  # noqa: S105 - the variable's name
"""Only the bot speaks as the bot."""


def read_environment() -> dict[str, str]:
    """This process's environment over the .env of the current folder; our Python first on PATH."""
    given = {name: value for name, value in dotenv_values(".env").items() if value is not None}
    merged = {**given, **os.environ}
    merged["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), merged.get("PATH", "")])
    merged["PYTHONUNBUFFERED"] = "1"
    merged.pop("PYTHONDONTWRITEBYTECODE", None)  # every run is an interpreter: compile once
    return merged


def build_work_environment(
    inherited: Mapping[str, str], *, home: Home, access: DatabaseAccess, market: ChosenMarket
) -> dict[str, str]:
    """The environment of the worker, its flow runs and the bot, Prefect's part left out."""
    return {
        **{name: value for name, value in inherited.items() if name != OWNER_ADDRESS},
        "QUORUM_HOME": str(home.root),
        "QUORUM_MARKET": market.setting,
        "QUORUM_VENUE": market.venue,
        "QUORUM_DATABASE_APP_URL": access.app_url,
        "QUORUM_DATABASE_OPERATOR_URL": access.operator_url,
    }


def build_worker_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The worker's environment: without the bot's token."""
    return {name: value for name, value in environment.items() if name != BOT_TOKEN}
