"""Look up a pair at a venue and store the trading rules; a flow, as the bot asks no venue.

venue, pair -> MarketData -> rules in the database, or Failed with the reason
"""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from tasks.market.instruments import learn_rules
from tasks.runtime.caching import RESULTS, Unavailable
from tasks.runtime.states import take
from trading.domain.messages import write_state
from trading.domain.units import Pair, VenueName


@flow(
    name="look-up-pair",
    flow_run_name="{pair} at {venue}",
    persist_result=False,
    result_storage=RESULTS,
)
async def look_up_pair(venue: str, pair: str) -> State[None]:
    """
    Fetch and store the trading rules of a pair.

    Args:
        venue: source of the prices of the pair, binance or bybit.
        pair: BTC/USDT.
    """
    name = Pair.parse(pair)
    learned = await take(learn_rules(VenueName(venue), name, return_state=True))
    if isinstance(learned, Unavailable):
        return Failed(message=write_state(learned.reason))
    return Completed(message=f"{name} is traded at {venue}.")
