"""The model block: one seat of the council, visible to the operator in Prefect.

    ModelBlock (provider, key, prices, limits) -> get_client() -> Model

The seats are chosen in `blocks.council`. A key lives in the block's secret field and in the
client, never in a parameter, result, log or exception. The SDKs are imported on first use:
together the imports take two seconds, not needed for a council of rules.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Literal

from prefect.blocks.core import Block
from pydantic import Field, SecretStr

from blocks.models.base import Prices, Seat
from blocks.models.offline import build_offline_model
from trading.council.decisions import ModelIdentity
from trading.domain.errors import PermanentError
from trading.ports import Model

DEEPSEEK_URL = "https://api.deepseek.com/v1"


class ModelBlock(Block):
    """
    One voter.

    Attributes:
        provider: name of the adapter, a value of `_BUILDERS`; also the vendor's voice.
        model: the vendor's name of the model; empty for the offline rules.
        key: the vendor's key.
        base_url: None for the vendor's own address.
        input_usd, cached_input_usd, output_usd: prices per million tokens.
        deadline_seconds: for one answer.
        max_output_tokens: the cap of one answer.
        reasoning_effort: of OpenAI's reasoning models; empty for other models.
        output_mode: method to enforce the schema in chat completions.
    """

    _block_type_name = "Quorum Model"
    _block_type_slug = "quorum-model"
    _description = "A voter of the council: a language model or an offline rule."

    provider: str = "offline-trend"
    model: str = ""
    key: SecretStr | None = None
    base_url: str | None = None
    input_usd: Decimal = Field(Decimal(0), ge=0)
    cached_input_usd: Decimal = Field(Decimal(0), ge=0)
    output_usd: Decimal = Field(Decimal(0), ge=0)
    deadline_seconds: float = Field(60.0, gt=0, le=600)
    max_output_tokens: int = Field(2000, ge=200, le=32_000)
    reasoning_effort: str = ""
    output_mode: Literal["json_schema", "tool"] = "json_schema"

    def get_client(self) -> Model:
        """
        The voter.

        Raises:
            PermanentError: for an unknown provider, or a missing key or model.
        """
        builder = _BUILDERS.get(self.provider)
        if builder is None:
            known = ", ".join(_BUILDERS)
            raise PermanentError(
                f"There is no model provider {self.provider!r}; there are {known}."
            )
        return builder(self)


def _build_chat_model(block: ModelBlock) -> Model:
    from blocks.models.openai import OpenAIModel  # noqa: PLC0415  (see the module's docstring)

    return OpenAIModel(
        seat=_build_seat(block),
        output_mode=block.output_mode,
        reasoning_effort=block.reasoning_effort or None,
    )


def _build_claude(block: ModelBlock) -> Model:
    from blocks.models.anthropic import AnthropicModel  # noqa: PLC0415  (the same)

    return AnthropicModel(seat=_build_seat(block))


def _build_seat(block: ModelBlock) -> Seat:
    if block.key is None or not block.key.get_secret_value() or not block.model:
        raise PermanentError(f"The model provider {block.provider!r} needs a key and a model.")
    return Seat(
        identity=ModelIdentity(
            name=f"{block.provider} {block.model}", vendor=block.provider, is_offline=False
        ),
        model=block.model,
        key=block.key,
        base_url=block.base_url,
        prices=Prices(
            input_usd=block.input_usd,
            cached_input_usd=block.cached_input_usd,
            output_usd=block.output_usd,
        ),
        deadline_seconds=block.deadline_seconds,
        max_output_tokens=block.max_output_tokens,
    )


_BUILDERS: dict[str, Callable[[ModelBlock], Model]] = {
    "offline-trend": lambda _: build_offline_model("trend"),
    "offline-mean-reversion": lambda _: build_offline_model("mean-reversion"),
    "offline-breakout": lambda _: build_offline_model("breakout"),
    "openai": _build_chat_model,
    "deepseek": _build_chat_model,
    "anthropic": _build_claude,
}
