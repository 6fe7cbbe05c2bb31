"""A user at a glance, read from our own books.

one transaction of the user -> StatusView

Nothing asks a venue: equity and marks are what the last cycle saw.
"""

from datetime import datetime

from db.repositories.trading.states import strictest
from db.session import Tenant
from telegram.views.reports.status import PairStatus, StatusView
from trading.domain.accounts import PairConfig
from trading.domain.intents import IntentRecord
from trading.domain.orders import IntentStatus
from trading.domain.positions import Position
from trading.domain.units import ZERO, Pair

IN_DOUBT = frozenset({IntentStatus.SENDING, IntentStatus.UNKNOWN})


async def load_status(tenant: Tenant, *, now: datetime) -> StatusView:
    """Everything that /status shows."""
    configs = await tenant.pairs.list_pairs()
    intents = await tenant.intents.list_open_intents()
    positions = {one.pair: one for one in await tenant.positions.list_open_positions()}
    venues = {config.venue for config in configs}
    states = [await tenant.states.load_trading_state(venue) for venue in sorted(venues)]
    return StatusView(
        now=now,
        state=strictest(states),
        breaker=await tenant.breakers.load_breaker(None),
        pairs=tuple(
            [
                await _load_pair(tenant, config, positions=positions, intents=intents)
                for config in configs
            ]
        ),
    )


async def _load_pair(
    tenant: Tenant,
    config: PairConfig,
    *,
    positions: dict[Pair, Position],
    intents: tuple[IntentRecord, ...],
) -> PairStatus:
    pair = config.pair
    state = await tenant.states.load_pair_state(pair)
    return PairStatus(
        config=config,
        equity=state.last_equity if state else config.capital,
        net_pnl=state.net_pnl if state else ZERO,
        as_of=state.updated_at if state else None,
        position=positions.get(pair),
        mark_price=state.last_mark if state else None,
        breaker=await tenant.breakers.load_breaker(pair),
        orders_in_doubt=sum(one.intent.pair == pair and one.status in IN_DOUBT for one in intents),
        last=await tenant.cycles.load_cycle(pair),
    )
