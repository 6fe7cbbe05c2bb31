"""Settings of the feeds, from the environment.

environment, then .env, then the defaults below -> FeedSettings
"""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

NONE = "none"
"""The word for no feed at all."""


class FeedSettings(BaseSettings):
    """
    Settings of the news.

    Attributes:
        feeds: names and `rss:NAME=URL`, separated by commas in the environment (`QUORUM_FEEDS`);
            `none` for no feed.
        x_bearer_token: key of X's API; reads of X cost money.
        x_list: id of the list that the feed `x` reads (`QUORUM_X_LIST`).
        x_accounts: accounts that the feed `x` reads without a list (`QUORUM_X_ACCOUNTS`).
        x_day_usd: dollars for reads of X, a UTC day.
    """

    model_config = SettingsConfigDict(env_prefix="QUORUM_", env_file=".env", extra="ignore")

    feeds: Annotated[tuple[str, ...], NoDecode] = (
        "coindesk", "cointelegraph", "decrypt", "theblock", "forklog", "bybit",
    )  # fmt: skip
    x_bearer_token: SecretStr | None = Field(None, validation_alias="X_BEARER_TOKEN")
    x_list: str = ""
    x_accounts: Annotated[tuple[str, ...], NoDecode] = ()
    x_day_usd: Decimal = Field(Decimal(3), ge=0)

    @field_validator("feeds", mode="before")
    @classmethod
    def _split_feeds(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        parts = _split(value)
        named = tuple(part if part.startswith("rss:") else part.lower() for part in parts)
        return () if named == (NONE,) else named

    @field_validator("x_accounts", mode="before")
    @classmethod
    def _split_accounts(cls, value: object) -> object:
        return _split(value) if isinstance(value, str) else value


def _split(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())
