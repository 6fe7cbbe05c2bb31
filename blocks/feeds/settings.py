"""Settings of the feeds, from the environment.

environment, then .env, then the defaults below -> FeedSettings
"""

from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class FeedSettings(BaseSettings):
    """
    Settings of the news.

    Attributes:
        feeds: names, separated by commas in the environment (`QUORUM_FEEDS`).
    """

    model_config = SettingsConfigDict(env_prefix="QUORUM_", env_file=".env", extra="ignore")

    feeds: Annotated[tuple[str, ...], NoDecode] = ("empty",)
    x_bearer_token: SecretStr | None = Field(None, validation_alias="X_BEARER_TOKEN")

    @field_validator("feeds", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip().lower() for part in value.split(",") if part.strip())

    def key_of(self, kind: str) -> SecretStr | None:
        """The key of a feed, where needed."""
        return self.x_bearer_token if kind == "x" else None
