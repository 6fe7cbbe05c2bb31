"""What the command line reads from the environment: where Quorum lives and what it starts.

environment, then .env in the current folder, then the defaults below -> CliSettings

Each room has settings of its own; these are only what starts and finds the processes. A child
gets everything it needs in its environment, so nothing below is read twice with two answers.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class CliSettings(BaseSettings):
    """
    Settings of the stack.

    Attributes:
        home: folder of everything that Quorum keeps on this machine.
        database_url: an administrator's URL of a PostgreSQL server; None means the embedded one.
        telegram_bot_token: the bot starts if there is one.
        prefect_api_url: the Prefect API of a stack in containers; None means the one that `quorum
            up` runs from `home`. Not Prefect's own variable: that may be another project's. Its
            password is in the home either way.
        worker_type: "warm" runs the work inside one process (flows/worker/worker.py), "process"
        starts an
            interpreter for each run, as Prefect does by itself. Server and workers need the same.
        worker_mode: of the warm worker, for runs whose deployment names none: "inprocess", or
            "fork" for a child each.
    """

    model_config = SettingsConfigDict(env_prefix="QUORUM_", env_file=".env", extra="ignore")

    home: Path = Path(".quorum")
    database_url: SecretStr | None = None
    telegram_bot_token: SecretStr | None = Field(None, validation_alias="TELEGRAM_BOT_TOKEN")
    prefect_api_url: str | None = None
    worker_type: Literal["warm", "process"] = "warm"
    worker_mode: Literal["inprocess", "fork"] = "inprocess"
