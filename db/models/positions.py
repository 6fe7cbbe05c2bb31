"""Tables of positions (a row per lifetime, foreign ones), close requests, circuit breakers."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSON
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
from trading.domain.units import Pair, PositionSide, VenueName
from trading.risk.circuit_breaker import BreakerState


class PositionRow(Base, Kept):
    """A position from the first fill to flat; at most one open row per user and pair."""

    __tablename__ = "positions"
    __table_args__ = (
        Index(
            "uq_positions_open",
            "user_id",
            "symbol",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(None, "user_id", "symbol", "closed_at"),
        Index(None, "symbol"),
        one_of("venue", VenueName),
        one_of("side", PositionSide),
        *not_negative("quantity", "average_entry_price"),
        *finite("realized_pnl", "fees", "funding"),
        *positive("leverage", "stop_price", "target_price"),
        CheckConstraint("(side = 'flat') = (quantity = 0)", name="flat_is_zero"),
        CheckConstraint("(closed_at IS NULL) = (side <> 'flat')", name="closed_is_flat"),
    )

    position_id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"))
    venue: Mapped[VenueName] = mapped_column(Word(VenueName))
    pair: Mapped[Pair] = mapped_column("symbol", PairText)
    side: Mapped[PositionSide] = mapped_column(Word(PositionSide))
    quantity: Mapped[Decimal] = mapped_column(Money)
    average_entry_price: Mapped[Decimal] = mapped_column(Money)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    realized_pnl: Mapped[Decimal] = mapped_column(Money)
    fees: Mapped[Decimal] = mapped_column(Money)
    funding: Mapped[Decimal] = mapped_column(Money)
    leverage: Mapped[Decimal] = mapped_column(Money)
    stop_price: Mapped[Decimal | None] = mapped_column(Money)
    target_price: Mapped[Decimal | None] = mapped_column(Money)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class CloseRequestRow(Base, Kept):
    """A pair that its user wants closed; deleted when the pair is flat or resumed."""

    __tablename__ = "close_requests"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "symbol"],
            ["user_configs.user_id", "user_configs.symbol"],
            ondelete="CASCADE",
        ),
        Index(None, "symbol"),
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    pair: Mapped[Pair] = mapped_column("symbol", PairText, primary_key=True)
    requested_at: Mapped[datetime] = mapped_column(Instant)
    requested_by: Mapped[str] = mapped_column(Text)
    tried_at: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    reason: Mapped[Message] = mapped_column(MessageText, server_default=text("''"))


class ForeignPositionRow(Base, Kept):
    """A venue's position that Quorum did not open, as last seen; deleted once it is explained."""

    __tablename__ = "foreign_positions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "symbol"],
            ["user_configs.user_id", "user_configs.symbol"],
            ondelete="CASCADE",
        ),
        Index(None, "symbol"),
        one_of("side", PositionSide),
        *positive("quantity"),
        *not_negative("average_entry_price"),
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    pair: Mapped[Pair] = mapped_column("symbol", PairText, primary_key=True)
    side: Mapped[PositionSide] = mapped_column(Word(PositionSide))
    quantity: Mapped[Decimal] = mapped_column(Money)
    average_entry_price: Mapped[Decimal] = mapped_column(Money)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    asked_at: Mapped[datetime | None] = mapped_column(Instant)
    asked_by: Mapped[str] = mapped_column(Text, server_default=text("''"))


class BreakerRow(Base, Kept):
    """The breaker of a pair, or without a symbol the breaker of the user."""

    __tablename__ = "breakers"
    __table_args__ = (
        UniqueConstraint("user_id", "symbol", postgresql_nulls_not_distinct=True),
        one_of("state", BreakerState),
        *finite("counts_from_pnl"),
        CheckConstraint(
            "(state = 'open') = (code <> '') AND (state = 'open') = (until IS NOT NULL)",
            name="open_with_cause",
        ),
    )

    breaker_id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"))
    pair: Mapped[Pair | None] = mapped_column("symbol", PairText)
    state: Mapped[BreakerState] = mapped_column(Word(BreakerState))
    code: Mapped[str] = mapped_column(Text)
    figures: Mapped[dict[str, str]] = mapped_column(JSON)
    opened_at: Mapped[datetime | None] = mapped_column(Instant)
    until: Mapped[datetime | None] = mapped_column(Instant)
    counts_from: Mapped[datetime | None] = mapped_column(Instant)
    counts_from_pnl: Mapped[Decimal] = mapped_column(Money)
