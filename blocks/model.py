"""The model block: a seat of the council, as the operator sees the seat in Prefect.

    ModelBlock (provider, model, key, limits) -> get_client() -> Model

The seats themselves are chosen in `blocks.council`. A key lives in the block's secret field and in
the client; no parameter, result, log or exception holds a key. The SDKs are imported on first use
of a key: the imports take two seconds together, a cost to avoid for a council of rules.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from prefect.blocks.core import Block
from pydantic import Field, SecretStr

from blocks.models.base import Seat
from blocks.models.dialects import (
    FOREIGN_MARK,
    PROVIDERS,
    Provider,
    find_dialect,
    find_maker,
)
from blocks.models.offline import OFFLINE_MODELS, build_offline_model
from blocks.models.prices import FREE, Prices, find_prices
from trading.council.decisions import ModelIdentity
from trading.domain.errors import PermanentError
from trading.domain.messages import message
from trading.ports import Model


class ModelBlock(Block):
    """
    Configuration of a voter.

    Attributes:
        provider: one of `model_providers()`.
        model: the vendor's name of the model; empty for the provider's default and for rules.
        key: the vendor's key.
        base_url: None for the provider's own.
        prices: input/cached/write/output in dollars per million tokens; empty for the list's.
        deadline_seconds: for one answer.
        max_output_tokens: the cap of one answer, thinking not counted.
    """

    _block_type_name = "Quorum Model"
    _block_type_slug = "quorum-model"
    _description = "A voter of the council: a language model or an offline rule."

    provider: str = "offline-trend"
    model: str = ""
    key: SecretStr | None = None
    base_url: str | None = None
    prices: str = ""
    deadline_seconds: float = Field(60.0, gt=0, le=600)
    max_output_tokens: int = Field(2000, ge=200, le=32_000)

    def get_client(self) -> Model:
        """
        The voter.

        Raises:
            PermanentError: for an unknown provider, and for a key, model, address or price that is
                missing.
        """
        if self.provider in OFFLINE_MODELS:
            return build_offline_model(self.provider)
        if self.provider not in PROVIDERS:
            known = ", ".join(model_providers())
            raise PermanentError(
                message("seat-provider-unknown", provider=self.provider, known=known)
            )
        return _build_client(build_seat(self), is_messages=PROVIDERS[self.provider].is_messages)


def model_providers() -> tuple[str, ...]:
    """Every valid name for `provider`."""
    return (*OFFLINE_MODELS, *PROVIDERS)


def build_seat(block: ModelBlock) -> Seat:
    """
    The seat of a language model.

    Raises:
        PermanentError: as `ModelBlock.get_client`.
    """
    provider = PROVIDERS[block.provider]
    model = block.model.strip() or provider.default_model
    key = block.key.get_secret_value().strip() if block.key else ""
    if not model or (provider.needs_key and not key):
        raise PermanentError(message("seat-without-key", provider=block.provider))
    base_url = (block.base_url or "").strip() or provider.base_url
    if not base_url:
        setting = f"QUORUM_{block.provider.upper()}_BASE_URL"
        raise PermanentError(
            message("seat-without-address", seat=f"{block.provider}:{model}", setting=setting)
        )
    seat = f"{block.provider}:{model}"
    return Seat(
        identity=ModelIdentity(
            name=seat, vendor=find_maker(block.provider, model), is_offline=False
        ),
        model=model,
        key=SecretStr(key),
        base_url=base_url,
        dialect=find_dialect(block.provider, model),
        prices=_price(block, provider, seat=seat, base_url=base_url),
        deadline_seconds=block.deadline_seconds,
        max_output_tokens=block.max_output_tokens,
    )


def _price(block: ModelBlock, provider: Provider, *, seat: str, base_url: str) -> Prices:
    """Own prices first; a model on this machine or network is free; else the list's."""
    is_free = provider.is_free and not seat.endswith(FOREIGN_MARK)
    if not block.prices and (is_free or (block.provider == "compatible" and _is_near(base_url))):
        return FREE
    return find_prices(seat, price_list=provider.price_list, own=block.prices or None)


def _is_near(base_url: str) -> bool:
    """Whether an address is on this machine or in a private network."""
    host = urlsplit(base_url).hostname or ""
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith((".local", ".internal", ".localhost"))


def _build_client(seat: Seat, *, is_messages: bool) -> Model:
    if is_messages:
        from blocks.models.anthropic import AnthropicModel  # noqa: PLC0415  (see the docstring)

        return AnthropicModel(seat=seat)
    from blocks.models.openai import OpenAIModel  # noqa: PLC0415  (the same)

    return OpenAIModel(seat=seat)
