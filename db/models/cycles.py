"""Tables of cycles with receipts, votes, and outcomes of votes.

users 1-n cycles 1-n ai_decisions;  cycles 1-n ai_outcomes

A receipt is packed JSON (`db.codecs.compression`), a tenth of the size: all digits and the
order of figures, which is the reading order, are kept. Columns beside the receipt serve queries.
`row_created_at` is missing in tables growing with every cycle: other columns hold the instant.
"""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.engine.base import Base
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
from trading.council.decisions import Abstention, Action
from trading.cycle import CycleOutcome
from trading.domain.messages import Message
from trading.domain.units import Mode, Pair, PositionSide, VenueName


class CycleRow(Base):
    """A cycle: claimed when the row exists, closed when the row has an outcome."""

    __tablename__ = "cycles"
    __table_args__ = (
        one_of("mode", Mode),
        one_of("venue", VenueName),
        one_of("outcome", CycleOutcome),
        CheckConstraint("(outcome IS NULL) = (closed_at IS NULL)", name="closed_with_outcome"),
        Index("ix_cycles_unclosed", "opened_at", postgresql_where=text("outcome IS NULL")),
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    pair: Mapped[Pair] = mapped_column("symbol", PairText, primary_key=True)
    cycle_time: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    mode: Mapped[Mode] = mapped_column(Word(Mode))
    venue: Mapped[VenueName] = mapped_column(Word(VenueName))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[CycleOutcome | None] = mapped_column(Word(CycleOutcome))
    reason: Mapped[Message] = mapped_column(MessageText, server_default=text("''"))
    receipt: Mapped[bytes | None] = mapped_column(LargeBinary)
    updated_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())


class AiDecisionRow(Base):
    """
    A vote or abstention of a model in a cycle; the receipt holds the reasons.

    `news_action` is the vote on the question with headlines; NULL for an abstention, and without
    the question (`is_asked_about_news`).
    """

    __tablename__ = "ai_decisions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "symbol", "cycle_time"],
            ["cycles.user_id", "cycles.symbol", "cycles.cycle_time"],
            ondelete="CASCADE",
        ),
        one_of("action", Action),
        one_of("abstention", Abstention),
        CheckConstraint("(action IS NULL) <> (abstention IS NULL)", name="vote_or_abstention"),
        CheckConstraint("confidence BETWEEN 0 AND 100", name="confidence_range"),
        one_of("news_action", Action),
        CheckConstraint("win_probability BETWEEN 0 AND 100", name="win_probability_range"),
        one_of("position_side", PositionSide),
        *positive("stop_pct", "target_pct", "price"),
        *not_negative("cost_usd"),
        CheckConstraint(
            "input_tokens >= 0 AND cached_input_tokens >= 0 AND output_tokens >= 0"
            " AND latency_ms >= 0",
            name="usage_not_negative",
        ),
        Index("ix_ai_decisions_voted", "decided_at", postgresql_where=text("action IS NOT NULL")),
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    pair: Mapped[Pair] = mapped_column("symbol", PairText, primary_key=True)
    cycle_time: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    model: Mapped[str] = mapped_column(Text, primary_key=True)
    vendor: Mapped[str] = mapped_column(Text)
    is_offline: Mapped[bool]
    action: Mapped[Action | None] = mapped_column(Word(Action))
    abstention: Mapped[Abstention | None] = mapped_column(Word(Abstention))
    confidence: Mapped[Decimal | None] = mapped_column(Money)
    win_probability: Mapped[Decimal | None] = mapped_column(Money)
    stop_pct: Mapped[Decimal | None] = mapped_column(Money)
    target_pct: Mapped[Decimal | None] = mapped_column(Money)
    detail: Mapped[str] = mapped_column(Text)
    prompt_hash: Mapped[str] = mapped_column(Text)
    prompt_version: Mapped[str] = mapped_column(Text, server_default="")
    input_tokens: Mapped[int]
    cached_input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    cost_usd: Mapped[Decimal] = mapped_column(Money)
    latency_ms: Mapped[int]
    price: Mapped[Decimal | None] = mapped_column(Money)
    position_side: Mapped[PositionSide | None] = mapped_column(Word(PositionSide))
    is_asked_about_news: Mapped[bool] = mapped_column(server_default=text("false"))
    news_action: Mapped[Action | None] = mapped_column(Word(Action))
    decided_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())


class AiOutcomeRow(Base):
    """The outcome of a vote, or of the quorum's view (model "quorum"): judged once, kept."""

    __tablename__ = "ai_outcomes"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "symbol", "cycle_time"],
            ["cycles.user_id", "cycles.symbol", "cycles.cycle_time"],
            ondelete="CASCADE",
        ),
        one_of("action", Action),
        CheckConstraint("confidence BETWEEN 0 AND 100", name="confidence_range"),
        *finite("net_return"),
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    pair: Mapped[Pair] = mapped_column("symbol", PairText, primary_key=True)
    cycle_time: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    model: Mapped[str] = mapped_column(Text, primary_key=True)
    action: Mapped[Action] = mapped_column(Word(Action))
    confidence: Mapped[Decimal] = mapped_column(Money)
    is_right: Mapped[bool]
    is_taken: Mapped[bool]
    net_return: Mapped[Decimal] = mapped_column(Money)
    ended_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())
