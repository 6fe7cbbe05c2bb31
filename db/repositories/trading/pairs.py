"""Configured pairs: a row for each user and pair."""

from decimal import Decimal

from sqlalchemy import select

from db.models.people import UserConfigRow
from db.repositories.base import (
    OperatorRepository,
    TenantRepository,
    table_of,
    to_columns,
    to_value,
)
from trading.domain.accounts import PairConfig
from trading.domain.errors import BadInput
from trading.domain.messages import message
from trading.domain.units import Pair

CONFIGS = table_of(UserConfigRow)


class PairRepository(TenantRepository):
    """The tenant's pairs."""

    async def add_pair(self, config: PairConfig) -> None:
        """
        Remember a pair; `config.user_id` must be the session's.

        Raises:
            BadInput: when the user has the pair already.
            ValueError: when the config is another user's.
        """
        if config.user_id != self._user_id:
            raise ValueError("a pair is added in its own user's session")
        row = {**to_columns(config), "overrides": dict(config.overrides)}
        if await self._run(self._insert(CONFIGS, row).on_conflict_do_nothing()) != 1:
            raise BadInput(message("pair-already-traded", pair=str(config.pair)))

    async def remove_pair(self, pair: Pair) -> bool:
        """Delete a pair and the equity book-keeping; history stays. False for an unknown pair."""
        return await self._run(self._delete(CONFIGS).where(CONFIGS.c.symbol == pair)) == 1

    async def load_pair(self, pair: Pair) -> PairConfig | None:
        """The configuration of the pair, None for a pair not traded by the user."""
        row = await self._first(self._select(CONFIGS).where(CONFIGS.c.symbol == pair))
        return to_value(PairConfig, row) if row is not None else None

    async def list_pairs(self) -> tuple[PairConfig, ...]:
        """The user's pairs, oldest first."""
        rows = await self._all(self._select(CONFIGS).order_by(CONFIGS.c.config_id))
        return tuple(to_value(PairConfig, row) for row in rows)

    async def set_paused(self, pair: Pair, *, is_paused: bool) -> bool:
        """Pause or resume entries; False when the user does not trade the pair."""
        statement = self._update(CONFIGS).where(CONFIGS.c.symbol == pair)
        values = {"is_paused": is_paused, "is_paused_in_prefect": False}
        return await self._run(statement.values(values)) == 1

    async def set_paused_in_prefect(self, pair: Pair, *, is_paused: bool) -> bool:
        """
        Pause a running pair, or end a pause, by a switch in the Prefect UI.

        Returns:
            False when the pair is paused already, or the pause did not begin in the Prefect UI.
        """
        columns = CONFIGS.c
        is_other = ~columns.is_paused if is_paused else columns.is_paused_in_prefect
        statement = self._update(CONFIGS).where(columns.symbol == pair, is_other)
        values = {"is_paused": is_paused, "is_paused_in_prefect": is_paused}
        return await self._run(statement.values(values)) == 1

    async def set_capital(self, pair: Pair, *, capital: Decimal) -> bool:
        """Set aside another amount, quote units > 0; False when the pair is unknown."""
        statement = self._update(CONFIGS).where(CONFIGS.c.symbol == pair)
        return await self._run(statement.values(capital=capital)) == 1

    async def set_overrides(self, pair: Pair, *, overrides: dict[str, str]) -> bool:
        """Replace the user's own limits; False when the pair is unknown."""
        statement = self._update(CONFIGS).where(CONFIGS.c.symbol == pair)
        return await self._run(statement.values(overrides=overrides)) == 1


class OperatorPairRepository(OperatorRepository):
    """Pairs of all users."""

    async def list_all_pairs(self) -> tuple[PairConfig, ...]:
        """Pairs of all users, oldest first; source of the deployments."""
        rows = await self._all(select(CONFIGS).order_by(CONFIGS.c.config_id))
        return tuple(to_value(PairConfig, row) for row in rows)
