"""The last permission of an entry, checked in the transaction before the post.

    intent -> reduces? always -> switches of system, venues, user; the pair's pause -> "" | why not

The risk check has read the same switches when the cycle reserved the entry. Seconds may pass in
between: setting the leverage, waiting for a lease, a halt by a person. The check runs in the
transaction with the SENDING mark, so no worker gets a permission after a committed halt. An
earlier permission covers a single post at once: the lease ends after the call.
"""

from db.session import Tenant
from trading.domain.accounts import PairConfig
from trading.domain.messages import NO_MESSAGE, Message, message
from trading.domain.orders import OrderIntent
from trading.domain.units import TradingState


async def find_refusal(tenant: Tenant, intent: OrderIntent) -> Message:
    """The reason against posting an order now; `NO_MESSAGE` when allowed, as for every exit."""
    if intent.reduce_only:
        return NO_MESSAGE
    config = await tenant.pairs.load_pair(intent.pair)
    if config is None or config.is_paused:
        return message("pair-paused", pair=str(intent.pair))
    state = await load_trading_state(tenant, config)
    return NO_MESSAGE if state is TradingState.ACTIVE else message(f"trading-{state}")


async def load_trading_state(tenant: Tenant, config: PairConfig) -> TradingState:
    """The strictest state of the system, the user, the order venue and the price venue."""
    return await tenant.states.load_trading_state(config.trade_venue, config.venue)
