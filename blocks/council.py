"""The council: voters of this installation.

    CouncilSettings -> council_from_settings() -> Model, Model, Model
        CouncilSettings and blocks saved in Prefect -> open_council() -> Model, Model, Model

"auto" gives every vendor with a key a seat. A single voice is no quorum, so with fewer than two
keys the offline rules fill the council up to three; receipts name the rules as rules. A seat
"block:gpt" is a model block saved in Prefect by the operator under the name "gpt": the key of the
model is then in no environment at all.
"""

from typing import cast

from blocks.model import DEEPSEEK_URL, ModelBlock
from blocks.models.settings import AUTO, CouncilSettings
from trading.domain.errors import PermanentError
from trading.ports import Model

OFFLINE_SEATS = ("offline-trend", "offline-mean-reversion", "offline-breakout")
SAVED = "block:"
"""How a seat begins that is a block saved in Prefect."""

FULL_COUNCIL = 3
SMALLEST_COUNCIL = 2


def council_from_settings(settings: CouncilSettings | None = None) -> tuple[Model, ...]:
    """
    The voters in the order of their seats.

    Raises:
        PermanentError: for an unknown provider, a missing key or a provider named twice.
    """
    chosen = settings or CouncilSettings()
    seats = _choose_seats(chosen)
    if len(set(seats)) != len(seats):
        raise PermanentError(f"QUORUM_COUNCIL names a voter twice: {', '.join(seats)}.")
    return tuple(build_block(seat, settings=chosen).get_client() for seat in seats)


async def open_council(settings: CouncilSettings | None = None) -> tuple[Model, ...]:
    """
    As `council_from_settings`, with seats from blocks saved in Prefect.

    Raises:
        PermanentError: also for a block missing in Prefect or impossible to load.
    """
    chosen = settings or CouncilSettings()
    if not any(seat.startswith(SAVED) for seat in chosen.council):
        return council_from_settings(chosen)
    models = [await _open_seat(seat, settings=chosen) for seat in chosen.council]
    if len({model.identity.name for model in models}) != len(models):
        raise PermanentError(f"QUORUM_COUNCIL names a voter twice: {', '.join(chosen.council)}.")
    return tuple(models)


async def _open_seat(seat: str, *, settings: CouncilSettings) -> Model:
    if not seat.startswith(SAVED):
        return build_block(seat, settings=settings).get_client()
    name = seat.removeprefix(SAVED)
    try:
        block = cast("ModelBlock", await ModelBlock.aload(name))
    except ValueError:  # raised by Prefect for an unknown name; Prefect's text is not passed on
        raise PermanentError(f"There is no model block {name!r} in Prefect.") from None
    return block.get_client()


def build_block(provider: str, *, settings: CouncilSettings) -> ModelBlock:
    """The block of a seat, as registered in Prefect."""
    if provider not in _VENDORS:
        return ModelBlock(provider=provider)
    prices = getattr(settings, f"{provider}_prices")
    block = ModelBlock(
        provider=provider,
        model=getattr(settings, f"{provider}_model"),
        key=getattr(settings, f"{provider}_api_key"),
        base_url=getattr(settings, f"{provider}_base_url"),
        input_usd=prices[0],
        cached_input_usd=prices[1],
        output_usd=prices[2],
        deadline_seconds=settings.model_deadline_seconds,
        max_output_tokens=settings.model_max_output_tokens,
    )
    if provider == "openai":
        block.reasoning_effort = settings.openai_reasoning_effort
    if provider == "deepseek":
        block.base_url = block.base_url or DEEPSEEK_URL
        block.output_mode = "tool"
    return block


def _choose_seats(settings: CouncilSettings) -> tuple[str, ...]:
    if settings.council == ("offline",):
        return OFFLINE_SEATS
    if settings.council != AUTO:
        return settings.council
    seats = tuple(name for name in _VENDORS if getattr(settings, f"{name}_api_key"))
    if len(seats) >= SMALLEST_COUNCIL:
        return seats
    return seats + OFFLINE_SEATS[: FULL_COUNCIL - len(seats)]


_VENDORS = ("openai", "deepseek", "anthropic")
