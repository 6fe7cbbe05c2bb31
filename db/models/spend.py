"""Tables of the LLM budget: calls, shares of users, daily totals, and the users' own caps.

ai_days 1-n ai_calls 1-n ai_spend n-1 users;  users 1-n ai_budgets

A call belongs to no user: a shared answer is a single row, reserved at `bound_usd` before the call
and settled at `cost_usd` afterwards. `ai_spend` has a row for each user of the answer; a share is
the call's amount divided by `sharers`, so a share can only fall when further users join. `ai_days`
is the sum of all calls: every reservation waits for the lock of the day's row.
"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from db.engine.base import Base
from db.engine.types import Instant, Money, PairText, not_negative
from trading.domain.units import Pair


class AiDayRow(Base):
    """All money reserved or spent on a UTC day."""

    __tablename__ = "ai_days"
    __table_args__ = (*not_negative("committed_usd"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    committed_usd: Mapped[Decimal] = mapped_column(Money)
    updated_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())


class AiCallRow(Base):
    """A question to a model: asked at most once, even after a crash."""

    __tablename__ = "ai_calls"
    __table_args__ = (
        Index(None, "day"),
        *not_negative("bound_usd", "cost_usd"),
        CheckConstraint("sharers >= 1", name="is_shared_by_somebody"),
        CheckConstraint("(cost_usd IS NULL) = (settled_at IS NULL)", name="settled_with_cost"),
    )

    call_id: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column()
    model: Mapped[str] = mapped_column(Text)
    vendor: Mapped[str] = mapped_column(Text)
    bound_usd: Mapped[Decimal] = mapped_column(Money)
    cost_usd: Mapped[Decimal | None] = mapped_column(Money)
    sharers: Mapped[int] = mapped_column(server_default=text("1"))
    reserved_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())


class AiSpendRow(Base):
    """A user's share of a call, reserved before the call; a cycle may ask a model twice."""

    __tablename__ = "ai_spend"
    __table_args__ = (Index(None, "user_id", "day"),)

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    pair: Mapped[Pair] = mapped_column("symbol", PairText, primary_key=True)
    cycle_time: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    model: Mapped[str] = mapped_column(Text, primary_key=True)
    call_id: Mapped[str] = mapped_column(
        ForeignKey("ai_calls.call_id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column()
    updated_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())


class AiBudgetRow(Base):
    """A user's cap on a day of model calls: for a pair, or ('') for all pairs."""

    __tablename__ = "ai_budgets"
    __table_args__ = (*not_negative("day_usd"),)

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    scope: Mapped[str] = mapped_column(Text, primary_key=True)
    day_usd: Mapped[Decimal] = mapped_column(Money)
    updated_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
