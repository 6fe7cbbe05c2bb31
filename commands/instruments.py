"""A venue's rules for a pair: from the database, the market of this process, or a flow.

stored and younger than a day -> stored rules
command line                  -> Services.market (in process)
bot                           -> flow look-up-pair -> database
"""

from datetime import timedelta

from commands.caller import Caller
from trading.domain.errors import BadInput, TransientError
from trading.domain.instruments import Instrument
from trading.domain.messages import message, read_state
from trading.domain.units import Pair, VenueName

LOOK_UP = "look-up-pair/look-up-pair"
RULES_LIFE = timedelta(days=1)


async def load_instrument(caller: Caller, venue: VenueName, *, pair: Pair) -> Instrument:
    """
    Load the rules of `pair` at `venue`.

    Rules older than a day serve while no lookup is possible.

    Raises:
        BadInput: for a pair that the venue does not trade.
        TransientError: when no rules are stored and no lookup is possible.
    """
    stored = await _load_stored(caller, venue, pair=pair)
    is_fresh = stored is not None and caller.now - stored.fetched_at < RULES_LIFE
    market = caller.services.market
    if market is not None:
        known = stored if is_fresh else None
        return await market.load_instrument(venue, pair=pair, known=known, now=caller.now)
    if stored is not None and is_fresh:
        return stored
    try:
        return await _look_up(caller, venue, pair=pair)
    except TransientError:
        if stored is None:
            raise
        return stored


async def keep_instrument(caller: Caller, rules: Instrument) -> None:
    """Store rules that this process looked up; rules from a flow are stored already."""
    if caller.services.market is not None:
        async with caller.operator() as operator:
            await operator.instruments.save_instrument(rules)


async def _look_up(caller: Caller, venue: VenueName, *, pair: Pair) -> Instrument:
    gateway = caller.services.deployments
    if gateway is None:
        raise TransientError(message("pair-lookup-needs-prefect", pair=str(pair)))
    end = await gateway.run_to_end(
        LOOK_UP,
        parameters={"venue": str(venue), "pair": str(pair)},
        seconds=caller.services.settings.lookup_seconds,
    )
    found = await _load_stored(caller, venue, pair=pair)
    if found is None or not end.is_completed:
        raise BadInput(
            read_state(end.message)
            if end.message
            else message("pair-not-looked-up", pair=str(pair))
        )
    return found


async def _load_stored(caller: Caller, venue: VenueName, *, pair: Pair) -> Instrument | None:
    async with caller.operator() as operator:
        return await operator.instruments.load_instrument(venue, pair=pair)
