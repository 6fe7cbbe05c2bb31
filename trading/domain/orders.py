"""Orders: the intent, the client order id, the order at the venue and the fills.

The client order id is derived from the intent alone: the same intent gives the same id after any
restart, so the venue can always be asked for the order.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Self

from trading.domain.messages import NO_MESSAGE, Message
from trading.domain.units import (
    ZERO,
    ClientOrderId,
    Pair,
    Side,
    UserId,
    VenueName,
    require_finite,
    require_not_negative,
    require_positive,
    require_utc,
    sum_money,
)


class Leg(StrEnum):
    """Part of a trade: entry, stop, target or close."""

    ENTRY = "entry"
    EXIT = "exit"
    STOP = "stop"
    TARGET = "target"


class OrderType(StrEnum):
    """How an order executes."""

    MARKET = "market"
    STOP_MARKET = "stop_market"
    TAKE_PROFIT_MARKET = "take_profit_market"


class OrderStatus(StrEnum):
    """Where an order is. Denied is ours, rejected the venue's, unknown is not proven."""

    PENDING = "pending"
    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    DENIED = "denied"
    REJECTED = "rejected"
    UNKNOWN = "unknown"

    @property
    def is_final(self) -> bool:
        """Whether the status can't change any more."""
        return self in {
            OrderStatus.FILLED,
            OrderStatus.CANCELED,
            OrderStatus.EXPIRED,
            OrderStatus.DENIED,
            OrderStatus.REJECTED,
        }


class Outcome(StrEnum):
    """Fact proven by a venue's answer to a write; everything not listed is UNKNOWN."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    BACK_OFF = "back_off"
    UNKNOWN = "unknown"


class IntentStatus(StrEnum):
    """
    The life of an intent.

    PENDING: written, not yet sent. SENDING: claimed and about to be, or already, posted.
    UNKNOWN: posted without a proof of the outcome. PLACED: the venue has the order.
    RESOLVED: the order is final and booked. ABANDONED: proven not placed, or never sent.
    """

    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    PLACED = "placed"
    RESOLVED = "resolved"
    ABANDONED = "abandoned"

    @property
    def is_in_doubt(self) -> bool:
        """Whether the order may be at the venue without a proof: SENDING or UNKNOWN."""
        return self in {IntentStatus.SENDING, IntentStatus.UNKNOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderIntent:
    """
    A decided wish: unique on (user, pair, cycle_time, leg, attempt).

    Attributes:
        quantity: base units, > 0, on the step.
        trigger_price: for stops and targets, on the tick; else None.
        expected_price: price assumed by the sizing, quote per base.
        reserved_notional: quote units held by the risk reservation until the intent is resolved.
        attempt: 0, or the number of a replacement with a proven need.
    """

    user_id: UserId
    venue: VenueName
    pair: Pair
    cycle_time: datetime
    leg: Leg
    side: Side
    order_type: OrderType
    quantity: Decimal
    reduce_only: bool
    expected_price: Decimal
    trigger_price: Decimal | None = None
    reserved_notional: Decimal = Decimal(0)
    attempt: int = 0

    def __post_init__(self) -> None:
        require_utc(cycle_time=self.cycle_time)
        require_positive(quantity=self.quantity, expected_price=self.expected_price)
        require_not_negative(reserved_notional=self.reserved_notional)
        if (self.order_type is OrderType.MARKET) != (self.trigger_price is None):
            raise ValueError("exactly the conditional orders have a trigger price")
        if self.trigger_price is not None:
            require_positive(trigger_price=self.trigger_price)

    @property
    def client_order_id(self) -> ClientOrderId:
        """The order's name at the venue, a pure function of the intent's key."""
        return derive_client_order_id(
            user_id=self.user_id,
            pair=self.pair,
            cycle_time=self.cycle_time,
            leg=self.leg,
            attempt=self.attempt,
        )


def derive_client_order_id(
    *, user_id: UserId, pair: Pair, cycle_time: datetime, leg: Leg, attempt: int = 0
) -> ClientOrderId:
    """
    Name an order: `q` and 30 hex digits.

    Hex can spell no SQL keyword (Binance's firewall rejects requests with SQL), stays within the
    32 characters of both venues, and shows nothing of the user.
    """
    require_utc(cycle_time=cycle_time)
    key = f"{user_id}|{pair}|{cycle_time.isoformat()}|{leg}|{attempt}"
    return ClientOrderId("q" + hashlib.sha256(key.encode()).hexdigest()[:30])


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """
    A working or finished order as reported by the venue.

    Attributes:
        client_order_id: None for a foreign order (placed by hand or by the venue).
        quantity, filled_quantity: base units.
        average_fill_price: quote per base, None before the first fill.
    """

    venue: VenueName
    pair: Pair
    client_order_id: ClientOrderId | None
    venue_order_id: str
    side: Side
    order_type: OrderType
    status: OrderStatus
    quantity: Decimal
    filled_quantity: Decimal
    reduce_only: bool
    created_at: datetime
    updated_at: datetime
    average_fill_price: Decimal | None = None
    trigger_price: Decimal | None = None

    def __post_init__(self) -> None:
        require_not_negative(quantity=self.quantity, filled_quantity=self.filled_quantity)
        require_utc(created_at=self.created_at, updated_at=self.updated_at)

    @classmethod
    def from_intent(
        cls, intent: OrderIntent, *, status: OrderStatus, venue_order_id: str, at: datetime
    ) -> Self:
        """The unfilled order of an intent, created at `at`; `venue_order_id` "" when refused."""
        return cls(
            venue=intent.venue,
            pair=intent.pair,
            client_order_id=intent.client_order_id,
            venue_order_id=venue_order_id,
            side=intent.side,
            order_type=intent.order_type,
            status=status,
            quantity=intent.quantity,
            filled_quantity=ZERO,
            reduce_only=intent.reduce_only,
            created_at=at,
            updated_at=at,
            trigger_price=intent.trigger_price,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """
    One execution.

    Attributes:
        trade_id: the venue's id of the fill; a second booking of the same id changes nothing.
        fee: quote units, positive when we pay; converted from a fee in another asset.
        fee_asset, fee_amount: asset and amount of a fee in another asset, else None.
        is_liquidation: the venue closed the position.
    """

    venue: VenueName
    pair: Pair
    trade_id: str
    client_order_id: ClientOrderId | None
    venue_order_id: str
    side: Side
    fill_price: Decimal
    quantity: Decimal
    fee: Decimal
    filled_at: datetime
    is_liquidation: bool = False
    fee_asset: str | None = None
    fee_amount: Decimal | None = None

    def __post_init__(self) -> None:
        require_positive(fill_price=self.fill_price, quantity=self.quantity)
        require_finite(fee=self.fee)
        require_utc(filled_at=self.filled_at)


def build_filled_order(intent: OrderIntent, fills: Sequence[Fill]) -> Order:
    """The order that at least one fill of an intent proves, filled in part or whole."""
    quantity = sum_money(fill.quantity for fill in fills)
    cost = sum_money(fill.quantity * fill.fill_price for fill in fills)
    is_whole = quantity >= intent.quantity
    order = Order.from_intent(
        intent,
        status=OrderStatus.FILLED if is_whole else OrderStatus.PARTIALLY_FILLED,
        venue_order_id=fills[0].venue_order_id,
        at=fills[0].filled_at,
    )
    return replace(
        order,
        filled_quantity=quantity,
        updated_at=fills[-1].filled_at,
        average_fill_price=cost / quantity,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """
    The classed answer to one post.

    Attributes:
        order: the order as reported by the venue, only with ACCEPTED.
        reason: our words for the log and the receipt; never the venue's raw text.
        retry_after_seconds: with BACK_OFF, the wait requested by the venue.
        is_clean: with UNKNOWN, the whole answer refuses with an unlisted code: lookups settle the
            order within minutes.
        has_stale_rules: the refusal contradicts the cached rules of the instrument.
    """

    outcome: Outcome
    order: Order | None = None
    reason: Message = NO_MESSAGE
    retry_after_seconds: float | None = None
    is_clean: bool = False
    has_stale_rules: bool = False

    def __post_init__(self) -> None:
        if (self.outcome is Outcome.ACCEPTED) != (self.order is not None):
            raise ValueError("exactly an accepted placement carries the venue's order")
