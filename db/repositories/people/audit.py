"""The audit log: actor, action and time; entries are added, never changed."""

import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from db.models.journal import SEALING_LOCK, AuditChainRow, AuditRow
from db.repositories.base import OperatorRepository, TenantRepository, table_of, to_value
from trading.domain.units import UserId
from trading.security.audit_chain import SALT_BYTES, AuditEntry, ChainLink, extend_chain

AUDIT = table_of(AuditRow)
CHAIN = table_of(AuditChainRow)


class AuditRepository(TenantRepository):
    """Entries of the tenant."""

    async def append(
        self, actor: str, *, action: str, detail: Mapping[str, str], now: datetime
    ) -> None:
        """Write an entry about the user of this session."""
        row = {"actor": actor, "action": action, "detail": dict(detail), "at": now}
        await self._run(self._insert(AUDIT, row))

    async def list_entries(self, *, limit: int) -> tuple[AuditEntry, ...]:
        """The user's entries, newest first."""
        newest = self._select(AUDIT).order_by(AUDIT.c.entry_id.desc()).limit(limit)
        return tuple(to_value(AuditEntry, row) for row in await self._all(newest))


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

    async def seal_entries(self) -> int:
        """Extend the chain of hashes by the entries without a link; the number of entries."""
        await self._run(text(f"SELECT pg_advisory_xact_lock({SEALING_LOCK})"))
        newest = await self._first(select(CHAIN).order_by(CHAIN.c.sequence.desc()).limit(1))
        unsealed = (
            select(AUDIT)
            .outerjoin(CHAIN, CHAIN.c.entry_id == AUDIT.c.entry_id)
            .where(CHAIN.c.sequence.is_(None))
            .order_by(AUDIT.c.entry_id)
        )
        entries = [to_value(AuditEntry, row) for row in await self._all(unsealed)]
        last = to_value(ChainLink, newest) if newest is not None else None
        salts = (os.urandom(SALT_BYTES) for _ in entries)
        for link in extend_chain(entries, last=last, salts=salts):
            await self._run(insert(CHAIN).values(asdict(link)))
        return len(entries)

    async def load_chain(self) -> tuple[tuple[ChainLink, ...], Mapping[int, AuditEntry]]:
        """The whole chain by sequence, and the log by entry id."""
        links = await self._all(select(CHAIN).order_by(CHAIN.c.sequence))
        entries = [to_value(AuditEntry, row) for row in await self._all(select(AUDIT))]
        by_id = {entry.entry_id: entry for entry in entries}
        return tuple(to_value(ChainLink, row) for row in links), by_id

    async def load_head(self) -> ChainLink | None:
        """The last link; None without entries."""
        row = await self._first(select(CHAIN).order_by(CHAIN.c.sequence.desc()).limit(1))
        return to_value(ChainLink, row) if row is not None else None

    async def list_entries(self, *, limit: int) -> tuple[AuditEntry, ...]:
        """Entries of everybody and of the system, newest first."""
        newest = select(AUDIT).order_by(AUDIT.c.entry_id.desc()).limit(limit)
        return tuple(to_value(AuditEntry, row) for row in await self._all(newest))
