"""Tables of orders: intents, orders at the venue, fills, funding.

order_intents -> orders -> trades;  funding_payments, profit_transfers beside them

The row of an intent is the license to send: `fence` counts claims, `lease_until` ends a claim.
Two users may share a venue's trade id (both sides of a trade), so a trade id is unique per user.
"""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.engine.base import Base, Kept
from db.engine.types import (
    Instant,
    MessageText,
    Money,
    PairText,
    Word,
    finite,
    not_negative,
    one_of,
    positive,
)
from trading.domain.messages import Message
from trading.domain.orders import IntentStatus, Leg, OrderStatus, OrderType
from trading.domain.transfers import TransferStatus
from trading.domain.units import Pair, Side, VenueName

# Without `status`: an update of an indexed column is never in place (HOT), and the status changes
# four times in the life of an intent.
_OPEN_INTENTS = text("finished_at IS NULL")


class OrderIntentRow(Base, Kept):
    """An order intent, with the claim of its sender."""

    __tablename__ = "order_intents"
    __table_args__ = (
        UniqueConstraint("user_id", "symbol", "cycle_time", "leg", "attempt"),
        Index("ix_order_intents_open", "user_id", "symbol", postgresql_where=_OPEN_INTENTS),
        one_of("venue", VenueName),
        one_of("leg", Leg),
        one_of("side", Side),
        one_of("order_type", OrderType),
        one_of("status", IntentStatus),
        *positive("quantity", "expected_price", "trigger_price"),
        *not_negative("reserved_notional"),
        CheckConstraint("fence >= 0 AND attempt >= 0", name="counts_not_negative"),
        CheckConstraint("(order_type = 'market') = (trigger_price IS NULL)", name="has_trigger"),
        CheckConstraint(
            "(status IN ('resolved', 'abandoned')) = (finished_at IS NOT NULL)",
            name="finished_is_closed",
        ),
        CheckConstraint("client_order_id ~ '^[A-Za-z0-9_-]{1,32}$'", name="client_order_id_form"),
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    client_order_id: Mapped[str] = mapped_column(Text, primary_key=True)
    venue: Mapped[VenueName] = mapped_column(Word(VenueName))
    pair: Mapped[Pair] = mapped_column("symbol", PairText)
    cycle_time: Mapped[datetime] = mapped_column(Instant)
    leg: Mapped[Leg] = mapped_column(Word(Leg))
    attempt: Mapped[int]
    side: Mapped[Side] = mapped_column(Word(Side))
    order_type: Mapped[OrderType] = mapped_column(Word(OrderType))
    quantity: Mapped[Decimal] = mapped_column(Money)
    reduce_only: Mapped[bool]
    expected_price: Mapped[Decimal] = mapped_column(Money)
    trigger_price: Mapped[Decimal | None] = mapped_column(Money)
    reserved_notional: Mapped[Decimal] = mapped_column(Money)
    status: Mapped[IntentStatus] = mapped_column(Word(IntentStatus))
    reason: Mapped[Message] = mapped_column(MessageText, server_default=text("''"))
    fence: Mapped[int] = mapped_column(server_default=text("0"))
    worker: Mapped[str] = mapped_column(Text, server_default=text("''"))
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    sending_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    doubt_until: Mapped[datetime | None] = mapped_column(Instant)


class OrderRow(Base, Kept):
    """The newest known state of an order at the venue; `venue_*_at` are the venue's instants."""

    __tablename__ = "orders"
    __table_args__ = (
        Index(
            "uq_orders_client_order_id",
            "user_id",
            "client_order_id",
            unique=True,
            postgresql_where=text("client_order_id IS NOT NULL"),
        ),
        Index(
            "uq_orders_venue_order_id",
            "user_id",
            "venue",
            "symbol",
            "venue_order_id",
            unique=True,
            postgresql_where=text("client_order_id IS NULL"),
        ),
        Index(None, "user_id", "symbol", "venue_created_at"),
        one_of("venue", VenueName),
        one_of("side", Side),
        one_of("order_type", OrderType),
        one_of("status", OrderStatus),
        *not_negative("quantity", "filled_quantity"),
        *positive("average_fill_price", "trigger_price"),
    )

    order_row_id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"))
    venue: Mapped[VenueName] = mapped_column(Word(VenueName))
    pair: Mapped[Pair] = mapped_column("symbol", PairText)
    client_order_id: Mapped[str | None] = mapped_column(Text)
    venue_order_id: Mapped[str] = mapped_column(Text)
    side: Mapped[Side] = mapped_column(Word(Side))
    order_type: Mapped[OrderType] = mapped_column(Word(OrderType))
    status: Mapped[OrderStatus] = mapped_column(Word(OrderStatus))
    quantity: Mapped[Decimal] = mapped_column(Money)
    filled_quantity: Mapped[Decimal] = mapped_column(Money)
    reduce_only: Mapped[bool]
    average_fill_price: Mapped[Decimal | None] = mapped_column(Money)
    trigger_price: Mapped[Decimal | None] = mapped_column(Money)
    venue_created_at: Mapped[datetime] = mapped_column(Instant)
    venue_updated_at: Mapped[datetime] = mapped_column(Instant)


class TradeRow(Base, Kept):
    """An execution, booked once."""

    __tablename__ = "trades"
    __table_args__ = (
        Index(None, "user_id", "symbol", "filled_at"),
        one_of("venue", VenueName),
        one_of("side", Side),
        *positive("fill_price", "quantity"),
        *finite("fee", "fee_amount"),
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    venue: Mapped[VenueName] = mapped_column(Word(VenueName), primary_key=True)
    pair: Mapped[Pair] = mapped_column("symbol", PairText, primary_key=True)
    trade_id: Mapped[str] = mapped_column(Text, primary_key=True)
    client_order_id: Mapped[str | None] = mapped_column(Text)
    venue_order_id: Mapped[str] = mapped_column(Text)
    side: Mapped[Side] = mapped_column(Word(Side))
    fill_price: Mapped[Decimal] = mapped_column(Money)
    quantity: Mapped[Decimal] = mapped_column(Money)
    fee: Mapped[Decimal] = mapped_column(Money)
    filled_at: Mapped[datetime] = mapped_column(Instant)
    is_liquidation: Mapped[bool]
    fee_asset: Mapped[str | None] = mapped_column(Text)
    fee_amount: Mapped[Decimal | None] = mapped_column(Money)


class ProfitTransferRow(Base, Kept):
    """Profit set aside, once a day for each pair; live, a transfer within the account."""

    __tablename__ = "profit_transfers"
    __table_args__ = (
        Index(None, "user_id", "symbol", "requested_at"),
        Index(None, "symbol"),
        one_of("venue", VenueName),
        one_of("status", TransferStatus),
        *positive("amount"),
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    transfer_id: Mapped[str] = mapped_column(Text, primary_key=True)
    venue: Mapped[VenueName] = mapped_column(Word(VenueName))
    pair: Mapped[Pair] = mapped_column("symbol", PairText)
    amount: Mapped[Decimal] = mapped_column(Money)
    status: Mapped[TransferStatus] = mapped_column(Word(TransferStatus))
    reason: Mapped[Message] = mapped_column(MessageText, server_default=text("''"))
    requested_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)


class FundingPaymentRow(Base, Kept):
    """A funding settlement, booked once; positive for a payment by the user."""

    __tablename__ = "funding_payments"
    __table_args__ = (Index(None, "user_id", "symbol", "paid_at"), *finite("amount"))

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    pair: Mapped[Pair] = mapped_column("symbol", PairText, primary_key=True)
    payment_id: Mapped[str] = mapped_column(Text, primary_key=True)
    amount: Mapped[Decimal] = mapped_column(Money)
    paid_at: Mapped[datetime] = mapped_column(Instant)
