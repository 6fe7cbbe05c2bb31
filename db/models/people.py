"""Tables of users, exchange accounts, configured pairs and trading states.

users 1-n user_configs 1-1 user_states;  users 1-n exchange_accounts (sealed) 1-1 key_checks

Every key starts with `user_id`, so a collision can never reveal another user.
"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
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
from trading.domain.accounts import Language
from trading.domain.messages import Message
from trading.domain.units import Mode, Pair, TradingState, VenueName
from trading.security.credentials import Environment


class UserRow(Base, Kept):
    """
    A person; `trading_state` is the user's own switch, beside the system's and the venue's.

    `blocked_at`: the person blocked the bot; `muted_alerts`: groups of alerts not wanted.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("language ~ '^[a-z]{2,3}$'", name="language_form"),
        one_of("trading_state", TradingState),
        CheckConstraint("char_length(name) BETWEEN 1 AND 100", name="name_length"),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    telegram_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    language: Mapped[Language] = mapped_column(Text)
    is_admin: Mapped[bool] = mapped_column(server_default=text("false"))
    is_banned: Mapped[bool] = mapped_column(server_default=text("false"))
    trading_state: Mapped[TradingState] = mapped_column(
        Word(TradingState), server_default=text("'active'")
    )
    trading_state_reason: Mapped[str] = mapped_column(Text, server_default=text("''"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    blocked_at: Mapped[datetime | None] = mapped_column(Instant)
    muted_alerts: Mapped[list[str]] = mapped_column(JSONB, server_default=text("'[]'"))


class ExchangeAccountRow(Base, Kept):
    """
    An exchange account of a user: only ciphertexts, with the id of the wrapping key.

    The two cells of key and secret are of version 1.0; a row with `sealed_credentials` has none.
    """

    __tablename__ = "exchange_accounts"
    __table_args__ = (one_of("venue", VenueName), one_of("environment", Environment))

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    venue: Mapped[VenueName] = mapped_column(Word(VenueName), primary_key=True)
    environment: Mapped[Environment] = mapped_column(
        Word(Environment), server_default=text("'real'")
    )
    sealed_api_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_api_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    master_key_id: Mapped[str] = mapped_column(Text)
    hint: Mapped[str] = mapped_column(Text)
    connected_at: Mapped[datetime] = mapped_column(Instant)
    verified_at: Mapped[datetime | None] = mapped_column(Instant)
    moves_profit: Mapped[bool] = mapped_column(server_default=text("false"))
    sealed_credentials: Mapped[bytes | None] = mapped_column(LargeBinary)


class KeyGenerationRow(Base):
    """The generations that a connection had; rows are only added, the greatest counts."""

    __tablename__ = "key_generations"
    __table_args__ = (
        one_of("venue", VenueName),
        CheckConstraint("generation > 0", name="generation_positive"),
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    venue: Mapped[VenueName] = mapped_column(Word(VenueName), primary_key=True)
    generation: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class KeyCheckRow(Base, Kept):
    """The next check of a key's permissions, and the last refusal."""

    __tablename__ = "key_checks"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "venue"],
            ["exchange_accounts.user_id", "exchange_accounts.venue"],
            ondelete="CASCADE",
        ),
        Index(None, "due_at"),
        one_of("venue", VenueName),
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    venue: Mapped[VenueName] = mapped_column(Word(VenueName), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(Instant)
    refusal: Mapped[Message] = mapped_column(MessageText, server_default=text("''"))


class UserConfigRow(Base, Kept):
    """A pair of a user; `overrides` holds the user's own settings."""

    __tablename__ = "user_configs"
    __table_args__ = (
        UniqueConstraint("user_id", "symbol"),
        Index(None, "symbol"),
        one_of("venue", VenueName),
        one_of("mode", Mode),
        *positive("capital"),
        CheckConstraint("is_paused OR NOT is_paused_in_prefect", name="pause_in_prefect"),
    )

    config_id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"))
    pair: Mapped[Pair] = mapped_column("symbol", PairText)
    venue: Mapped[VenueName] = mapped_column(Word(VenueName))
    mode: Mapped[Mode] = mapped_column(Word(Mode))
    capital: Mapped[Decimal] = mapped_column(Money)
    is_paused: Mapped[bool] = mapped_column(server_default=text("false"))
    is_paused_in_prefect: Mapped[bool] = mapped_column(server_default=text("false"))
    overrides: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))
    created_at: Mapped[datetime] = mapped_column(Instant)


class UserStateRow(Base, Kept):
    """Equity book-keeping of a pair; deleted with the pair."""

    __tablename__ = "user_states"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "symbol"],
            ["user_configs.user_id", "user_configs.symbol"],
            ondelete="CASCADE",
        ),
        Index(None, "symbol"),
        *positive("capital", "start_price", "last_mark"),
        *finite("peak_equity", "day_start_equity", "last_equity"),
        *not_negative("set_aside"),
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True
    )
    pair: Mapped[Pair] = mapped_column("symbol", PairText, primary_key=True)
    capital: Mapped[Decimal] = mapped_column(Money)
    peak_equity: Mapped[Decimal] = mapped_column(Money)
    day: Mapped[date]
    day_start_equity: Mapped[Decimal] = mapped_column(Money)
    last_equity: Mapped[Decimal] = mapped_column(Money)
    last_mark: Mapped[Decimal] = mapped_column(Money)
    start_price: Mapped[Decimal] = mapped_column(Money)
    state_at: Mapped[datetime] = mapped_column(Instant)
    set_aside: Mapped[Decimal] = mapped_column(Money, server_default=text("0"))


class TradingStateRow(Base, Kept):
    """The switch of the system (scope `system`) and of each venue (scope: name)."""

    __tablename__ = "trading_states"
    __table_args__ = (one_of("state", TradingState),)

    scope: Mapped[str] = mapped_column(Text, primary_key=True)
    state: Mapped[TradingState] = mapped_column(Word(TradingState))
    reason: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(Instant)
