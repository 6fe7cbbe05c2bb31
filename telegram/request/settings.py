"""Settings of the bot: token, sign-up, and lifetimes of buttons and questions.

environment (TELEGRAM_BOT_TOKEN, QUORUM_...), then .env, then the defaults below -> BotSettings
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from commands.settings import CommandSettings

LEAST_CODE_CHARACTERS = 8
"""With 40 messages a minute a shorter code could be guessed."""


class Signup(StrEnum):
    """Way of becoming a user."""

    OPEN = "open"
    INVITATION = "invitation"
    CLOSED = "closed"


class BotSettings(CommandSettings):
    """
    Settings of the telegram room.

    Attributes:
        telegram_bot_token: token from @BotFather.
        telegram_api_url: address of a Bot API server other than Telegram's own.
        telegram_admins: Telegram ids (numbers separated by commas) of the admins.
        signup: open, invitation or closed; admins may always sign up.
        invitation_code: word after /start when sign-up is by invitation, at least
            `LEAST_CODE_CHARACTERS`; without a code only admins sign up.
        button_minutes: lifetime of a button.
        dialog_minutes: longest wait for the answer to a question.
        sync_seconds: time between two comparisons of Prefect with the database.
        messages_per_minute: messages of one person; further messages are dropped.
    """

    telegram_bot_token: SecretStr | None = Field(None, validation_alias="TELEGRAM_BOT_TOKEN")
    telegram_api_url: str | None = None
    telegram_admins: Annotated[frozenset[int], NoDecode] = frozenset()
    signup: Signup = Signup.INVITATION
    invitation_code: SecretStr | None = None
    button_minutes: float = Field(10, gt=0, le=1440)
    dialog_minutes: float = Field(10, gt=0, le=1440)
    sync_seconds: float = Field(180, gt=0, le=3600)
    messages_per_minute: int = Field(40, ge=1, le=10_000)

    @field_validator("telegram_admins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        words = value.replace(",", " ").split()
        if not all(word.isdecimal() and word.isascii() and len(word) <= 18 for word in words):
            raise ValueError("the ids of admins are numbers, separated by commas")
        return frozenset(map(int, words))

    @field_validator("invitation_code")
    @classmethod
    def _check_code(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and 0 < len(value.get_secret_value()) < LEAST_CODE_CHARACTERS:
            raise ValueError(f"an invitation code has at least {LEAST_CODE_CHARACTERS} characters")
        return value if value and value.get_secret_value() else None

    @property
    def button_life(self) -> timedelta:
        """`button_minutes` as a duration."""
        return timedelta(minutes=self.button_minutes)

    @property
    def dialog_life(self) -> timedelta:
        """`dialog_minutes` as a duration."""
        return timedelta(minutes=self.dialog_minutes)
