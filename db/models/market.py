"""Tables shared by all users: instrument rules of venues, and market snapshots by cycle time."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, Text, text
from sqlalchemy.dialects.postgresql import INTERVAL, JSON
from sqlalchemy.orm import Mapped, mapped_column

from db.engine.base import Base, Kept
from db.engine.types import Instant, Money, PairText, Word, finite, not_negative, one_of, positive
from trading.domain.units import Pair, VenueName
from trading.market.snapshot import MarketSource


class InstrumentRow(Base, Kept):
    """A venue's rules for a pair, as of `fetched_at`; `venue_symbol` is the venue's spelling."""

    __tablename__ = "instruments"
    __table_args__ = (
        Index(None, "symbol"),
        one_of("venue", VenueName),
        *positive("tick_size", "step_size", "min_quantity", "max_quantity"),
        *positive("max_leverage", "maintenance_margin_ratio"),
        *not_negative("min_notional", "maker_fee_rate", "taker_fee_rate"),
    )

    venue: Mapped[VenueName] = mapped_column(Word(VenueName), primary_key=True)
    pair: Mapped[Pair] = mapped_column("symbol", PairText, primary_key=True)
    venue_symbol: Mapped[str] = mapped_column(Text)
    tick_size: Mapped[Decimal] = mapped_column(Money)
    step_size: Mapped[Decimal] = mapped_column(Money)
    min_quantity: Mapped[Decimal] = mapped_column(Money)
    max_quantity: Mapped[Decimal] = mapped_column(Money)
    min_notional: Mapped[Decimal] = mapped_column(Money)
    max_leverage: Mapped[Decimal] = mapped_column(Money)
    maintenance_margin_ratio: Mapped[Decimal] = mapped_column(Money)
    maker_fee_rate: Mapped[Decimal] = mapped_column(Money)
    taker_fee_rate: Mapped[Decimal] = mapped_column(Money)
    fetched_at: Mapped[datetime] = mapped_column(Instant)
    funding_interval: Mapped[timedelta] = mapped_column(INTERVAL, server_default=text("'8 hours'"))


class MarketSnapshotRow(Base, Kept):
    """The market snapshot of a pair and cycle time, shared by all cycles, whole in `summary`."""

    __tablename__ = "market_snapshots"
    __table_args__ = (
        Index(None, "symbol", "cycle_time"),
        one_of("venue", VenueName),
        one_of("source", MarketSource),
        *positive("last_price", "mark_price"),
        *not_negative("spread_ratio"),
        *finite("funding_rate"),
    )

    venue: Mapped[VenueName] = mapped_column(Word(VenueName), primary_key=True)
    pair: Mapped[Pair] = mapped_column("symbol", PairText, primary_key=True)
    cycle_time: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    source: Mapped[MarketSource] = mapped_column(Word(MarketSource))
    last_price: Mapped[Decimal] = mapped_column(Money)
    mark_price: Mapped[Decimal] = mapped_column(Money)
    spread_ratio: Mapped[Decimal] = mapped_column(Money)
    funding_rate: Mapped[Decimal | None] = mapped_column(Money)
    summary: Mapped[dict[str, Any]] = mapped_column(JSON)
