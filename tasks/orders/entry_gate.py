"""Permission: what an entry still needs in the instant before it is posted.

    intent -> reduces? always -> switches of system, venues, user; the pair's pause -> "" | why not

A cycle has read the same when it reserved the entry. Seconds may lie between: leverage is set, a
lease is waited for, a person halts everything meanwhile. Read in the transaction that marks the
entry as sending, so after a halt is committed nothing new is licensed anywhere. What was licensed
before it is posted at once or not at all: the lease covers that one call only.
"""

from db.session import Tenant
from trading.domain.accounts import PairConfig
from trading.domain.orders import OrderIntent
from trading.domain.units import TradingState


async def find_refusal(tenant: Tenant, intent: OrderIntent) -> str:
    """Why an order must not be posted now, as a sentence; "" when it may, as all exits may."""
    if intent.reduce_only:
        return ""
    config = await tenant.pairs.load_pair(intent.pair)
    if config is None or config.is_paused:
        return f"{intent.pair} is paused."
    state = await load_trading_state(tenant, config)
    return "" if state is TradingState.ACTIVE else f"Trading is {state}."


async def load_trading_state(tenant: Tenant, config: PairConfig) -> TradingState:
    """The strictest of the system, the user, the venue of the orders and that of the prices."""
    return await tenant.states.load_trading_state(config.trade_venue, config.venue)
