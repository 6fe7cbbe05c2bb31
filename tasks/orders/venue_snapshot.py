"""Reads the venue's state of a pair of an account, in the order of booking.

open orders, ended orders, positions, fills, funding, balance -> VenueSnapshot

A failed read is a problem of the snapshot, not the end of the snapshot: the venue's position alone
is enough to protect the position. Only the changeable part of the past is read: venues serve
histories in windows of days, each with a request weight, so the whole history of a long flat pair
would cost many requests. Funding is read only while a position is open or was closed recently.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tasks.orders.order_lookup import OrderLookup
from tasks.orders.pair_account import PairAccount
from trading.domain.accounts import Balance
from trading.domain.errors import QuorumError, TransientError
from trading.domain.intents import IntentRecord
from trading.domain.messages import Message
from trading.domain.orders import Fill, IntentStatus, Order
from trading.domain.positions import Position
from trading.domain.units import ZERO, Pair
from trading.ports import FundingPayment

FUNDING_LATE = timedelta(hours=2)
"""A settlement may show until this long after the last fill; later a flat pair has none."""
OVERLAP = timedelta(minutes=15)
"""Fills are read again from this long before the newest booked fill: some fills show late."""
LOOK_BACK = timedelta(days=1)
"""Events older than this before the last full snapshot were booked from that snapshot, unless an
order is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueSnapshot:
    """
    The venue's state of a pair of an account.

    Attributes:
        position: the venue's own figure, None when flat or unknown.
        is_position_known, is_resting_known, is_history_known: whether positions, open orders and
            all fills could be read.
        problems: sentences about reads that failed and rows that could not be read.
        elsewhere: the account's positions in other pairs, ours and foreign.
        resting: open orders, ours and foreign.
        ended: final orders of intents that are still open in the database.
    """

    fills: tuple[Fill, ...]
    payments: tuple[FundingPayment, ...]
    resting: tuple[Order, ...]
    ended: tuple[Order, ...]
    position: Position | None
    elsewhere: tuple[Position, ...]
    balance: Balance
    is_position_known: bool = True
    is_resting_known: bool = True
    is_history_known: bool = True
    problems: tuple[Message, ...] = ()


class _Reader:
    """Reads with retries; a failure is kept as a problem."""

    def __init__(self, account: PairAccount) -> None:
        self._account = account
        self.problems: list[Message] = []

    async def read[Answer](self, ask: Callable[[], Awaitable[Answer]]) -> Answer | None:
        """The answer, None for a failure."""
        try:
            return await self._account.read(ask)
        except QuorumError as error:
            self.problems.append(error.message)
            return None


async def fetch_venue_snapshot(account: PairAccount, *, lookup: OrderLookup) -> VenueSnapshot:
    """
    Read the input of booking.

    Fills are read after positions: a fill in between shows as a difference and causes a second
    snapshot.

    Raises:
        QuorumError: when the database does not answer, or the venue tells neither positions nor
            fills.
    """
    config, exchange, reader = account.config, account.exchange, _Reader(account)
    read = reader.read
    pair = config.pair
    async with account.transaction() as tenant:
        last_fill_at = await tenant.trades.last_fill_at(pair)
        last_payment_at = await tenant.funding.last_payment_at(pair)
        records = await tenant.intents.list_open_intents(pair)
        held = await tenant.positions.load_open_position(pair)
        state = await tenant.states.load_pair_state(pair)
    seen_at = config.created_at if state is None else state.updated_at - LOOK_BACK
    open_since = min((record.created_at - OVERLAP for record in records), default=seen_at)
    seen_until = min(seen_at, open_since)

    def since(last: datetime | None) -> datetime:
        return max(seen_until, config.created_at if last is None else last - OVERLAP)

    resting = await read(lambda: exchange.fetch_open_orders(pair))
    ended = await _find_ended(lookup, records, resting=resting or ())
    shown = await read(exchange.fetch_positions)
    is_own_odd = is_position_odd(pair, exchange.oddities)
    positions = shown or ()
    position = next((p for p in positions if p.pair == pair and p.quantity), None)
    told = await read(lambda: exchange.fetch_fills(pair, since=since(last_fill_at)))
    if shown is None and told is None:
        raise TransientError(reader.problems[-1])
    fills = told or ()
    payments: tuple[FundingPayment, ...] = ()
    traded_at = max((fill.filled_at for fill in fills), default=last_fill_at)
    # The request weight of funding is high (Binance: 30), and most pairs are flat.
    if held or position or _is_recent(traded_at, booked_at=last_fill_at, now=account.now()):
        opened_at = held.opened_at if held else min((f.filled_at for f in fills), default=None)
        begin = since(last_payment_at)
        begin = begin if opened_at is None else max(begin, opened_at - OVERLAP)
        payments = await read(lambda: exchange.fetch_funding_payments(pair, since=begin)) or ()
    balance = await read(exchange.fetch_balance)
    return VenueSnapshot(
        fills=fills,
        payments=payments,
        resting=resting or (),
        ended=ended,
        position=position,
        elsewhere=tuple(p for p in positions if p.pair != pair),
        balance=balance or Balance(total=ZERO, available=ZERO, reserved=ZERO),
        is_position_known=shown is not None and not is_own_odd,
        is_resting_known=resting is not None,
        is_history_known=told is not None
        and not any(subject.startswith(f"fills of {pair}") for subject in exchange.oddities),
        problems=(*reader.problems, *exchange.oddities.values()),
    )


def is_position_odd(pair: Pair, oddities: Mapping[str, Message]) -> bool:
    """Whether an unreadable row may be the pair's: a row without a symbol may be of any pair."""
    names = (f"{pair.base}{pair.quote}", "unknown")
    return any(f"positions {name}" in oddities for name in names)


def _is_recent(traded_at: datetime | None, *, booked_at: datetime | None, now: datetime) -> bool:
    """Whether a flat pair may have a new payment: a recent fill, or a fill not booked yet."""
    if traded_at is None:
        return False
    return traded_at != booked_at or now - traded_at < FUNDING_LATE


async def _find_ended(
    lookup: OrderLookup, records: Iterable[IntentRecord], *, resting: Iterable[Order]
) -> tuple[Order, ...]:
    """Own orders no longer resting, if the venue shows the final state."""
    names = {order.client_order_id for order in resting}
    gone = [
        record.intent
        for record in records
        if record.status is IntentStatus.PLACED and record.intent.client_order_id not in names
    ]
    found = [await lookup.find_order(intent) for intent in gone]
    return tuple(order for order in found if order is not None and order.status.is_final)
