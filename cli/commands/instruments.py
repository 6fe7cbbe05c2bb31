"""The venue's rules for a pair: what stands in the database, or the market's own word.

live and younger than a day -> database;  else MarketData.fetch_instrument

A made-up or recorded market costs nothing to ask, so it is asked every time: it knows fewer pairs
than the venue whose rules a day-old row may hold.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from trading.domain.errors import BadInput, PermanentError
from trading.domain.instruments import Instrument
from trading.domain.units import Pair, VenueName
from trading.market.snapshot import MarketSource

if TYPE_CHECKING:
    from cli.base.session import Session

RULES_LIFE = timedelta(days=1)


async def load_instrument(
    session: "Session", venue: VenueName, *, pair: Pair, now: datetime
) -> Instrument:
    """
    The rules of `pair` at `venue`, as the market of this installation tells them.

    Raises:
        BadInput: for a pair that is not traded there.
        TransientError: when the venue does not answer.
    """
    from blocks.markets import open_market
    from blocks.settings import VenueSettings

    settings = VenueSettings()
    if (state := session.home.load_state()) is not None:
        # The market that the running stack settled on; `auto` is not answered twice.
        settings = settings.model_copy(update={"market": str(state["market"])})
    opened = await open_market(settings)
    try:
        market = opened.markets[venue]
        if market.source is MarketSource.LIVE:
            async with session.database.operator() as operator:
                known = await operator.instruments.load_instrument(venue, pair=pair)
            if known is not None and now - known.fetched_at < RULES_LIFE:
                return known
        try:
            return replace(await market.fetch_instrument(pair, as_of=now), venue=venue)
        except PermanentError as error:
            raise BadInput(error.sentence) from None
    finally:
        await opened.close()
