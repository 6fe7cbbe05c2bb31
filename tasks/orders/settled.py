"""Finds a position that can be closed without booking first.

books, open intents | venue's positions (read at the same time) -> equal -> position
"""

import asyncio
from collections.abc import Iterable

from tasks.orders.pair_account import PairAccount
from tasks.orders.venue_snapshot import is_position_odd
from trading.domain.errors import QuorumError
from trading.domain.intents import IntentRecord
from trading.domain.orders import Leg
from trading.domain.positions import Position


async def find_settled_position(account: PairAccount) -> Position | None:
    """
    Our position when the venue shows the same position and no entry is open.

    None when booking has to tell what is ours: for a flat pair, an entry in progress, a
    difference, or a venue that does not answer.

    Raises:
        QuorumError: when the database does not answer.
    """
    (held, records), shown = await asyncio.gather(_load(account), _read_positions(account))
    pair = account.config.pair
    is_entering = any(record.intent.leg is Leg.ENTRY for record in records)
    if held is None or is_entering or is_position_odd(pair, account.exchange.oddities):
        return None
    of_pair = (position for position in shown if position.pair == pair)
    is_equal = any(position.signed_quantity == held.signed_quantity for position in of_pair)
    return held if is_equal else None


async def _load(account: PairAccount) -> tuple[Position | None, Iterable[IntentRecord]]:
    async with account.transaction() as tenant:
        held = await tenant.positions.load_open_position(account.config.pair)
        return held, await tenant.intents.list_open_intents(account.config.pair)


async def _read_positions(account: PairAccount) -> tuple[Position, ...]:
    """The venue's positions; empty without an answer to one request."""
    try:
        return await account.exchange.fetch_positions()
    except QuorumError:
        return ()
