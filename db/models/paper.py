"""Tables of the paper venue: the simulated exchange's books of each account.

paper_accounts 1-n paper_positions, paper_orders, paper_fills, paper_funding, paper_transfers

Separate from the user's own books (orders, trades, positions), like a real venue's: the two are
reconciled, never joined. `version` makes a save based on an outdated book fail.
"""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.engine.base import Base, Kept
from db.engine.types import Instant, Money, PairText, Word, finite, not_negative, one_of, positive
from trading.domain.orders import OrderStatus, OrderType
from trading.domain.units import Pair, PositionSide, Side, VenueName

RESTING = text("status = 'accepted'")


class PaperAccountRow(Base, Kept):
    """The balance of an account, equal to the sum of all movements."""

    __tablename__ = "paper_accounts"
    __table_args__ = (
        *not_negative("balance", "deposits", "withdrawals", "fees"),
        *finite("realized_pnl", "funding"),
        CheckConstraint(
            "balance = deposits - withdrawals + realized_pnl - fees - funding",
            name="balance_adds_up",
        ),
        CheckConstraint("sequence >= 0 AND version > 0", name="counts_forward"),
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    balance: Mapped[Decimal] = mapped_column(Money)
    deposits: Mapped[Decimal] = mapped_column(Money)
    withdrawals: Mapped[Decimal] = mapped_column(Money)
    realized_pnl: Mapped[Decimal] = mapped_column(Money)
    fees: Mapped[Decimal] = mapped_column(Money)
    funding: Mapped[Decimal] = mapped_column(Money)
    sequence: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(BigInteger)


class PaperPositionRow(Base, Kept):
    """A pair of an account, also while flat: the leverage outlives the position."""

    __tablename__ = "paper_positions"
    __table_args__ = (
        one_of("side", PositionSide),
        *not_negative("quantity", "average_entry_price", "margin", "fees"),
        *finite("realized_pnl", "funding"),
        *positive("leverage"),
        CheckConstraint("(side = 'flat') = (quantity = 0)", name="flat_is_zero"),
        CheckConstraint("(side = 'flat') = (opened_at IS NULL)", name="open_since"),
        CheckConstraint("side <> 'flat' OR margin = 0", name="flat_is_free"),
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    pair: Mapped[Pair] = mapped_column("symbol", PairText, primary_key=True)
    leverage: Mapped[Decimal] = mapped_column(Money)
    margin: Mapped[Decimal] = mapped_column(Money)
    touched_at: Mapped[datetime] = mapped_column(Instant)
    advanced_to: Mapped[datetime] = mapped_column(Instant)
    funded_to: Mapped[datetime] = mapped_column(Instant)
    side: Mapped[PositionSide] = mapped_column(Word(PositionSide))
    quantity: Mapped[Decimal] = mapped_column(Money)
    average_entry_price: Mapped[Decimal] = mapped_column(Money)
    opened_at: Mapped[datetime | None] = mapped_column(Instant)
    realized_pnl: Mapped[Decimal] = mapped_column(Money)
    fees: Mapped[Decimal] = mapped_column(Money)
    funding: Mapped[Decimal] = mapped_column(Money)


class PaperOrderRow(Base, Kept):
    """An order at the paper venue; a client order id is never reused."""

    __tablename__ = "paper_orders"
    __table_args__ = (
        Index("uq_paper_orders_venue_order_id", "user_id", "venue_order_id", unique=True),
        Index("uq_paper_orders_client_order_id", "user_id", "client_order_id", unique=True),
        Index("ix_paper_orders_resting", "user_id", "symbol", postgresql_where=RESTING),
        one_of("venue", VenueName),
        one_of("side", Side),
        one_of("order_type", OrderType),
        one_of("status", OrderStatus),
        *positive("quantity", "average_fill_price", "trigger_price"),
        *not_negative("filled_quantity"),
        CheckConstraint("filled_quantity <= quantity", name="filled_within"),
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


class PaperFillRow(Base, Kept):
    """An execution with its realized PnL."""

    __tablename__ = "paper_fills"
    __table_args__ = (
        Index("uq_paper_fills_trade_id", "user_id", "trade_id", unique=True),
        Index(None, "user_id", "symbol", "filled_at"),
        one_of("venue", VenueName),
        one_of("side", Side),
        *positive("fill_price", "quantity"),
        *not_negative("fee"),
        *finite("realized_pnl", "fee_amount"),
    )

    fill_row_id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"))
    venue: Mapped[VenueName] = mapped_column(Word(VenueName))
    pair: Mapped[Pair] = mapped_column("symbol", PairText)
    trade_id: Mapped[str] = mapped_column(Text)
    client_order_id: Mapped[str | None] = mapped_column(Text)
    venue_order_id: Mapped[str] = mapped_column(Text)
    side: Mapped[Side] = mapped_column(Word(Side))
    fill_price: Mapped[Decimal] = mapped_column(Money)
    quantity: Mapped[Decimal] = mapped_column(Money)
    fee: Mapped[Decimal] = mapped_column(Money)
    realized_pnl: Mapped[Decimal] = mapped_column(Money)
    filled_at: Mapped[datetime] = mapped_column(Instant)
    is_liquidation: Mapped[bool]
    fee_asset: Mapped[str | None] = mapped_column(Text)
    fee_amount: Mapped[Decimal | None] = mapped_column(Money)


class PaperFundingRow(Base, Kept):
    """A funding settlement; positive for a payment by the user."""

    __tablename__ = "paper_funding"
    __table_args__ = (Index(None, "user_id", "symbol", "paid_at"), *finite("amount"))

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    payment_id: Mapped[str] = mapped_column(Text, primary_key=True)
    pair: Mapped[Pair] = mapped_column("symbol", PairText)
    amount: Mapped[Decimal] = mapped_column(Money)
    paid_at: Mapped[datetime] = mapped_column(Instant)


class PaperTransferRow(Base, Kept):
    """Paper money deposited (positive) or withdrawn."""

    __tablename__ = "paper_transfers"
    __table_args__ = (
        *finite("amount"),
        CheckConstraint("amount <> 0", name="amount_moves"),
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    transfer_id: Mapped[str] = mapped_column(Text, primary_key=True)
    amount: Mapped[Decimal] = mapped_column(Money)
    transferred_at: Mapped[datetime] = mapped_column(Instant)
