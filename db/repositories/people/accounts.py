"""Exchange accounts: keys sealed when stored, opened when loaded, only for the owner.

The session's user and the row's venue form the binding: a ciphertext moved between rows or
columns, even by a writer with database access, does not open.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from db.encryption.envelope import Binding, MasterKeys, open_sealed, read_key_id, rewrap, seal
from db.models.people import ExchangeAccountRow, KeyCheckRow
from db.repositories.base import OperatorRepository, TenantRepository, table_of, to_value
from trading.domain.errors import PermanentError
from trading.domain.messages import NO_MESSAGE, Message
from trading.domain.units import UserId, VenueName
from trading.security.credentials import (
    KEY_LIFE,
    REFUSED_LIFE,
    Credentials,
    ExchangeAccount,
    KeyCheck,
)

ACCOUNTS = table_of(ExchangeAccountRow)
CHECKS = table_of(KeyCheckRow)
SEALED_COLUMNS = {"sealed_api_key": "api_key", "sealed_api_secret": "api_secret"}
"""Purpose by column; the purpose is also the field of `Credentials`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrapped:
    """
    The result of a rotation for a user.

    Attributes:
        count: records brought under the current master key.
        damaged: venues whose record does not open.
        needed: ids of the master keys named by damaged records.
    """

    count: int
    damaged: tuple[VenueName, ...] = ()
    needed: frozenset[str] = frozenset()


class AccountRepository(TenantRepository):
    """The tenant's access to venues."""

    async def save_credentials(
        self, venue: VenueName, *, credentials: Credentials, keys: MasterKeys, now: datetime
    ) -> None:
        """Seal and store the keys in place of older keys; the new keys count as not verified."""
        sealed = {
            column: seal(
                getattr(credentials, purpose), binding=self._binding(venue, purpose), keys=keys
            )
            for column, purpose in SEALED_COLUMNS.items()
        }
        row = {
            **sealed,
            "master_key_id": keys.current_id,
            "hint": credentials.hint,
            "connected_at": now,
            "verified_at": None,
            "environment": credentials.environment,
        }
        statement = self._insert(ACCOUNTS, {**row, "venue": venue})
        await self._run(statement.on_conflict_do_update(constraint=ACCOUNTS.primary_key, set_=row))
        await self._plan_check(venue, due_at=now)

    async def load_credentials(self, venue: VenueName, *, keys: MasterKeys) -> Credentials | None:
        """
        Open the keys; None when the user is not connected to the venue.

        Raises:
            PermanentError: when the ciphertext was moved or changed, or the master key is missing.
        """
        row = await self._first(self._one(venue))
        if row is None:
            return None
        opened = {
            purpose: open_sealed(
                getattr(row, column), binding=self._binding(venue, purpose), keys=keys
            )
            for column, purpose in SEALED_COLUMNS.items()
        }
        return Credentials(**opened, environment=row.environment, moves_profit=row.moves_profit)

    async def list_accounts(self) -> tuple[ExchangeAccount, ...]:
        """The displayable part of the user's accounts, by venue."""
        rows = await self._all(self._select(ACCOUNTS).order_by(ACCOUNTS.c.venue))
        return tuple(to_value(ExchangeAccount, row) for row in rows)

    async def set_verified(self, venue: VenueName, *, now: datetime) -> bool:
        """The venue has confirmed the key's rights; False when the user is not connected."""
        return await self._keep_standing(venue, KeyCheck(verified_at=now), now + KEY_LIFE)

    async def set_refused(self, venue: VenueName, *, refusal: Message, now: datetime) -> bool:
        """The venue has refused the key; False when the user is not connected."""
        refused = KeyCheck(verified_at=None, refusal=refusal)
        return await self._keep_standing(venue, refused, now + REFUSED_LIFE)

    async def set_moves_profit(self, venue: VenueName, *, moves_profit: bool) -> bool:
        """Set the treatment of profit; False when the user is not connected."""
        statement = self._update(ACCOUNTS).where(ACCOUNTS.c.venue == venue)
        return await self._run(statement.values(moves_profit=moves_profit)) == 1

    async def put_check_off(self, venue: VenueName, *, until: datetime) -> bool:
        """The venue did not answer: ask later; False when the user is not connected."""
        statement = self._update(CHECKS).where(CHECKS.c.venue == venue)
        return await self._run(statement.values(due_at=until)) == 1

    async def load_standing(self, venue: VenueName) -> KeyCheck | None:
        """What the venue last said of the key; None when the user is not connected."""
        row = await self._first(
            self._select(
                ACCOUNTS, ACCOUNTS.c.verified_at, ACCOUNTS.c.moves_profit, CHECKS.c.refusal
            )
            .join_from(
                ACCOUNTS,
                CHECKS,
                (CHECKS.c.user_id == ACCOUNTS.c.user_id) & (CHECKS.c.venue == ACCOUNTS.c.venue),
            )
            .where(ACCOUNTS.c.venue == venue)
        )
        return None if row is None else to_value(KeyCheck, row)

    async def remove_account(self, venue: VenueName) -> bool:
        """Forget the keys; False when there were none."""
        return await self._run(self._delete(ACCOUNTS).where(ACCOUNTS.c.venue == venue)) == 1

    async def rewrap_accounts(self, *, keys: MasterKeys) -> Rewrapped:
        """Bring the user's keys under the current master key, past records that do not open."""
        rows = await self._all(self._select(ACCOUNTS).with_for_update())
        stale = [row for row in rows if _list_key_ids(row) != {keys.current_id}]
        damaged = [row for row in stale if not await self._rewrap(row, keys=keys)]
        return Rewrapped(
            count=len(stale) - len(damaged),
            damaged=tuple(row.venue for row in damaged),
            needed=frozenset(key_id for row in damaged for key_id in _list_key_ids(row)),
        )

    async def _rewrap(self, row: Row[Any], *, keys: MasterKeys) -> bool:
        """Wrap a record anew; False, with the record unchanged, when a cell does not open."""
        try:
            wrapped = {
                column: rewrap(
                    getattr(row, column), binding=self._binding(row.venue, purpose), keys=keys
                )
                for column, purpose in SEALED_COLUMNS.items()
            }
        except PermanentError:
            return False
        statement = self._update(ACCOUNTS).where(ACCOUNTS.c.venue == row.venue)
        await self._run(statement.values(**wrapped, master_key_id=keys.current_id))
        return True

    async def _keep_standing(self, venue: VenueName, standing: KeyCheck, due_at: datetime) -> bool:
        statement = self._update(ACCOUNTS).where(ACCOUNTS.c.venue == venue)
        if await self._run(statement.values(verified_at=standing.verified_at)) != 1:
            return False
        await self._plan_check(venue, due_at=due_at, refusal=standing.refusal)
        return True

    async def _plan_check(
        self, venue: VenueName, *, due_at: datetime, refusal: Message = NO_MESSAGE
    ) -> None:
        row = {"due_at": due_at, "refusal": refusal}
        statement = self._insert(CHECKS, {**row, "venue": venue})
        await self._run(statement.on_conflict_do_update(constraint=CHECKS.primary_key, set_=row))

    def _one(self, venue: VenueName) -> Any:
        return self._select(ACCOUNTS).where(ACCOUNTS.c.venue == venue)

    def _binding(self, venue: VenueName, purpose: str) -> Binding:
        return Binding(table=ACCOUNTS.name, user_id=self._user_id, venue=venue, purpose=purpose)


class OperatorKeyRepository(OperatorRepository):
    """Key checks across users; never a key."""

    async def list_due_checks(
        self, now: datetime, *, limit: int
    ) -> tuple[tuple[UserId, VenueName], ...]:
        """Users and venues with a due key check, longest overdue first."""
        statement = (
            select(CHECKS.c.user_id, CHECKS.c.venue)
            .where(CHECKS.c.due_at <= now)
            .order_by(CHECKS.c.due_at)
            .limit(limit)
        )
        rows = await self._all(statement)
        return tuple((UserId(user_id), venue) for user_id, venue in rows)


def _list_key_ids(row: Row[Any]) -> set[str]:
    """The master keys named by a record and by its cells; "" for a malformed cell."""
    ids = {row.master_key_id}
    for column in SEALED_COLUMNS:
        try:
            ids.add(read_key_id(getattr(row, column)))
        except PermanentError:
            ids.add("")
    return ids
