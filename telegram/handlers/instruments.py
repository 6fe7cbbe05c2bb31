"""A venue's rules for a pair: what the database knows, or what a flow finds out for us.

known and younger than a day -> it;  else flow look-up-pair -> the database -> it

The bot asks no venue itself: the flow does, where the market of this installation is open.
"""

from datetime import timedelta

from telegram.request.request import Ask
from trading.domain.errors import BadInput, TransientError
from trading.domain.instruments import Instrument
from trading.domain.units import Pair

LOOK_UP = "look-up-pair/look-up-pair"
RULES_LIFE = timedelta(days=1)


async def load_rules(ask: Ask, pair: Pair) -> Instrument:
    """
    The rules of `pair` at the installation's venue.

    Raises:
        BadInput: for a pair that is not traded there.
        TransientError: when nothing is known and nobody answers.
    """
    known = await _load(ask, pair)
    if known is not None and ask.now - known.fetched_at < RULES_LIFE:
        return known
    try:
        end = await ask.services.deployments.run_to_end(
            LOOK_UP,
            parameters={"venue": str(ask.services.venue), "pair": str(pair)},
            seconds=ask.services.settings.lookup_seconds,
        )
    except TransientError:
        if known is None:
            raise
        return known
    found = await _load(ask, pair)
    if found is None or not end.is_completed:
        raise BadInput(end.message or f"{pair} could not be looked up.")
    return found


async def _load(ask: Ask, pair: Pair) -> Instrument | None:
    async with ask.operator() as operator:
        return await operator.instruments.load_instrument(ask.services.venue, pair=pair)
