"""The market block: where the prices come from, as the operator sees it in Prefect.

MarketBlock (kind, venue, file, seed) -> get_client() -> MarketData

It holds no key: everything it opens is public. `blocks.markets` opens it, also for those who work
without Prefect.
"""

from pathlib import Path
from typing import Literal

from prefect.blocks.core import Block

from blocks.markets import MarketChoice, OpenedMarket, open_choice
from trading.domain.units import VenueName
from trading.ports import MarketData


class MarketBlock(Block):
    """
    One source of market data.

    Attributes:
        kind: auto (live, or the sample when no venue answers), live, recorded or sample.
        venue: whose live prices are preferred.
        path: of the recording, for kind recorded.
        seed: of the made-up market, for kinds sample and auto.
    """

    _block_type_name = "Quorum Market"
    _block_type_slug = "quorum-market"
    _description = "Prices: of a venue, of a recording, or made up and labelled so."

    kind: Literal["auto", "live", "recorded", "sample"] = "auto"
    venue: Literal["binance", "bybit"] = "binance"
    path: str | None = None
    seed: int = 7

    async def get_client(self) -> MarketData:
        """
        The preferred venue's market data.

        Raises:
            BadInput: for a recording that can't be traded on.
        """
        return (await self.open()).market

    async def open(self) -> OpenedMarket:
        """
        The market data of all venues, with what a person has to know about it.

        Raises:
            BadInput: for a recording that can't be traded on.
        """
        choice = MarketChoice(
            kind=self.kind,
            venue=VenueName(self.venue),
            path=None if self.path is None else Path(self.path),
            seed=self.seed,
        )
        return await open_choice(choice)
