"""Tables of the alert outbox and of the audit log."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import Mapped, mapped_column

from db.engine.base import Base, Kept
from db.engine.types import Instant, MessageText, Word, one_of
from trading.domain.alerts import AlertKind, Severity
from trading.domain.messages import Message

SEALING_LOCK = 0x4155444954
"""The word AUDIT as a number: one process at a time extends the chain."""
_WAITING = sql("delivered_at IS NULL AND dropped_at IS NULL")


class AlertRow(Base, Kept):
    """An alert to deliver: to a user, or without a user to the operator."""

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("user_id", "dedupe_key", postgresql_nulls_not_distinct=True),
        Index("ix_alerts_waiting", "user_id", "alert_id", postgresql_where=_WAITING),
        one_of("severity", Severity),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
    )

    alert_id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"))
    kind: Mapped[AlertKind] = mapped_column(Word(AlertKind))
    severity: Mapped[Severity] = mapped_column(Word(Severity))
    text: Mapped[Message] = mapped_column(MessageText)
    dedupe_key: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(server_default=sql("0"))
    not_before: Mapped[datetime | None] = mapped_column(Instant)
    delivered_at: Mapped[datetime | None] = mapped_column(Instant)
    dropped_at: Mapped[datetime | None] = mapped_column(Instant)
    last_error: Mapped[str] = mapped_column(Text, server_default=sql("''"))
    forwarded_at: Mapped[datetime | None] = mapped_column(Instant)


class AuditChainRow(Base):
    """A link of the chain of hashes over the audit log; see `trading.security.audit_chain`."""

    __tablename__ = "audit_chain"
    __table_args__ = (
        UniqueConstraint("entry_id"),
        CheckConstraint("sequence > 0", name="sequence_positive"),
    )

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(BigInteger)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    link: Mapped[bytes] = mapped_column(LargeBinary)


class AuditRow(Base):
    """An audit entry; rows are added, never changed."""

    __tablename__ = "audit_log"
    __table_args__ = (Index(None, "user_id", "at"),)

    entry_id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"))
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Instant)
