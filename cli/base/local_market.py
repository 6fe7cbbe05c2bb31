"""The market of this machine as a port of the commands: a venue's rules for a pair.

live market and rules younger than a day -> stored rules;  else MarketData.fetch_instrument

A generated or recorded market is asked every time: the market may know fewer pairs than the stored
venue.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from trading.domain.errors import BadInput, PermanentError

if TYPE_CHECKING:
    from cli.base.home import Home
    from trading.domain.instruments import Instrument
    from trading.domain.units import Pair, VenueName


@dataclass(frozen=True, slots=True)
class LocalMarket:
    """Implements `commands.caller.Market` with the market of the home's stack or settings."""

    home: "Home"

    async def load_instrument(
        self, venue: "VenueName", *, pair: "Pair", known: "Instrument | None", now: datetime
    ) -> "Instrument":
        """Load the rules of `pair`; arguments and errors as of `commands.caller.Market`."""
        from blocks.markets import open_market
        from blocks.settings import VenueSettings
        from trading.market.snapshot import MarketSource

        settings = VenueSettings()
        if (state := self.home.load_state()) is not None:
            # The market of the running stack: a second answer to `auto` may differ.
            settings = settings.model_copy(update={"market": str(state["market"])})
        opened = await open_market(settings)
        try:
            market = opened.markets[venue]
            if market.source is MarketSource.LIVE and known is not None:
                return known
            return replace(await market.fetch_instrument(pair, as_of=now), venue=venue)
        except PermanentError as error:
            raise BadInput(error.message) from None
        finally:
            await opened.close()
