"""Price source of a stack, decided once at the start.

--market over QUORUM_MARKET -> opened once -> live, sample or recorded:FILE for every child

Decided once, because a paper position opened on one market and closed on another would have a
meaningless result: `auto` never reaches a child.
"""

from dataclasses import dataclass
from pathlib import Path

from blocks.markets import open_market
from blocks.settings import VenueSettings
from trading.domain.units import VenueName
from trading.market.snapshot import MarketSource

MADE_UP = "The prices are MADE UP by a seeded generator (sample market): nothing here is real."


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenMarket:
    """
    The market of a stack.

    Attributes:
        setting: value for QUORUM_MARKET; never auto.
        venue: preferred source of prices, QUORUM_VENUE.
        namespace: identifies the prices; stacks with an equal namespace trade on equal prices.
        notice: a notice for the user; empty without any.
    """

    setting: str
    venue: VenueName
    namespace: str
    notice: str


async def choose_market(wanted: str | None) -> ChosenMarket:
    """
    Choose a market; `wanted` None means the environment's setting.

    Raises:
        BadInput: for an unknown word, or a recording unfit for trading.
    """
    settings = VenueSettings() if wanted is None else VenueSettings(market=wanted)
    opened = await open_market(settings)
    try:
        source = opened.market.source
        notice = opened.notice or (MADE_UP if source is MarketSource.SAMPLE else "")
        setting = source.value
        if source is MarketSource.RECORDED:  # absolute: a run has another working directory
            _, _, file = settings.market.partition(":")
            setting = f"{source}:{_absolute(file)}"
        return ChosenMarket(
            setting=setting, venue=opened.venue, namespace=opened.namespace, notice=notice
        )
    finally:
        await opened.close()


def _absolute(file: str) -> Path:
    return Path(file).expanduser().absolute()
