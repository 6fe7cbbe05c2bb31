"""Who sits in the council, from the environment.

environment, then .env, then the defaults below -> CouncilSettings

The keys carry the names that the vendors' own tools use. With `council` at "auto" every vendor
with a key has a seat; with no key at all the three offline rules vote.
"""

from typing import Annotated

from pydantic import Field
from pydantic import SecretStr
from pydantic import field_validator
from pydantic_settings import BaseSettings
from pydantic_settings import NoDecode
from pydantic_settings import SettingsConfigDict

AUTO = ("auto",)


class CouncilSettings(BaseSettings):
    """
    Settings of the council.

    Attributes:
        council: seats by provider name, separated by commas (`QUORUM_COUNCIL`), or "auto".
        model_deadline_seconds: how long one answer may take.
        model_max_output_tokens: the cap of one answer.
        openai_model, deepseek_model, anthropic_model: what is asked at each vendor.
    """

    model_config = SettingsConfigDict(env_prefix="QUORUM_", env_file=".env", extra="ignore")

    council: Annotated[tuple[str, ...], NoDecode] = AUTO
    model_deadline_seconds: float = Field(60.0, gt=0, le=600)
    model_max_output_tokens: int = Field(2000, ge=200, le=32000)
    openai_model: str = "gpt-5-mini"
    deepseek_model: str = "deepseek-chat"
    anthropic_model: str = "claude-sonnet-4-5"
    openai_api_key: SecretStr | None = Field(None, validation_alias="OPENAI_API_KEY")
    deepseek_api_key: SecretStr | None = Field(None, validation_alias="DEEPSEEK_API_KEY")
    anthropic_api_key: SecretStr | None = Field(None, validation_alias="ANTHROPIC_API_KEY")

    @field_validator("council", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip().lower() for part in value.split(",") if part.strip())

    def key_of(self, provider: str) -> SecretStr | None:
        """The vendor's key, None when there is none or none is needed."""
        return {
            "openai": self.openai_api_key,
            "deepseek": self.deepseek_api_key,
            "anthropic": self.anthropic_api_key,
        }.get(provider)
