"""Settings of the council, from the environment.

    environment, then .env, then the defaults below -> CouncilSettings

Keys carry the names used by the vendors' own tools. Keys and addresses are stripped; an empty
address means the provider's own.
"""

from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from blocks.models.prices import parse_prices

AUTO = ("auto",)
STRONG = ("strong",)


class CouncilSettings(BaseSettings):
    """
    Settings of the council.

    Attributes:
        council: seats as PROVIDER:MODEL, as PROVIDER for its default model, or as `block:NAME` of
            a block saved in Prefect, separated by commas (`QUORUM_COUNCIL`); or "auto", "strong",
            "offline".
        prices: SEAT=input/cached/write/output in dollars per million tokens, separated by commas.
        price_updates: "on" reads the newest price list of `genai-prices` at every start, an
            address reads a list there; "off" uses the list in the package.
        model_deadline_seconds: time for one answer.
        model_max_output_tokens: the cap of one answer, thinking not counted.
        openai_base_url, anthropic_base_url, deepseek_base_url, openrouter_base_url,
            gemini_base_url, xai_base_url, qwen_base_url, ollama_base_url, compatible_base_url:
            address of the API in place of the provider's own.
        openai_api_key, anthropic_api_key, deepseek_api_key, openrouter_api_key, gemini_api_key,
            xai_api_key, qwen_api_key, ollama_api_key, compatible_api_key: key of the provider;
            with `auto` each key is a seat.
    """

    model_config = SettingsConfigDict(env_prefix="QUORUM_", env_file=".env", extra="ignore")

    council: Annotated[tuple[str, ...], NoDecode] = AUTO
    prices: Annotated[dict[str, str], NoDecode] = Field(default_factory=dict)
    price_updates: str = Field("off", pattern=r"^(off|on|https?://\S+)$")
    model_deadline_seconds: float = Field(60.0, gt=0, le=600)
    model_max_output_tokens: int = Field(2000, ge=200, le=32_000)
    openai_base_url: str | None = None
    anthropic_base_url: str | None = None
    deepseek_base_url: str | None = None
    openrouter_base_url: str | None = None
    gemini_base_url: str | None = None
    xai_base_url: str | None = None
    qwen_base_url: str | None = None
    ollama_base_url: str | None = None
    compatible_base_url: str | None = None
    openai_api_key: SecretStr | None = Field(None, validation_alias="OPENAI_API_KEY")
    anthropic_api_key: SecretStr | None = Field(None, validation_alias="ANTHROPIC_API_KEY")
    deepseek_api_key: SecretStr | None = Field(None, validation_alias="DEEPSEEK_API_KEY")
    openrouter_api_key: SecretStr | None = Field(None, validation_alias="OPENROUTER_API_KEY")
    gemini_api_key: SecretStr | None = Field(None, validation_alias="GEMINI_API_KEY")
    xai_api_key: SecretStr | None = Field(None, validation_alias="XAI_API_KEY")
    qwen_api_key: SecretStr | None = Field(None, validation_alias="DASHSCOPE_API_KEY")
    ollama_api_key: SecretStr | None = Field(None, validation_alias="OLLAMA_API_KEY")
    compatible_api_key: SecretStr | None = Field(
        None, validation_alias="QUORUM_COMPATIBLE_API_KEY"
    )

    @field_validator("council", mode="before")
    @classmethod
    def _split_names(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(_lower_provider(part) for part in value.split(",") if part.strip())

    @field_validator("prices", mode="before")
    @classmethod
    def _split_prices(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        rows = [part.strip().rpartition("=") for part in value.split(",") if part.strip()]
        return {_lower_provider(seat): text for seat, _, text in rows}

    @field_validator("prices")
    @classmethod
    def _check_prices(cls, prices: dict[str, str]) -> dict[str, str]:
        for text in prices.values():
            parse_prices(text)
        return prices

    @field_validator("*", mode="before")
    @classmethod
    def _strip(cls, value: object) -> object:
        """Strip keys and addresses: files end with a newline; an empty value means none."""
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        return (text.strip() or None) if isinstance(text, str) else value


def _lower_provider(seat: str) -> str:
    """The seat with the provider in small letters; a model's name keeps the case."""
    provider, colon, model = seat.strip().partition(":")
    return provider.strip().lower() + colon + model.strip()
