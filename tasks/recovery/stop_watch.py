"""Reconciles a user as soon as the mark price is at the stop or the target of a position.

    open live positions -> mark price of each pair -> at a trigger -> reconcile_user

A venue may fill a triggered stop in part, or end the stop without a fill. The books show the stop
as resting until the venue is read again, and the scheduled reconciliation comes every five
minutes. The prices come from public data: a pair far from every trigger is read every minute, a
pair near a trigger every two seconds.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from tasks.recovery.reconciliation import try_to_reconcile
from tasks.runtime.container import Services
from tasks.runtime.loops import run_limited
from trading.domain.errors import QuorumError
from trading.domain.positions import Position
from trading.domain.protection import find_trigger_distance
from trading.domain.units import Pair, UserId, VenueName

NEAR = Decimal("0.001")
"""Distance of the mark price from a trigger, as a ratio, at which the venue is read."""
SECONDS_PER_PERCENT = 20
"""Wait for each percent between the mark price and the nearest trigger."""
SHORTEST, LONGEST = timedelta(seconds=2), timedelta(seconds=60)
AGAIN = timedelta(seconds=10)
"""Between two reconciliations while a price stays near a trigger."""

type Contract = tuple[VenueName, Pair]


@dataclass(slots=True)
class StopWatch:
    """The instants of the next looks at each contract."""

    _due_at: dict[Contract, datetime] = field(default_factory=dict)

    async def look(self, services: Services) -> tuple[UserId, ...]:
        """
        Reconcile users with a position at a trigger; returns these users.

        Raises:
            QuorumError: when the search for positions gets no answer from the database.
        """
        async with services.database.operator() as operator:
            held = await operator.positions.list_all_open_positions()
        by_contract: dict[Contract, list[tuple[UserId, Position]]] = defaultdict(list)
        for user_id, position in held:
            if position.venue is not VenueName.PAPER:
                by_contract[position.venue, position.pair].append((user_id, position))
        now = services.clock()
        due = {c: own for c, own in by_contract.items() if self._due_at.get(c, now) <= now}
        self._due_at = {c: at for c, at in self._due_at.items() if c in by_contract}
        found = await run_limited(partial(self._find_reached, services), due.items())
        users = tuple(sorted({user_id for users in found for user_id in users}))
        await run_limited(try_to_reconcile, users)
        return users

    async def _find_reached(
        self, services: Services, item: tuple[Contract, list[tuple[UserId, Position]]]
    ) -> tuple[UserId, ...]:
        """Users whose position is at a trigger; plans the next look at the contract."""
        contract, own = item
        venue, pair = contract
        now = services.clock()
        self._due_at[contract] = now + AGAIN
        try:
            ticker = await services.market_of(venue).fetch_ticker(pair, as_of=now)
        except QuorumError:
            return ()
        distances = [
            (user_id, find_trigger_distance(position, mark_price=ticker.mark_price))
            for user_id, position in own
        ]
        reached = tuple(user_id for user_id, ratio in distances if ratio <= NEAR)
        if not reached:
            self._due_at[contract] = now + _choose_wait(ratio for _, ratio in distances)
        return reached


def _choose_wait(distances: Iterable[Decimal]) -> timedelta:
    """From `SHORTEST` to `LONGEST` by the smallest distance, a ratio."""
    percent = float(min(distances)) * 100
    wait = timedelta(seconds=percent * SECONDS_PER_PERCENT)
    return min(max(wait, SHORTEST), LONGEST)
