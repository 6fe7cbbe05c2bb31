"""What the venue says of one pair of one account, asked in the order that booking needs.

orders, what became of ours, positions, fills, funding, balance -> VenueLook

Reads only, and no more of the past than may have changed: histories come in windows of days, each
with its weight, so a pair that has been flat for months would ask dearly for nothing. Funding is
asked for while there is, or just was, a position to pay it.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tasks.orders.order_lookup import look_up
from tasks.runtime.container import Services
from tasks.runtime.retries import retry_read
from trading.domain.accounts import Balance, PairConfig
from trading.domain.intents import IntentRecord
from trading.domain.orders import Fill, IntentStatus, Order
from trading.domain.positions import Position
from trading.ports import Exchange, FundingPayment

FUNDING_LATE = timedelta(hours=2)
"""So long after the last fill a settlement may still show; a flat pair is asked for none later."""
OVERLAP = timedelta(minutes=15)
"""Fills are asked for again from so long before the newest booked one: some show late."""
LOOK_BACK = timedelta(days=1)
"""What is older than that before the last whole look was seen by it, unless an order is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueLook:
    """
    What the venue says of one pair of one account.

    Attributes:
        position: its own figure, None when flat.
        elsewhere: its positions in other pairs, ours and others.
        resting: open orders, ours and others.
        ended: final orders of intents that we still took for open.
    """

    fills: tuple[Fill, ...]
    payments: tuple[FundingPayment, ...]
    resting: tuple[Order, ...]
    ended: tuple[Order, ...]
    position: Position | None
    elsewhere: tuple[Position, ...]
    balance: Balance


async def look_at_venue(
    services: Services, exchange: Exchange, *, config: PairConfig
) -> VenueLook:
    """
    Ask for everything that booking needs.

    Fills last: what fills in between shows as a difference and is looked at again.

    Raises:
        QuorumError: when the venue or the database does not answer.
    """
    pair = config.pair
    async with services.database.tenant(config.user_id) as tenant:
        last_fill_at = await tenant.trades.last_fill_at(pair)
        last_payment_at = await tenant.funding.last_payment_at(pair)
        records = await tenant.intents.list_open_intents(pair)
        held = await tenant.positions.load_open_position(pair)
        state = await tenant.states.load_pair_state(pair)
    looked_at = config.created_at if state is None else state.updated_at - LOOK_BACK
    open_since = min((record.created_at - OVERLAP for record in records), default=looked_at)
    seen_until = min(looked_at, open_since)

    def since(last: datetime | None) -> datetime:
        return max(seen_until, config.created_at if last is None else last - OVERLAP)

    async def read[Answer](ask: Callable[[], Awaitable[Answer]]) -> Answer:
        return await retry_read(services, ask)

    resting = await read(lambda: exchange.fetch_open_orders(pair))
    ended = await _find_ended(services, exchange, records=records, resting=resting)
    positions = await read(exchange.fetch_positions)
    position = next((p for p in positions if p.pair == pair and p.quantity), None)
    fills = await read(lambda: exchange.fetch_fills(pair, since=since(last_fill_at)))
    payments: tuple[FundingPayment, ...] = ()
    traded_at = max((fill.filled_at for fill in fills), default=last_fill_at)
    # A venue counts funding dearly (Binance: 30), and most pairs are flat most of the time.
    if held or position or _is_recent(traded_at, booked_at=last_fill_at, now=services.clock()):
        opened_at = held.opened_at if held else min((f.filled_at for f in fills), default=None)
        begin = since(last_payment_at)
        begin = begin if opened_at is None else max(begin, opened_at - OVERLAP)
        payments = await read(lambda: exchange.fetch_funding_payments(pair, since=begin))
    return VenueLook(
        fills=fills,
        payments=payments,
        resting=resting,
        ended=ended,
        position=position,
        elsewhere=tuple(p for p in positions if p.pair != pair),
        balance=await read(exchange.fetch_balance),
    )


def _is_recent(traded_at: datetime | None, *, booked_at: datetime | None, now: datetime) -> bool:
    """Whether a flat pair may still owe or be owed: it has traded lately, or since we looked."""
    if traded_at is None:
        return False
    return traded_at != booked_at or now - traded_at < FUNDING_LATE


async def _find_ended(
    services: Services,
    exchange: Exchange,
    *,
    records: Iterable[IntentRecord],
    resting: Iterable[Order],
) -> tuple[Order, ...]:
    """Orders of ours that rest no more, as far as the venue shows what became of them."""
    names = {order.client_order_id for order in resting}
    gone = [
        record.intent
        for record in records
        if record.status is IntentStatus.PLACED and record.intent.client_order_id not in names
    ]
    looks = [await look_up(services, exchange, intent=intent) for intent in gone]
    return tuple(order for order in looks if order is not None and order.status.is_final)
