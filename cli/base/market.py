"""Which prices a stack trades on, decided once when it starts.

--market over QUORUM_MARKET -> opened once -> live, sample or recorded:FILE for every child

Decided once, because a paper position that was opened on one market and closed on another would be
worth nothing that anybody can explain: `auto` never reaches a child.
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
        setting: what QUORUM_MARKET takes; never auto.
        venue: whose prices are preferred, QUORUM_VENUE.
        namespace: names the prices; two stacks that have the same trade on the same.
        notice: what a person has to know; empty when there is nothing.
    """

    setting: str
    venue: VenueName
    namespace: str
    notice: str


async def choose_market(wanted: str | None) -> ChosenMarket:
    """
    Settle on a market; `wanted` None means what the environment says.

    Raises:
        BadInput: for an unknown word, or a recording that can't be traded on.
    """
    settings = VenueSettings() if wanted is None else VenueSettings(market=wanted)
    opened = await open_market(settings)
    try:
        source = opened.market.source
        notice = opened.notice or (MADE_UP if source is MarketSource.SAMPLE else "")
        setting = source.value
        if source is MarketSource.RECORDED:  # absolute: a run works in a folder of its own
            _, _, file = settings.market.partition(":")
            setting = f"{source}:{_absolute(file)}"
        return ChosenMarket(
            setting=setting, venue=opened.venue, namespace=opened.namespace, notice=notice
        )
    finally:
        await opened.close()


def _absolute(file: str) -> Path:
    return Path(file).expanduser().absolute()
