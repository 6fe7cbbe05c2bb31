"""Circuit breakers of pairs, and of the whole user (no pair)."""

from db.models.positions import BreakerRow
from db.repositories.base import TenantRepository, table_of, to_columns, to_value
from trading.domain.units import Pair
from trading.risk.circuit_breaker import Breaker

BREAKERS = table_of(BreakerRow)


class BreakerRepository(TenantRepository):
    """The tenant's breakers."""

    async def load_breaker(self, pair: Pair | None) -> Breaker:
        """The breaker of the pair, with None of the user; a closed one when none is stored."""
        is_it = BREAKERS.c.symbol.is_not_distinct_from(pair)
        row = await self._first(self._select(BREAKERS).where(is_it))
        return to_value(Breaker, row) if row is not None else Breaker()

    async def save_breaker(self, pair: Pair | None, breaker: Breaker) -> None:
        """Keep the pair's breaker, or with None the user's."""
        row = {**to_columns(breaker), "figures": dict(breaker.figures)}
        statement = self._insert(BREAKERS, {**row, "symbol": pair}).on_conflict_do_update(
            index_elements=["user_id", "symbol"], set_=row
        )
        await self._run(statement)
