"""Tables of the bot: updates, buttons, dialogs and pending limit changes survive a restart.

bot_updates: each update once;  users 1-n bot_buttons, limit_raises;  users 1-1 bot_dialogs

The tables never hold a secret: a dialog keeps the step, never the typed answer.
"""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.engine.base import Base, Kept
from db.engine.types import Instant, PairText
from trading.domain.units import Pair


class BotUpdateRow(Base):
    """A received update; without a user, because strangers write too."""

    __tablename__ = "bot_updates"
    __table_args__ = (Index(None, "taken_at"),)

    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    taken_at: Mapped[datetime] = mapped_column(Instant)


class BotButtonRow(Base, Kept):
    """A displayed button: action, owner, expiry, and whether the button was pressed."""

    __tablename__ = "bot_buttons"
    __table_args__ = (
        CheckConstraint("char_length(token) BETWEEN 16 AND 64", name="token_length"),
        Index(None, "user_id", "expires_at"),
    )

    token: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"))
    action: Mapped[str] = mapped_column(Text)
    argument: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    pressed_at: Mapped[datetime | None] = mapped_column(Instant)


class BotDialogRow(Base, Kept):
    """The open question of a user; a row is removed with the answer."""

    __tablename__ = "bot_dialogs"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    step: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))
    asked_at: Mapped[datetime] = mapped_column(Instant)


class LimitRaiseRow(Base, Kept):
    """A looser limit of a pair, requested by the user and effective at `due_at`."""

    __tablename__ = "limit_raises"
    __table_args__ = (Index(None, "due_at"),)

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    pair: Mapped[Pair] = mapped_column("symbol", PairText, primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
