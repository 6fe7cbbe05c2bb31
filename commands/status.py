"""A user's pairs at a glance, from the database.

a transaction of the user -> StatusView

Asks no venue: equity and mark prices are those of the last cycle.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from commands.caller import Caller
from db.session import Tenant
from trading.cycle import CycleRecord
from trading.domain.accounts import PairConfig
from trading.domain.intents import IntentRecord
from trading.domain.positions import Position
from trading.domain.units import ZERO, TradingState
from trading.risk.circuit_breaker import Breaker


@dataclass(frozen=True, slots=True, kw_only=True)
class PairStatus:
    """
    A pair now.

    Attributes:
        equity, net_pnl: quote units as of `as_of`; the capital and 0 before the first cycle.
        mark_price: quote per base at `as_of`.
        open_orders: orders that the venue may still fill, protection included.
        orders_in_doubt: orders without a proven outcome at the venue.
        last: the newest closed cycle.
    """

    config: PairConfig
    equity: Decimal
    net_pnl: Decimal
    as_of: datetime | None
    position: Position | None
    mark_price: Decimal | None
    breaker: Breaker
    orders_in_doubt: int
    last: CycleRecord | None
    open_orders: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """
    The user now.

    Attributes:
        state: the strictest switch of the system, the pairs' venues and the user.
        breaker: circuit breaker of all the user's pairs together.
    """

    now: datetime
    state: TradingState
    breaker: Breaker
    pairs: tuple[PairStatus, ...]


async def load_status(caller: Caller) -> StatusView:
    """Load the status of every pair."""
    async with caller.tenant() as tenant:
        configs = await tenant.pairs.list_pairs()
        intents = await tenant.intents.list_open_intents()
        return StatusView(
            now=caller.now,
            state=await tenant.states.load_trading_state(*{one.venue for one in configs}),
            breaker=await tenant.breakers.load_breaker(None),
            pairs=tuple([await _load_pair(tenant, one, intents=intents) for one in configs]),
        )


async def _load_pair(
    tenant: Tenant, config: PairConfig, *, intents: tuple[IntentRecord, ...]
) -> PairStatus:
    pair = config.pair
    state = await tenant.states.load_pair_state(pair)
    own = [one for one in intents if one.intent.pair == pair]
    return PairStatus(
        config=config,
        equity=state.last_equity if state else config.capital,
        net_pnl=state.net_pnl if state else ZERO,
        as_of=state.updated_at if state else None,
        position=await tenant.positions.load_open_position(pair),
        mark_price=state.last_mark if state else None,
        breaker=await tenant.breakers.load_breaker(pair),
        open_orders=len(own),
        orders_in_doubt=sum(one.status.is_in_doubt for one in own),
        last=await tenant.cycles.load_cycle(pair),
    )
