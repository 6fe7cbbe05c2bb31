"""Who sits in the council, from the environment.

    environment, then .env, then the defaults below -> CouncilSettings

The keys carry the names that the vendors' own tools use. Prices are the vendors' list prices of
the default models when this was written; a budget is only as true as they are, so whoever names
another model names its prices too.
"""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

AUTO = ("auto",)

type PriceList = Annotated[tuple[Decimal, Decimal, Decimal], NoDecode]
"""Dollars per million tokens: input, cached input, output; `0.25/0.025/2` in the environment."""


class CouncilSettings(BaseSettings):
    """
    Settings of the council.

    Attributes:
        council: seats by provider name or as `block:NAME` of a block saved in Prefect, separated
            by commas (`QUORUM_COUNCIL`), or "auto".
        model_deadline_seconds: how long one answer may take.
        model_max_output_tokens: the cap of one answer.
        openai_model, deepseek_model, anthropic_model: what is asked at each vendor.
        openai_reasoning_effort: empty for models that do not reason.
    """

    model_config = SettingsConfigDict(env_prefix="QUORUM_", env_file=".env", extra="ignore")

    council: Annotated[tuple[str, ...], NoDecode] = AUTO
    model_deadline_seconds: float = Field(60.0, gt=0, le=600)
    model_max_output_tokens: int = Field(2000, ge=200, le=32_000)
    openai_model: str = "gpt-5-mini"
    openai_reasoning_effort: str = "low"
    openai_base_url: str | None = None
    openai_prices: PriceList = (Decimal("0.25"), Decimal("0.025"), Decimal(2))
    deepseek_model: str = "deepseek-chat"
    deepseek_base_url: str | None = None
    deepseek_prices: PriceList = (Decimal("0.28"), Decimal("0.028"), Decimal("0.42"))
    anthropic_model: str = "claude-haiku-4-5"
    anthropic_base_url: str | None = None
    anthropic_prices: PriceList = (Decimal(1), Decimal("0.10"), Decimal(5))
    openai_api_key: SecretStr | None = Field(None, validation_alias="OPENAI_API_KEY")
    deepseek_api_key: SecretStr | None = Field(None, validation_alias="DEEPSEEK_API_KEY")
    anthropic_api_key: SecretStr | None = Field(None, validation_alias="ANTHROPIC_API_KEY")

    @field_validator("council", mode="before")
    @classmethod
    def _split_names(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip().lower() for part in value.split(",") if part.strip())

    @field_validator("openai_prices", "deepseek_prices", "anthropic_prices", mode="before")
    @classmethod
    def _split_prices(cls, value: object) -> object:
        return value.split("/") if isinstance(value, str) else value

    @field_validator("openai_prices", "deepseek_prices", "anthropic_prices")
    @classmethod
    def _check_prices(cls, prices: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
        if any(not price.is_finite() or price < 0 for price in prices):
            raise ValueError("a price is a finite number of dollars, at least 0")
        return prices
