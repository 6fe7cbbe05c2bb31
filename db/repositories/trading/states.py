"""Trading states (system, venue, user), and the equity book-keeping of pairs."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import Insert, insert

from db.models.people import TradingStateRow, UserRow, UserStateRow
from db.repositories.base import (
    RENAMES,
    OperatorRepository,
    TenantRepository,
    table_of,
    to_columns,
    to_value,
)
from trading.domain.errors import BadInput
from trading.domain.messages import message
from trading.domain.switches import SwitchScope
from trading.domain.units import Pair, TradingState, UserId, VenueName
from trading.portfolio.valuation import PairState

USERS = table_of(UserRow)
PAIR_STATES = table_of(UserStateRow)
STATES = table_of(TradingStateRow)
SYSTEM_SCOPE = "system"
STATE_RENAMES = {**RENAMES, "updated_at": "state_at"}
STRICTNESS = (TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED)


def _take_newest_state(new: Insert, columns: Collection[str]) -> Insert:
    return new.on_conflict_do_update(
        constraint=PAIR_STATES.primary_key, set_={name: new.excluded[name] for name in columns}
    )


class StateRepository(TenantRepository):
    """The tenant's states."""

    async def load_pair_state(self, pair: Pair) -> PairState | None:
        """Equity book-keeping of a pair, None before the first cycle."""
        row = await self._first(self._select(PAIR_STATES).where(PAIR_STATES.c.symbol == pair))
        return to_value(PairState, row, renames=STATE_RENAMES) if row is not None else None

    async def load_pair_states(self) -> Mapping[Pair, PairState]:
        """Equity book-keeping of all the user's pairs with a cycle."""
        rows = await self._all(self._select(PAIR_STATES))
        return {row.symbol: to_value(PairState, row, renames=STATE_RENAMES) for row in rows}

    async def save_pair_state(self, pair: Pair, state: PairState) -> None:
        """Store the equity book-keeping of a pair; the pair must belong to the user."""
        row = to_columns(state, renames=STATE_RENAMES)
        await self._put(PAIR_STATES, {**row, "symbol": pair}, on_conflict=_take_newest_state)

    async def load_trading_state(self, *venues: VenueName) -> TradingState:
        """Trading state of the user at the venues: the strictest of system, venues and user."""
        own = await self._scalar(self._select(USERS, USERS.c.trading_state))
        scopes = (SYSTEM_SCOPE, *map(str, venues))
        shared = await self._all(
            select(STATES.c.state).where(STATES.c.scope.in_(scopes))  # shared: no user's rows
        )
        # No such user any more: nothing is allowed.
        return strictest((own or TradingState.HALTED, *(row.state for row in shared)))

    async def set_trading_state(self, state: TradingState, *, reason: str) -> None:
        """Set the user's own switch."""
        await self._run(
            self._update(USERS).values(trading_state=state, trading_state_reason=reason)
        )


class OperatorStateRepository(OperatorRepository):
    """The switches of the system, of venues and of users."""

    async def load_trading_state(self, scope: SwitchScope = None) -> TradingState:
        """The switch of a single scope; ACTIVE when never set."""
        if isinstance(scope, int):
            found = select(USERS.c.trading_state).where(USERS.c.user_id == scope)
        else:
            found = select(STATES.c.state).where(STATES.c.scope == _scope_name(scope))
        return await self._scalar(found) or TradingState.ACTIVE

    async def list_switches(self) -> Mapping[SwitchScope, TradingState]:
        """Every switch of the system, of venues and of users other than ACTIVE."""
        shared = await self._all(
            select(STATES.c.scope, STATES.c.state).where(STATES.c.state != TradingState.ACTIVE)
        )
        users = await self._all(
            select(USERS.c.user_id, USERS.c.trading_state)
            .where(USERS.c.trading_state != TradingState.ACTIVE)
            .order_by(USERS.c.user_id)
        )
        found: dict[SwitchScope, TradingState] = {
            None if row.scope == SYSTEM_SCOPE else VenueName(row.scope): row.state
            for row in shared
        }
        return found | {UserId(row.user_id): row.trading_state for row in users}

    async def set_trading_state(
        self, scope: SwitchScope, *, state: TradingState, reason: str, now: datetime
    ) -> None:
        """
        Set the switch of a scope.

        Raises:
            BadInput: for an unknown user.
        """
        if isinstance(scope, int):
            own = {"trading_state": state, "trading_state_reason": reason}
            if await self._run(update(USERS).where(USERS.c.user_id == scope).values(own)) != 1:
                raise BadInput(message("user-missing", user=scope))
            return
        row = {"state": state, "reason": reason, "set_at": now}
        statement = insert(STATES).values({**row, "scope": _scope_name(scope)})
        await self._run(statement.on_conflict_do_update(index_elements=["scope"], set_=row))


def strictest(states: Iterable[TradingState]) -> TradingState:
    """The strictest state; ACTIVE for no states."""
    return max(states, key=STRICTNESS.index, default=TradingState.ACTIVE)


def _scope_name(scope: VenueName | None) -> str:
    return SYSTEM_SCOPE if scope is None else str(scope)
