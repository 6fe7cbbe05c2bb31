"""Users: the operator creates and finds users; a user reads and changes only the own row."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert

from db.models.people import UserConfigRow, UserRow
from db.repositories.base import OperatorRepository, TenantRepository, table_of, to_value
from trading.council.llm_budget import Traders
from trading.domain.accounts import ENGLISH, Language, User
from trading.domain.alert_topics import AlertGroup, Recipient
from trading.domain.errors import BadInput
from trading.domain.messages import message
from trading.domain.units import UserId

USERS = table_of(UserRow)
PAIRS = table_of(UserConfigRow)
MAX_NAME_CHARACTERS = 100


class OwnUserRepository(TenantRepository):
    """The tenant's own user."""

    async def load_user(self) -> User | None:
        """The user of this session, None after a removal."""
        return _to_user(await self._first(self._select(USERS)))

    async def set_language(self, language: Language) -> None:
        """Speak to the user in `language` from now on."""
        await self._run(self._update(USERS).values(language=language))

    async def load_muted(self) -> frozenset[AlertGroup]:
        """Alert topics muted by the user."""
        words = await self._scalar(self._select(USERS, USERS.c.muted_alerts))
        return _to_groups(words or ())

    async def set_muted(self, groups: Collection[AlertGroup]) -> None:
        """Replace the muted topics; alerts of all other topics are sent again."""
        await self._run(self._update(USERS).values(muted_alerts=sorted(groups)))


class UserRepository(OperatorRepository):
    """All users."""

    async def add_user(
        self,
        name: str,
        *,
        now: datetime,
        telegram_id: int | None = None,
        language: Language = ENGLISH,
        is_admin: bool = False,
    ) -> User:
        """
        Make a user.

        Raises:
            BadInput: when the name is not 1 to 100 characters, or the Telegram account has a user.
        """
        if not 1 <= len(name.strip()) <= MAX_NAME_CHARACTERS:
            raise BadInput(
                message("name-length", most=MAX_NAME_CHARACTERS, count=len(name.strip()))
            )
        row = {
            "name": name.strip(),
            "telegram_id": telegram_id,
            "language": language,
            "is_admin": is_admin,
            "created_at": now,
        }
        added = _to_user(
            await self._first(
                insert(USERS).values(row).on_conflict_do_nothing().returning(*USERS.c)
            )
        )
        if added is None:
            raise BadInput(message("telegram-account-taken", telegram_id=str(telegram_id)))
        return added

    async def load_user(self, user_id: UserId) -> User | None:
        """The user, None when there is none."""
        return _to_user(await self._first(select(USERS).where(USERS.c.user_id == user_id)))

    async def find_user_by_telegram_id(self, telegram_id: int) -> User | None:
        """The user of a Telegram account, None when there is none."""
        statement = select(USERS).where(USERS.c.telegram_id == telegram_id)
        return _to_user(await self._first(statement))

    async def list_users(self) -> tuple[User, ...]:
        """All users, oldest first."""
        rows = await self._all(select(USERS).order_by(USERS.c.user_id))
        return tuple(to_value(User, row) for row in rows)

    async def load_recipients(self, user_ids: Collection[UserId]) -> Mapping[UserId, Recipient]:
        """The language of each user; removed users are left out."""
        columns = (USERS.c.user_id, USERS.c.language, USERS.c.muted_alerts, USERS.c.blocked_at)
        rows = await self._all(select(*columns).where(USERS.c.user_id.in_(user_ids)))
        return {
            UserId(row.user_id): Recipient(
                language=row.language,
                muted=_to_groups(row.muted_alerts),
                is_blocked=row.blocked_at is not None,
            )
            for row in rows
        }

    async def count_traders(self, user_id: UserId, *, since: datetime) -> Traders:
        """Users with a running pair; users made after `since` are newcomers."""
        running = select(PAIRS.c.user_id).where(PAIRS.c.is_paused.is_(False))
        trades = (USERS.c.user_id.in_(running) | (USERS.c.user_id == user_id)) & ~USERS.c.is_banned
        rows = await self._all(select(USERS.c.user_id, USERS.c.created_at).where(trades))
        new = {row.user_id for row in rows if row.created_at > since}
        return Traders(
            established=len(rows) - len(new), newcomers=len(new), is_newcomer=user_id in new
        )

    async def set_blocked(self, user_id: UserId, *, blocked_at: datetime | None) -> None:
        """Record that the user blocked the bot, or with None that the user unblocked the bot."""
        await self._run(
            update(USERS).where(USERS.c.user_id == user_id).values(blocked_at=blocked_at)
        )

    async def set_banned(self, user_id: UserId, *, is_banned: bool) -> bool:
        """Ban or forgive; False when there is no such user."""
        statement = update(USERS).where(USERS.c.user_id == user_id).values(is_banned=is_banned)
        return await self._run(statement) == 1


def _to_groups(words: Collection[str]) -> frozenset[AlertGroup]:
    """The existing topics among `words`; an unknown older topic mutes nothing."""
    return frozenset(group for group in AlertGroup if group in words)


def _to_user(row: Row[Any] | None) -> User | None:
    return to_value(User, row) if row is not None else None
