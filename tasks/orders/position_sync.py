"""Makes our books equal to the venue's, by fills.

    venue -> VenueSnapshot -> book (one transaction under the user's risk lock) -> Books

Idempotent: the keys of fills, payments and alerts prevent double booking, however many workers
book at the same time. Positions follow fills; the venue's own position is only compared. Nothing
is sent from this module.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from db.session import Tenant
from tasks.alerts.adoption import build_foreign_position
from tasks.alerts.trading import build_books_differ, build_closed, build_opened
from tasks.orders.order_lookup import OrderLookup
from tasks.orders.pair_account import PairAccount
from tasks.orders.venue_snapshot import VenueSnapshot, fetch_venue_snapshot
from trading.domain.accounts import Balance
from trading.domain.alerts import Alert
from trading.domain.instruments import FeeRates
from trading.domain.intents import IntentRecord
from trading.domain.messages import NO_MESSAGE, Message, message
from trading.domain.orders import Fill, IntentStatus, Leg, Order
from trading.domain.positions import Position
from trading.domain.protection import attach_triggers
from trading.domain.units import ZERO, ClientOrderId, Mode
from trading.portfolio.bookkeeping import book_events
from trading.portfolio.ownership import find_foreign, find_protectable, select_own

FILLS_LATE = timedelta(days=1)
"""How long the intent of a filled entry waits for fills that the venue does not show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """
    The state of a pair after booking.

    Attributes:
        position: our position, None when flat.
        resting: open orders at the venue.
        difference: how our position differs from the venue's, `NO_MESSAGE` when equal.
        elsewhere: the venue's positions in other pairs, foreign positions too.
        protectable: the part of the venue's position that is to be protected or closed.
        foreign: the venue's position where a part is not ours; None otherwise.
        fee_rates: the account's own, None where the instrument's count; for cycles only.
        clock_offset: our clock minus the venue's, measured once in each cycle.
        is_position_known: whether the venue told the pair's position; `difference` then says why
            not.
        entry_reasons: of the votes that opened the position, for the question.
    """

    as_of: datetime
    position: Position | None
    resting: tuple[Order, ...]
    balance: Balance
    difference: Message = NO_MESSAGE
    elsewhere: tuple[Position, ...] = ()
    clock_offset: timedelta = timedelta(0)
    protectable: Position | None = None
    foreign: Position | None = None
    fee_rates: FeeRates | None = None
    is_position_known: bool = True
    entry_reasons: tuple[str, ...] = ()

    @property
    def is_reconciled(self) -> bool:
        """Whether the venue's position equals our position."""
        return not self.difference

    @property
    def is_flat(self) -> bool:
        """Whether the venue told its position, and no part of the position can be ours."""
        return self.is_position_known and self.protectable is None

    @property
    def unknown_reason(self) -> Message:
        """Why the position is unknown; `NO_MESSAGE` when the venue told the position."""
        if self.is_position_known:
            return NO_MESSAGE
        return message("cycle-no-position", why=self.difference)


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionSync:
    """Books the fills, payments and final orders of a pair."""

    account: PairAccount
    lookup: OrderLookup

    async def book(self) -> Books:
        """
        Book a snapshot; book again when the positions differ, as a fill may come in between.

        Raises:
            QuorumError: when the venue or the database does not answer.
        """
        books = await self._book_once()
        if books.is_reconciled:
            return books
        books = await self._book_once()
        if not books.is_reconciled:
            async with self.account.transaction() as tenant:
                await tenant.alerts.enqueue_alert(self._build_alert(books))
        return books

    def _build_alert(self, books: Books) -> Alert:
        config, now = self.account.config, self.account.now()
        if books.foreign is None:
            return build_books_differ(
                config.user_id, config.pair, difference=books.difference, now=now
            )
        ours = ZERO if books.position is None else books.position.quantity
        return build_foreign_position(config.user_id, books.foreign, ours=ours, now=now)

    async def book_resting(self) -> Books:
        """Read the resting orders again and store the trigger prices with the position."""
        account, exchange = self.account, self.account.exchange
        resting = await account.read(lambda: exchange.fetch_open_orders(account.config.pair))
        balance = await account.read(exchange.fetch_balance)
        async with account.transaction() as tenant:
            await tenant.lock_risk()
            position = await tenant.positions.load_open_position(account.config.pair)
            if position is not None:
                position = attach_triggers(position, resting)
                await tenant.positions.save_position(position)
        return Books(
            as_of=account.now(),
            position=position,
            resting=resting,
            balance=balance,
            protectable=position,
        )

    async def resolve_intent(self, tenant: Tenant, client_order_id: ClientOrderId) -> None:
        """Free the reservation of a final, booked order, unless another worker has the intent."""
        services, now = self.account.services, self.account.now()
        claimed = await tenant.intents.claim_intent(
            client_order_id, worker=services.worker, now=now, lease=services.settings.intent_lease
        )
        if claimed is not None:
            await tenant.intents.finish_intent(
                client_order_id, fence=claimed.fence, status=IntentStatus.RESOLVED, now=now
            )

    async def _book_once(self) -> Books:
        snapshot = await fetch_venue_snapshot(self.account, lookup=self.lookup)
        async with self.account.transaction() as tenant:
            await tenant.lock_risk()
            position = await self._book_events(tenant, snapshot)
            await self._resolve_final(tenant, snapshot)
            records = await tenant.intents.list_open_intents(self.account.config.pair)
            foreign = await self._note_foreign(tenant, position, snapshot=snapshot)
        difference, protectable = _compare(position, snapshot.position), position
        if not snapshot.is_position_known:
            difference = NO_MESSAGE
        elif difference:
            entries = [record.intent for record in records if _may_have_filled(record)]
            protectable = find_protectable(position, entries=entries, venue=snapshot.position)
        return Books(
            as_of=self.account.now(),
            position=position,
            resting=snapshot.resting,
            balance=snapshot.balance,
            difference=difference or next(iter(snapshot.problems), NO_MESSAGE),
            elsewhere=snapshot.elsewhere,
            protectable=protectable,
            foreign=foreign,
            is_position_known=snapshot.is_position_known,
        )

    async def _note_foreign(
        self, tenant: Tenant, position: Position | None, *, snapshot: VenueSnapshot
    ) -> Position | None:
        """Store a position of the venue that is not ours, for a command of its owner."""
        if self.account.config.mode is not Mode.LIVE or not snapshot.is_position_known:
            return None
        foreign = find_foreign(position, venue=snapshot.position)
        if foreign is None:
            await tenant.foreign_positions.forget(self.account.config.pair)
        else:
            await tenant.foreign_positions.save_seen(foreign, now=self.account.now())
        return foreign

    async def _book_events(self, tenant: Tenant, snapshot: VenueSnapshot) -> Position | None:
        user_id, pair = self.account.config.user_id, self.account.config.pair
        new = await tenant.trades.add_fills(snapshot.fills)
        payments = await tenant.funding.add_payments(snapshot.payments)
        before = await tenant.positions.load_open_position(pair)
        records = await tenant.intents.list_open_intents(pair)
        entries = [record.intent for record in records if _may_have_filled(record)]
        fills = select_own(before, new, own=await _find_own(tenant, new), entries=entries)
        last_closed = await tenant.positions.list_closed_positions(pair, limit=1)
        booked = book_events(
            before,
            last_closed=last_closed[0] if last_closed else None,
            fills=fills,
            payments=payments,
        )
        for closing in booked.closed:
            await tenant.positions.save_position(closing.position)
            if closing.fill is not None:
                leg = await _find_leg(tenant, closing.fill.client_order_id)
                alert = build_closed(user_id, closing, leg=leg, now=self.account.now())
                await tenant.alerts.enqueue_alert(alert)
        if booked.position is None:
            return None
        position = booked.position
        if snapshot.is_resting_known:
            position = attach_triggers(position, snapshot.resting)
        if snapshot.position is not None:
            position = replace(position, leverage=snapshot.position.leverage)
        if position != before:
            await tenant.positions.save_position(position)
        if booked.opened:
            await tenant.alerts.enqueue_alert(build_opened(user_id, position))
        return position

    async def _resolve_final(self, tenant: Tenant, snapshot: VenueSnapshot) -> None:
        """Store the venue's state of our orders; resolve the intents of final orders."""
        records = await tenant.intents.list_open_intents()
        own = {record.intent.client_order_id: record for record in records}
        for order in (*snapshot.resting, *snapshot.ended):
            if order.client_order_id in own:
                await tenant.orders.save_order(order)
        for order in snapshot.ended:
            record = None if order.client_order_id is None else own.get(order.client_order_id)
            if record is not None and await self._is_booked(tenant, record, order, snapshot):
                await self.resolve_intent(tenant, record.intent.client_order_id)

    async def _is_booked(
        self, tenant: Tenant, record: IntentRecord, order: Order, snapshot: VenueSnapshot
    ) -> bool:
        """
        Whether the fills of a final order are booked; until then the intent tells our part.

        Venues show some fills late, and a list may leave out a fill: an entry waits for all of its
        fills, at most `FILLS_LATE`.
        """
        if not order.filled_quantity:
            return True
        if not snapshot.is_history_known or record.intent.leg is not Leg.ENTRY:
            return snapshot.is_history_known
        if self.account.now() - record.created_at > FILLS_LATE:
            return True
        booked = await tenant.trades.sum_quantity(record.intent.client_order_id)
        return booked >= order.filled_quantity


async def _find_leg(tenant: Tenant, client_order_id: ClientOrderId | None) -> Leg | None:
    """The leg of the order of a fill; None for a foreign order."""
    if client_order_id is None:
        return None
    record = await tenant.intents.load_intent(client_order_id)
    return None if record is None else record.intent.leg


async def _find_own(tenant: Tenant, fills: Iterable[Fill]) -> set[ClientOrderId]:
    """Names of our orders among the fills."""
    named = {fill.client_order_id for fill in fills}
    return {name for name in named if name and await tenant.intents.load_intent(name)}


def _may_have_filled(record: IntentRecord) -> bool:
    return record.intent.leg is Leg.ENTRY and record.status is not IntentStatus.PENDING


def _compare(ours: Position | None, theirs: Position | None) -> Message:
    """The difference of two positions; `NO_MESSAGE` when equal."""
    own, venue = (ZERO if p is None else p.signed_quantity for p in (ours, theirs))
    return NO_MESSAGE if own == venue else message("books-differ", ours=own, theirs=venue)
