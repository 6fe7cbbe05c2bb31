"""What the bot reads from the environment: its token, who may sign up, how patient it is.

environment (TELEGRAM_BOT_TOKEN, QUORUM_...), then .env, then the defaults below -> BotSettings
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from trading.risk.limits import RiskLimits


class Signup(StrEnum):
    """Who may become a user."""

    OPEN = "open"
    INVITATION = "invitation"
    CLOSED = "closed"


class BotSettings(BaseSettings):
    """
    Settings of the telegram room.

    Attributes:
        telegram_bot_token: from @BotFather.
        telegram_api_url: a Bot API server other than Telegram's own.
        telegram_admins: Telegram ids (numbers, commas between) that are admins from /start on.
        signup: open, invitation or closed; admins always get in.
        invitation_code: what follows /start when sign-up is by invitation.
        limits: the installation's risk limits, read as the worker reads them.
        button_minutes: how long a button may be pressed.
        dialog_minutes: how long a question waits for its answer.
        raise_hours: what a user waits for a looser limit.
        live_days, live_trades: on paper before live trading may be asked for.
        live_unlocked: pairs may be switched to live; the worker has the same lock.
        sync_seconds: between two looks whether Prefect matches the database.
        lookup_seconds: patience with a flow that looks something up for us.
        messages_per_minute: of one person; more are dropped.
    """

    model_config = SettingsConfigDict(
        env_prefix="QUORUM_",
        env_file=".env",
        env_nested_delimiter="__",
        extra="ignore",
        hide_input_in_errors=True,
    )

    telegram_bot_token: SecretStr | None = Field(None, validation_alias="TELEGRAM_BOT_TOKEN")
    telegram_api_url: str | None = None
    telegram_admins: Annotated[frozenset[int], NoDecode] = frozenset()
    signup: Signup = Signup.OPEN
    invitation_code: SecretStr | None = None
    limits: RiskLimits = RiskLimits()
    button_minutes: float = Field(10, gt=0, le=1440)
    dialog_minutes: float = Field(10, gt=0, le=1440)
    raise_hours: float = Field(1, gt=0, le=168)
    live_days: int = Field(30, ge=0, le=365)
    live_trades: int = Field(20, ge=0, le=1000)
    live_unlocked: bool = False
    sync_seconds: float = Field(180, gt=0, le=3600)
    lookup_seconds: float = Field(30, gt=0, le=300)
    messages_per_minute: int = Field(40, ge=1, le=10_000)

    @field_validator("telegram_admins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return frozenset(int(word) for word in value.replace(",", " ").split())
        return value

    @property
    def button_life(self) -> timedelta:
        """`button_minutes` as a duration."""
        return timedelta(minutes=self.button_minutes)

    @property
    def dialog_life(self) -> timedelta:
        """`dialog_minutes` as a duration."""
        return timedelta(minutes=self.dialog_minutes)

    @property
    def raise_wait(self) -> timedelta:
        """`raise_hours` as a duration."""
        return timedelta(hours=self.raise_hours)
