"""Feed of closed cycles for the view: polled every few seconds.

operator: newest cycle time of each pair -> tenant: receipt of the cycle -> CycleLine
"""

from collections import deque
from datetime import datetime

from cli.stack.view import CycleLine
from db.session import Database
from reports.texts.catalog import render
from trading.cycle import CycleRecord
from trading.domain.units import Pair, UserId

KEPT_LINES = 12


class CycleFollower:
    """Returns each closed cycle once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: dict[tuple[UserId, Pair], datetime] = {}
        self.newest: deque[CycleLine] = deque(maxlen=KEPT_LINES)

    async def load_new(self) -> list[CycleLine]:
        """
        Cycles closed since the last call, oldest first; at first the newest of each pair.

        Raises:
            TransientError: when the database does not answer.
        """
        async with self._database.operator() as operator:
            times = await operator.cycles.load_last_cycle_times()
        changed = sorted(
            (cycle_time, key)
            for key, cycle_time in times.items()
            if self._seen.get(key) != cycle_time
        )
        lines = [
            line
            for cycle_time, key in changed[-KEPT_LINES:]
            if (line := await self._load_line(*key, cycle_time=cycle_time)) is not None
        ]
        self._seen |= times
        self.newest.extend(lines)
        return lines

    async def _load_line(
        self, user_id: UserId, pair: Pair, *, cycle_time: datetime
    ) -> CycleLine | None:
        async with self._database.tenant(user_id) as tenant:
            record = await tenant.cycles.load_cycle(pair, cycle_time=cycle_time)
        return _build_line(record) if record is not None else None


def _build_line(record: CycleRecord) -> CycleLine:
    return CycleLine(
        cycle_time=record.key.cycle_time,
        user_id=record.key.user_id,
        pair=record.key.pair,
        outcome=record.outcome,
        reason=render(record.reason),
        equity=record.portfolio.equity if record.portfolio is not None else None,
    )
