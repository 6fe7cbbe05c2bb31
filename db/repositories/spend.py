"""What model calls took: added up per user, UTC day and model."""

from datetime import date
from decimal import Decimal

from sqlalchemy import func
from sqlalchemy import select

from db.models.cycles import AiSpendRow
from db.repositories.base import OperatorRepository
from db.repositories.base import TenantRepository
from db.repositories.base import table_of
from trading.decisions import ModelIdentity
from trading.decisions import Usage

SPEND = table_of(AiSpendRow)
TOTAL = func.coalesce(func.sum(SPEND.c.cost_usd), 0)
COUNTED = ("calls", "input_tokens", "cached_input_tokens", "output_tokens", "cost_usd")


class SpendRepository(TenantRepository):
    """What the tenant's calls took; an answer shared by many is the one's who asked first."""

    async def add_usage(self, model: ModelIdentity, *, usage: Usage, day: date) -> None:
        """Add one call to the day's sum."""
        insert = self._insert(
            SPEND,
            {
                "day": day,
                "model": model.name,
                "vendor": model.vendor,
                "calls": 1,
                "input_tokens": usage.input_tokens,
                "cached_input_tokens": usage.cached_input_tokens,
                "output_tokens": usage.output_tokens,
                "cost_usd": usage.cost_usd,
            },
        )
        sums = {name: SPEND.c[name] + insert.excluded[name] for name in COUNTED}
        await self._run(insert.on_conflict_do_update(constraint=SPEND.primary_key, set_=sums))

    async def load_spent(self, day: date) -> Decimal:
        """USD that the user's calls took on a UTC day."""
        return Decimal(await self._scalar(self._select(SPEND, TOTAL).where(SPEND.c.day == day)))


class OperatorSpendRepository(OperatorRepository):
    """What everybody's calls took."""

    async def load_spent(self, day: date, *, model: str | None = None) -> Decimal:
        """USD that all calls, or those of one model, took on a UTC day."""
        statement = select(TOTAL).where(SPEND.c.day == day)
        if model is not None:
            statement = statement.where(SPEND.c.model == model)
        return Decimal(await self._scalar(statement))
