"""Exchange accounts: keys sealed when stored, opened when loaded, only for the owner.

A record that was moved, changed, or put back from an earlier time does not open, even for a writer
with database access (`db.repositories.people.connection_records`).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, func, select, text

from db.encryption.envelope import DamagedRecord, MasterKeys
from db.models.journal import AuditRow
from db.models.people import ExchangeAccountRow, KeyCheckRow, KeyGenerationRow
from db.repositories.base import OperatorRepository, TenantRepository, table_of, to_value
from db.repositories.people.connection_records import CELLS, Connection, list_key_ids
from trading.domain.errors import PermanentError
from trading.domain.messages import NO_MESSAGE, Message, message
from trading.domain.units import UserId, VenueName
from trading.security.credentials import (
    KEY_LIFE,
    REFUSED_LIFE,
    Credentials,
    ExchangeAccount,
    KeyCheck,
)

ACCOUNTS = table_of(ExchangeAccountRow)
AUDIT = table_of(AuditRow)
CHECKS = table_of(KeyCheckRow)
GENERATIONS = table_of(KeyGenerationRow)
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('quorum.generations', :user_id))"


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
        moves_profit = credentials.moves_profit or await self._moves_profit(venue, keys=keys)
        sealed = await self._seal(
            venue, replace(credentials, moves_profit=moves_profit), keys=keys
        )
        row = {**sealed, "hint": credentials.hint, "connected_at": now, "verified_at": None}
        statement = self._insert(ACCOUNTS, {**row, "venue": venue})
        await self._run(statement.on_conflict_do_update(constraint=ACCOUNTS.primary_key, set_=row))
        await self._plan_check(venue, due_at=now)

    async def load_credentials(self, venue: VenueName, *, keys: MasterKeys) -> Credentials | None:
        """
        Open the keys; None when the user is not connected to the venue.

        Raises:
            DamagedRecord: when the record was moved, changed or put back from an earlier time.
            PermanentError: when the master key is missing.
        """
        # One statement: between two statements the connection may take another generation.
        newest = self._newest(venue).scalar_subquery()
        row = await self._first(
            self._select(ACCOUNTS, ACCOUNTS, newest.label("generation")).where(
                ACCOUNTS.c.venue == venue
            )
        )
        if row is None:
            return None
        return self._open(row, generation=row.generation, keys=keys)

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

    async def set_moves_profit(
        self, venue: VenueName, *, moves_profit: bool, keys: MasterKeys
    ) -> bool:
        """
        Seal the treatment of profit with the keys; False when the user is not connected.

        Raises:
            PermanentError, DamagedRecord: as `load_credentials` does.
        """
        credentials = await self.load_credentials(venue, keys=keys)
        if credentials is None:
            return False
        changed = replace(credentials, moves_profit=moves_profit)
        sealed = await self._seal(venue, changed, keys=keys)
        statement = self._update(ACCOUNTS).where(ACCOUNTS.c.venue == venue)
        return await self._run(statement.values(sealed)) == 1

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
        """Forget the keys for good; False when there were none."""
        if await self._run(self._delete(ACCOUNTS).where(ACCOUNTS.c.venue == venue)) != 1:
            return False
        await self._take_generation(venue)
        return True

    async def rewrap_accounts(self, *, keys: MasterKeys) -> Rewrapped:
        """
        Bring the user's keys under the current master key, past records that do not open.

        Cells of version 1.0 are sealed as one record.
        """
        rows = await self._all(self._select(ACCOUNTS).with_for_update())
        done, damaged = 0, []
        for row in rows:
            try:
                done += await self._rewrap(row, keys=keys)
            except PermanentError:
                damaged.append(row)
        return Rewrapped(
            count=done,
            damaged=tuple(row.venue for row in damaged),
            needed=frozenset(key_id for row in damaged for key_id in list_key_ids(row)),
        )

    async def list_damaged(self, *, keys: MasterKeys) -> tuple[VenueName, ...]:
        """
        Venues whose record does not open, or is older than the newest audited generation.

        A restored copy of all rows of a connection opens; only the audit log tells its age.
        """
        damaged = []
        for account in await self.list_accounts():
            newest = await self._scalar(self._newest(account.venue))
            try:
                await self.load_credentials(account.venue, keys=keys)
            except PermanentError:
                damaged.append(account.venue)
            else:
                if newest < await self._audited_generation(account.venue):
                    damaged.append(account.venue)
        return tuple(damaged)

    async def load_generation(self, venue: VenueName) -> int:
        """The newest generation of a connection, for the audit log; 0 before the first."""
        return int(await self._scalar(self._newest(venue)))

    async def _rewrap(self, row: Row[Any], *, keys: MasterKeys) -> bool:
        """Bring a row under the current key; False when it is. May raise PermanentError."""
        generation = await self.load_generation(row.venue)
        credentials = self._open(row, generation=generation, keys=keys)
        if row.sealed_credentials is None:
            changed = await self._seal(row.venue, credentials, keys=keys)
        elif list_key_ids(row) != {keys.current_id}:
            place = self._place(row.venue, generation)
            wrapped = place.rewrap(row, keys=keys)
            changed = {"sealed_credentials": wrapped, "master_key_id": keys.current_id}
        else:
            return False
        await self._run(
            self._update(ACCOUNTS).where(ACCOUNTS.c.venue == row.venue).values(changed)
        )
        return True

    async def _seal(
        self, venue: VenueName, credentials: Credentials, *, keys: MasterKeys
    ) -> dict[str, Any]:
        """The columns of a record of the next generation."""
        place = self._place(venue, await self._take_generation(venue))
        return {
            "sealed_credentials": place.seal(credentials, keys=keys),
            "master_key_id": keys.current_id,
            "environment": credentials.environment,
            "moves_profit": credentials.moves_profit,
            **dict.fromkeys(CELLS),
        }

    def _open(self, row: Row[Any], *, generation: int, keys: MasterKeys) -> Credentials:
        try:
            return self._place(row.venue, generation).open(row, keys=keys)
        except DamagedRecord:
            raise DamagedRecord(message("key-damaged", venue=row.venue.title())) from None

    async def _moves_profit(self, venue: VenueName, *, keys: MasterKeys) -> bool:
        """The flag of the present record; False for a record that does not open."""
        try:
            credentials = await self.load_credentials(venue, keys=keys)
        except PermanentError:
            return False
        return credentials is not None and credentials.moves_profit

    async def _take_generation(self, venue: VenueName) -> int:
        await self._connection.execute(text(_LOCK), {"user_id": self._user_id})
        generation = await self.load_generation(venue) + 1
        await self._run(self._insert(GENERATIONS, {"venue": venue, "generation": generation}))
        return generation

    def _newest(self, venue: VenueName) -> Any:
        newest = func.coalesce(func.max(GENERATIONS.c.generation), 0)
        return self._select(GENERATIONS, newest).where(GENERATIONS.c.venue == venue)

    async def _audited_generation(self, venue: VenueName) -> int:
        generation = AUDIT.c.detail["generation"].as_string().cast(BigInteger)
        statement = self._select(AUDIT, func.coalesce(func.max(generation), 0))
        return int(
            await self._scalar(statement.where(AUDIT.c.detail["venue"].as_string() == venue))
        )

    def _place(self, venue: VenueName, generation: int) -> Connection:
        return Connection(user_id=self._user_id, venue=venue, generation=generation)

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
