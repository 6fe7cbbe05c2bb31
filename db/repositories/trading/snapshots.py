"""Market snapshots: shared by all cycles of a venue, pair and cycle time; nothing of any user."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from db.codecs.receipts import dump_json
from db.models.market import MarketSnapshotRow
from db.repositories.base import Repository, table_of
from trading.cycle import MarketSummary
from trading.domain.units import Pair, VenueName

SNAPSHOTS = table_of(MarketSnapshotRow)


class SnapshotRepository(Repository):
    """Snapshots, by venue, pair and cycle time."""

    async def add_snapshot(
        self, venue: VenueName, *, pair: Pair, cycle_time: datetime, summary: MarketSummary
    ) -> bool:
        """Store a snapshot; False when another cycle has stored the same cycle time."""
        row = {
            "venue": venue,
            "symbol": pair,
            "cycle_time": cycle_time,
            "source": summary.source,
            "last_price": summary.last_price,
            "mark_price": summary.mark_price,
            "spread_ratio": summary.spread_ratio,
            "funding_rate": summary.funding_rate,
            "summary": dump_json(summary, kind=MarketSummary),
        }
        return await self._run(insert(SNAPSHOTS).values(row).on_conflict_do_nothing()) == 1
