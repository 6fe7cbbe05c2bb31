"""The audit log: actor, action and time; entries are added, never changed."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from db.models.journal import AuditRow
from db.repositories.base import OperatorRepository, TenantRepository, table_of
from trading.domain.units import UserId

AUDIT = table_of(AuditRow)


class AuditRepository(TenantRepository):
    """Entries of the tenant."""

    async def append(
        self, actor: str, *, action: str, detail: Mapping[str, str], now: datetime
    ) -> None:
        """Write an entry about the user of this session."""
        row = {"actor": actor, "action": action, "detail": dict(detail), "at": now}
        await self._run(self._insert(AUDIT, row))


class OperatorAuditRepository(OperatorRepository):
    """Entries of all users and of the system."""

    async def append(
        self,
        actor: str,
        *,
        action: str,
        detail: Mapping[str, str],
        now: datetime,
        about: UserId | None = None,
    ) -> None:
        """Write an entry about a user, or with None about the system."""
        row = {"user_id": about, "actor": actor, "action": action, "at": now}
        await self._run(insert(AUDIT).values({**row, "detail": dict(detail)}))
