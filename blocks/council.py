"""The council: the configured voters of the installation.

    CouncilSettings -> council_from_settings() -> Model, Model, Model
    the same, and blocks saved in Prefect -> open_council() -> Model, Model, Model

"auto" gives every provider with a key and a default model a seat, "strong" a seat for a dearer
model. A single voice is no quorum, so below two voices the offline rules fill the council up to
three; rules are named as rules everywhere. A seat "block:gpt" is the model block saved by the
operator in Prefect under the name "gpt": the block's key is then in no environment at all.
"""

from collections.abc import Iterable
from typing import cast

from blocks.model import ModelBlock
from blocks.models.base import Seat
from blocks.models.catalog import VendorCatalog
from blocks.models.dialects import PROVIDERS, find_provider
from blocks.models.prices import show_prices, update_prices
from blocks.models.settings import AUTO, STRONG, CouncilSettings
from trading.council.seats import SeatView
from trading.domain.errors import PermanentError
from trading.domain.messages import message
from trading.ports import Model

OFFLINE_SEATS = ("offline-trend", "offline-mean-reversion", "offline-breakout")
SAVED = "block:"
"""Beginning of a seat that is a block saved in Prefect."""

NO_PRICE = "free"
"""Of a rule."""

FULL_COUNCIL = 3
SMALLEST_COUNCIL = 2


def council_from_settings(settings: CouncilSettings | None = None) -> tuple[Model, ...]:
    """
    The voters in the order of their seats.

    Raises:
        PermanentError: for a provider that does not exist, lacks its key or price, or is named
            twice.
    """
    chosen = settings or CouncilSettings()
    return _seat(build_block(seat, settings=chosen).get_client() for seat in choose_seats(chosen))


async def open_council(settings: CouncilSettings | None = None) -> tuple[Model, ...]:
    """
    As `council_from_settings`, with seats that are blocks saved in Prefect, at updated prices.

    Raises:
        PermanentError: also for a block that Prefect does not have, or that can't be loaded.
    """
    chosen = settings or CouncilSettings()
    if chosen.price_updates != "off":
        await update_prices("" if chosen.price_updates == "on" else chosen.price_updates)
    if not any(seat.startswith(SAVED) for seat in chosen.council):
        return council_from_settings(chosen)
    return _seat([await _open_seat(seat, settings=chosen) for seat in chosen.council])


def build_block(seat: str, *, settings: CouncilSettings) -> ModelBlock:
    """The block of a seat, in the form registered in Prefect."""
    provider, _, model = seat.partition(":")
    if provider not in PROVIDERS:
        return ModelBlock(provider=provider)
    model = model or PROVIDERS[provider].default_model
    return ModelBlock(
        provider=provider,
        model=model,
        key=getattr(settings, f"{provider}_api_key"),
        base_url=getattr(settings, f"{provider}_base_url"),
        prices=settings.prices.get(f"{provider}:{model}", ""),
        deadline_seconds=settings.model_deadline_seconds,
        max_output_tokens=settings.model_max_output_tokens,
    )


def choose_seats(settings: CouncilSettings) -> tuple[str, ...]:
    """The seats by name: as configured, or by the available keys."""
    if settings.council == ("offline",):
        return OFFLINE_SEATS
    if settings.council not in {AUTO, STRONG}:
        return settings.council
    is_strong = settings.council == STRONG
    models = {
        name: (provider.strong_model if is_strong else "") or provider.default_model
        for name, provider in PROVIDERS.items()
        if getattr(settings, f"{name}_api_key")
    }
    seats = tuple(f"{name}:{model}" for name, model in models.items() if model)
    if len(seats) >= SMALLEST_COUNCIL:
        return seats
    return seats + OFFLINE_SEATS[: FULL_COUNCIL - len(seats)]


def view_seats(models: Iterable[Model]) -> tuple[SeatView, ...]:
    """The seats for people, in the order of the models; nothing is asked yet."""
    return tuple(map(_view_seat, models))


def _view_seat(model: Model) -> SeatView:
    seat = getattr(model, "seat", None)
    if not isinstance(seat, Seat):
        return SeatView(identity=model.identity, price=NO_PRICE, catalog=None)
    provider = find_provider(model.identity.name.partition(":")[0])
    return SeatView(
        identity=model.identity,
        price=show_prices(seat.prices),
        catalog=VendorCatalog(seat=seat, is_messages=provider.is_messages),
    )


def _seat(models: Iterable[Model]) -> tuple[Model, ...]:
    """
    The council, each voter once.

    Raises:
        PermanentError: for a voter in two seats.
    """
    seated = tuple(models)
    names = [model.identity.name for model in seated]
    if len(set(names)) != len(names):
        raise PermanentError(message("seat-twice", seats=", ".join(names)))
    return seated


async def _open_seat(seat: str, *, settings: CouncilSettings) -> Model:
    if not seat.startswith(SAVED):
        return build_block(seat, settings=settings).get_client()
    name = seat.removeprefix(SAVED)
    try:
        block = cast("ModelBlock", await ModelBlock.aload(name))
    except ValueError:  # Prefect's error for an unknown name; the error's text is not for people
        raise PermanentError(message("seat-block-missing", name=name)) from None
    return block.get_client()
