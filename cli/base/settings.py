"""Settings of the command line: the home folder and the started processes.

environment, then .env in the current folder, then the defaults below -> CliSettings

Each room has its own settings; the settings below only start and find the processes. A child
receives all settings in its environment, so no setting is read twice with two results.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class CliSettings(BaseSettings):
    """
    Settings of the stack.

    Attributes:
        home: folder of all data of Quorum on this machine.
        database_url: an administrator's URL of a PostgreSQL server; None means the embedded one.
        telegram_bot_token: the bot starts only with a token.
        prefect_api_url: the Prefect API of a stack in containers; None means the API started by
            `quorum up` in `home`. Not Prefect's own variable, which may name another project's
            server. The password is in the home in both cases.
        worker_type: "warm" runs flows inside a single process (flows/worker/worker.py), "process"
            starts an interpreter for each run, like Prefect by default. Server and workers need
            the same type.
    """

    model_config = SettingsConfigDict(env_prefix="QUORUM_", env_file=".env", extra="ignore")

    home: Path = Path(".quorum")
    database_url: SecretStr | None = None
    telegram_bot_token: SecretStr | None = Field(None, validation_alias="TELEGRAM_BOT_TOKEN")
    prefect_api_url: str | None = None
    worker_type: Literal["warm", "process"] = "warm"
