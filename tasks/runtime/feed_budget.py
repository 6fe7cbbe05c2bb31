"""The money for paid news reads, reserved in the database like the money for model calls."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from db.session import Database

SOURCE = "x"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedBudget:
    """
    A daily cap for reads of X; the reads count in the installation's cap as well.

    Attributes:
        day_usd, installation_usd: dollars of a UTC day.
    """

    database: Database
    day_usd: Decimal
    installation_usd: Decimal

    async def reserve(self, read_id: str, *, bound_usd: Decimal, at: datetime) -> bool:
        """Whether both caps leave room for the read, which is then reserved."""
        async with self.database.operator() as operator:
            return await operator.spend.reserve_read(
                read_id,
                source=SOURCE,
                bound_usd=bound_usd,
                caps=(self.day_usd, self.installation_usd),
                at=at,
            )

    async def settle(self, read_id: str, *, cost_usd: Decimal, at: datetime) -> None:
        """Replace the reserved by the actual cost."""
        async with self.database.operator() as operator:
            await operator.spend.settle_call(read_id, cost_usd=cost_usd, at=at)
