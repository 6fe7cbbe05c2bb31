"""Cycles: claimed once, closed once, with a permanent receipt.

claim_cycle (one wins) -> close_cycle with the receipt | interrupt_cycle by reconciliation
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select, update
from sqlalchemy.dialects.postgresql import Insert

from db.codecs.receipts import pack_receipt, unpack_portfolio, unpack_receipt
from db.models.cycles import CycleRow
from db.repositories.base import OperatorRepository, TenantRepository, do_nothing, table_of
from trading.cycle import CycleKey, CycleOutcome, CycleRecord
from trading.domain.accounts import Portfolio
from trading.domain.messages import message
from trading.domain.units import Mode, Pair, UserId, VenueName

CYCLES = table_of(CycleRow)
INTERRUPTED_REASON = message("cycle-interrupted")


class CycleRepository(TenantRepository):
    """The tenant's cycles; keys must be the tenant's."""

    async def claim_cycle(
        self, key: CycleKey, *, mode: Mode, venue: VenueName, now: datetime
    ) -> bool:
        """Claim the cycle for this run; False when claimed before."""
        row = {**self._key_columns(key), "mode": mode, "venue": venue, "opened_at": now}
        return await self._put(CYCLES, row, on_conflict=do_nothing) == 1

    async def close_cycle(self, record: CycleRecord) -> bool:
        """
        Store the receipt; False when the cycle was closed before (no change).

        A cycle marked as interrupted gets the real receipt if the run ends after all. A skipped
        cycle, never claimed, is inserted whole. `closed_at` falls back to `as_of`.
        """
        row = {
            **self._key_columns(record.key),
            "mode": record.mode,
            "venue": record.venue,
            "opened_at": record.as_of,
            "closed_at": record.closed_at or record.as_of,
            "outcome": record.outcome,
            "reason": record.reason,
            "receipt": pack_receipt(record),
        }
        return await self._put(CYCLES, row, on_conflict=_close_if_open) == 1

    async def load_cycle(
        self, pair: Pair, *, cycle_time: datetime | None = None
    ) -> CycleRecord | None:
        """The receipt of a cycle, or of the newest closed cycle; None without any."""
        if cycle_time is None:
            return next(iter(await self.list_cycles(pair, limit=1)), None)
        key = CycleKey(user_id=self._user_id, pair=pair, cycle_time=cycle_time)
        row = await self._first(self._select(CYCLES).where(*self._matches(key)))
        return _to_record(row) if row is not None and row.outcome is not None else None

    async def list_cycles(self, pair: Pair, *, limit: int) -> tuple[CycleRecord, ...]:
        """Receipts of closed cycles, newest first."""
        statement = (
            self._select(CYCLES)
            .where(CYCLES.c.symbol == pair, CYCLES.c.outcome.is_not(None))
            .order_by(CYCLES.c.cycle_time.desc())
            .limit(limit)
        )
        return tuple(_to_record(row) for row in await self._all(statement))

    async def list_portfolios(
        self, pair: Pair, *, since: datetime | None = None
    ) -> tuple[Portfolio, ...]:
        """Equity of the pair at the end of each closed cycle, oldest first."""
        statement = self._select(CYCLES, CYCLES.c.receipt).where(
            CYCLES.c.symbol == pair, CYCLES.c.receipt.is_not(None)
        )
        if since is not None:
            statement = statement.where(CYCLES.c.cycle_time >= since)
        rows = await self._all(statement.order_by(CYCLES.c.cycle_time))
        # A year is 17,520 receipts, a second or two: in a thread, so other requests don't wait.
        return await asyncio.to_thread(_list_worths, [receipt for (receipt,) in rows])

    def _key_columns(self, key: CycleKey) -> dict[str, Any]:
        if key.user_id != self._user_id:
            raise ValueError("a cycle is kept in its own user's session")
        return {"symbol": key.pair, "cycle_time": key.cycle_time}

    def _matches(self, key: CycleKey) -> tuple[Any, ...]:
        columns = self._key_columns(key)
        return tuple(CYCLES.c[name] == value for name, value in columns.items())


def _close_if_open(new: Insert, columns: Collection[str]) -> Insert:  # noqa: ARG001 (the type's)
    closing = ("closed_at", "outcome", "reason", "receipt")
    return new.on_conflict_do_update(
        constraint=CYCLES.primary_key,
        set_={name: new.excluded[name] for name in closing},
        where=or_(CYCLES.c.outcome.is_(None), CYCLES.c.outcome == CycleOutcome.INTERRUPTED),
    )


class OperatorCycleRepository(OperatorRepository):
    """Cycles of all users, for reconciliation and monitoring."""

    async def list_unclosed_cycles(self, opened_before: datetime) -> tuple[CycleKey, ...]:
        """Cycles opened before an instant and never closed, oldest first."""
        statement = (
            select(CYCLES.c.user_id, CYCLES.c.symbol, CYCLES.c.cycle_time)
            .where(CYCLES.c.outcome.is_(None), CYCLES.c.opened_at < opened_before)
            .order_by(CYCLES.c.opened_at)
        )
        return tuple(
            CycleKey(user_id=UserId(user_id), pair=pair, cycle_time=cycle_time)
            for user_id, pair, cycle_time in await self._all(statement)
        )

    async def interrupt_cycle(self, key: CycleKey, *, now: datetime) -> bool:
        """Mark an open cycle as interrupted; False when closed or unknown."""
        statement = (
            update(CYCLES)
            .where(
                CYCLES.c.user_id == key.user_id,
                CYCLES.c.symbol == key.pair,
                CYCLES.c.cycle_time == key.cycle_time,
                CYCLES.c.outcome.is_(None),
            )
            .values(outcome=CycleOutcome.INTERRUPTED, closed_at=now, reason=INTERRUPTED_REASON)
        )
        return await self._run(statement) == 1

    async def load_last_cycle_times(self) -> Mapping[tuple[UserId, Pair], datetime]:
        """The newest closed cycle time of each user and pair with a closed cycle."""
        statement = (
            select(CYCLES.c.user_id, CYCLES.c.symbol, CYCLES.c.cycle_time)
            .where(CYCLES.c.outcome.is_not(None))
            .order_by(CYCLES.c.user_id, CYCLES.c.symbol, CYCLES.c.cycle_time.desc())
            .distinct(CYCLES.c.user_id, CYCLES.c.symbol)
        )
        rows = await self._all(statement)
        return {(UserId(user_id), pair): cycle_time for user_id, pair, cycle_time in rows}


def _to_record(row: Row[Any]) -> CycleRecord:
    if row.receipt is not None:
        return unpack_receipt(row.receipt)
    return CycleRecord(
        key=CycleKey(user_id=UserId(row.user_id), pair=row.symbol, cycle_time=row.cycle_time),
        mode=row.mode,
        venue=row.venue,
        as_of=row.opened_at,
        outcome=row.outcome,
        reason=row.reason,
        closed_at=row.closed_at,
    )


def _list_worths(receipts: Iterable[bytes]) -> tuple[Portfolio, ...]:
    found = map(unpack_portfolio, receipts)
    return tuple(portfolio for portfolio in found if portfolio is not None)
