"""Positions, executions and receipts, read from our own books.

one transaction of the user, a pair or "all" -> what the views show
"""

from db.session import Tenant
from telegram.views.reports.positions import OpenPosition, Trade
from trading.cycle import CycleRecord
from trading.domain.positions import Position
from trading.domain.units import Mode, Pair, VenueName
from trading.requests import filter_pairs, is_one_pair, select_pairs


async def load_positions(tenant: Tenant, *, text: str) -> tuple[OpenPosition, ...]:
    """Open positions of the pairs that a word means. Raises BadInput for a foreign pair."""
    configs = {c.pair: c for c in filter_pairs(text, existing=await tenant.pairs.list_pairs())}
    found = await tenant.positions.list_open_positions()
    return tuple(
        [
            await _mark(tenant, one, mode=configs[one.pair].mode)
            for one in found
            if one.pair in configs
        ]
    )


async def load_trades(tenant: Tenant, *, text: str, limit: int) -> tuple[Trade, ...]:
    """
    The latest executions of the pairs that a word means, newest first.

    A pair that was removed counts while it has executions to show. Raises BadInput otherwise.
    """
    found = [
        fill
        for pair in await _select(tenant, text)
        for fill in await tenant.trades.list_fills(pair, limit=limit)
    ]
    newest = sorted(found, key=lambda fill: fill.filled_at, reverse=True)[:limit]
    return tuple(Trade(fill=fill, mode=_mode_of(fill.venue)) for fill in newest)


async def load_receipt(tenant: Tenant, *, text: str) -> CycleRecord | None:
    """The newest receipt of a pair, or of all; None before the first. Raises BadInput."""
    if is_one_pair(text):
        pair = Pair.parse(text)
        record = await tenant.cycles.load_cycle(pair)
        if record is None:
            select_pairs(text, existing=await tenant.pairs.list_pairs())
        return record
    configs = select_pairs(text, existing=await tenant.pairs.list_pairs())
    found = [await tenant.cycles.load_cycle(config.pair) for config in configs]
    records = [record for record in found if record is not None]
    return max(records, key=lambda record: record.key.cycle_time, default=None)


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
