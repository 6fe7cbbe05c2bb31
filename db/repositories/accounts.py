"""Users' access to venues: sealed on the way in, opened on the way out, never for anybody else.

The binding is made from the session's user and the row's venue, so what was moved between rows or
columns by whoever can write to the database does not open.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from db.models.people import ExchangeAccountRow
from db.repositories.base import TenantRepository
from db.repositories.base import table_of
from db.repositories.base import to_value
from db.sealing import Binding
from db.sealing import MasterKeys
from db.sealing import open_sealed
from db.sealing import read_key_id
from db.sealing import rewrap
from db.sealing import seal
from trading.credentials import Credentials
from trading.credentials import ExchangeAccount
from trading.units import VenueName

ACCOUNTS = table_of(ExchangeAccountRow)
SEALED_COLUMNS = {"sealed_api_key": "api_key", "sealed_api_secret": "api_secret"}
"""Purpose by column; the purpose is also the field of `Credentials`."""


class AccountRepository(TenantRepository):
    """The tenant's access to venues."""

    async def save_credentials(
        self, venue: VenueName, *, credentials: Credentials, keys: MasterKeys, now: datetime
    ) -> None:
        """Seal and keep them in the place of older ones; they count as not yet verified."""
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

    async def load_credentials(self, venue: VenueName, *, keys: MasterKeys) -> Credentials | None:
        """
        Open them; None when the user is not connected to the venue.

        Raises:
            PermanentError: when they were moved or changed, or their master key is missing.
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
        return Credentials(**opened, environment=row.environment)

    async def list_accounts(self) -> tuple[ExchangeAccount, ...]:
        """What may be shown of the user's access, by venue."""
        rows = await self._all(self._select(ACCOUNTS).order_by(ACCOUNTS.c.venue))
        return tuple(to_value(ExchangeAccount, row) for row in rows)

    async def set_verified(self, venue: VenueName, *, now: datetime) -> bool:
        """The venue has confirmed the key's rights; False when the user is not connected."""
        statement = self._update(ACCOUNTS).where(ACCOUNTS.c.venue == venue)
        return await self._run(statement.values(verified_at=now)) == 1

    async def remove_account(self, venue: VenueName) -> bool:
        """Forget the keys; False when there were none."""
        return await self._run(self._delete(ACCOUNTS).where(ACCOUNTS.c.venue == venue)) == 1

    async def rewrap_accounts(self, *, keys: MasterKeys) -> int:
        """Bring the user's keys under the current master key; how many were not there yet."""
        rows = await self._all(self._select(ACCOUNTS).with_for_update())
        stale = [row for row in rows if _needs_rewrap(row, current_id=keys.current_id)]
        for row in stale:
            await self._rewrap(row, keys=keys)
        return len(stale)

    async def _rewrap(self, row: Row[Any], *, keys: MasterKeys) -> None:
        wrapped = {
            column: rewrap(
                getattr(row, column), binding=self._binding(row.venue, purpose), keys=keys
            )
            for column, purpose in SEALED_COLUMNS.items()
        }
        statement = self._update(ACCOUNTS).where(ACCOUNTS.c.venue == row.venue)
        await self._run(statement.values(**wrapped, master_key_id=keys.current_id))

    def _one(self, venue: VenueName) -> Any:
        return self._select(ACCOUNTS).where(ACCOUNTS.c.venue == venue)

    def _binding(self, venue: VenueName, purpose: str) -> Binding:
        return Binding(table=ACCOUNTS.name, user_id=self._user_id, venue=venue, purpose=purpose)


def _needs_rewrap(row: Row[Any], *, current_id: str) -> bool:
    ids = {read_key_id(getattr(row, column)) for column in SEALED_COLUMNS}
    return ids != {current_id} or row.master_key_id != current_id
