"""Open positions, closed positions and executions; the adoption of a foreign position.

a transaction of the user; a pair, "all" or nothing -> values

Asks no venue: mark prices are those of the last cycle. The guard of a worker carries out an
adoption: booking saw a foreign position -> confirmation -> request (database) -> guard.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from commands.caller import Caller
from commands.limits import effective
from db.session import Tenant
from trading.domain.accounts import PairConfig
from trading.domain.errors import BadInput
from trading.domain.foreign_positions import ForeignPosition
from trading.domain.messages import message
from trading.domain.orders import Fill
from trading.domain.positions import Position
from trading.domain.units import Mode, Pair, VenueName
from trading.requests import filter_pairs, find_pair, is_one_pair


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPosition:
    """A position with the mark price (quote per base) of the last cycle, at `marked_at`."""

    position: Position
    mode: Mode
    mark_price: Decimal | None
    marked_at: datetime | None

    @property
    def unrealized_pnl(self) -> Decimal | None:
        """Quote units at the mark price; None before the first mark price."""
        if self.mark_price is None:
            return None
        return self.position.unrealized_pnl(mark_price=self.mark_price)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """An execution and its mode."""

    fill: Fill
    mode: Mode


async def load_positions(caller: Caller, text: str) -> tuple[OpenPosition, ...]:
    """Load open positions of a pair, or of "all". Raises BadInput for another user's pair."""
    async with caller.tenant() as tenant:
        existing = await tenant.pairs.list_pairs()
        modes = {one.pair: one.mode for one in filter_pairs(text, existing=existing)}
        found = await tenant.positions.list_open_positions()
        return tuple(
            [await _mark(tenant, one, mode=modes[one.pair]) for one in found if one.pair in modes]
        )


async def load_closed_positions(caller: Caller, text: str, *, limit: int) -> tuple[Position, ...]:
    """Load the latest closed positions, newest first. Raises BadInput as `load_trades`."""
    async with caller.tenant() as tenant:
        found = [
            one
            for pair in await _select(tenant, text)
            for one in await tenant.positions.list_closed_positions(pair, limit=limit)
        ]
    newest = sorted(found, key=lambda one: one.closed_at or one.opened_at, reverse=True)
    return tuple(newest[:limit])


async def load_trades(caller: Caller, text: str, *, limit: int) -> tuple[Trade, ...]:
    """
    Load the latest executions, newest first.

    A removed pair counts while it has executions.

    Raises:
        BadInput: for another user's pair.
    """
    async with caller.tenant() as tenant:
        found = [
            fill
            for pair in await _select(tenant, text)
            for fill in await tenant.trades.list_fills(pair, limit=limit)
        ]
    newest = sorted(found, key=lambda fill: fill.filled_at, reverse=True)[:limit]
    return tuple(Trade(fill=fill, mode=_mode_of(fill.venue)) for fill in newest)


async def _select(tenant: Tenant, text: str) -> tuple[Pair, ...]:
    existing = await tenant.pairs.list_pairs()
    if is_one_pair(text):
        pair = Pair.parse(text)
        if await tenant.trades.last_fill_at(pair) is not None:
            return (pair,)
    return tuple(config.pair for config in filter_pairs(text, existing=existing))


async def _mark(tenant: Tenant, position: Position, *, mode: Mode) -> OpenPosition:
    state = await tenant.states.load_pair_state(position.pair)
    is_seen = state is not None and state.updated_at >= position.opened_at
    return OpenPosition(
        position=position,
        mode=mode,
        mark_price=state.last_mark if state and is_seen else None,
        marked_at=state.updated_at if state and is_seen else None,
    )


def _mode_of(venue: VenueName) -> Mode:
    """Executions on paper name the paper venue."""
    return Mode.PAPER if venue is VenueName.PAPER else Mode.LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """
    A foreign position, and the stop that Quorum would place.

    Attributes:
        stop_pct: percent between the mark price and the stop.
    """

    config: PairConfig
    position: ForeignPosition
    stop_pct: Decimal


async def load_offer(caller: Caller, pair: Pair) -> Offer:
    """
    Load the foreign position of a pair as last seen.

    Raises:
        BadInput: for another user's pair, and for a pair without a foreign position.
    """
    config = find_pair(pair, existing=await caller.list_pairs())
    async with caller.tenant() as tenant:
        position = await tenant.foreign_positions.load_foreign_position(pair)
    if position is None:
        raise BadInput(message("adopt-nothing", pair=str(pair)))
    limits = effective(caller.services.settings.limits, config)
    return Offer(config=config, position=position, stop_pct=limits.max_stop_pct)


async def adopt(caller: Caller, pair: Pair) -> Offer:
    """Ask the workers to take the position over. Raises BadInput as `load_offer`."""
    offer = await load_offer(caller, pair)
    async with caller.tenant() as tenant:
        await tenant.foreign_positions.ask(pair, actor=caller.actor, now=caller.now)
        await caller.audit(tenant, "ask_to_adopt", pair=str(pair))
    return offer
