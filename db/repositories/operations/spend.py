"""The LLM budget: reserved before a call, settled afterwards, split among the users of the answer.

    reserve (tenant) -> mark_sent (operator) -> the call -> settle_call (operator)

Every reservation locks the day's row first, so no two can take the last cent. A call is reserved
at its upper bound and counts so until settled: a crash in between costs the bound. Each call is
sent at most once. A share is the call's amount divided by the number of users, computed when read,
so every share falls when another user joins.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.sql.dml import ReturningInsert

from db.models.spend import AiBudgetRow, AiCallRow, AiDayRow, AiSpendRow
from db.repositories.base import OperatorRepository, TenantRepository, table_of
from trading.council.llm_budget import (
    BudgetRuling,
    CallPrice,
    CallWish,
    Reservation,
    SpendCaps,
    Spent,
    check_budget,
)
from trading.cycle import CycleKey
from trading.domain.units import ZERO, Pair, sum_money

SPEND = table_of(AiSpendRow)
CALLS = table_of(AiCallRow)
DAYS = table_of(AiDayRow)
BUDGETS = table_of(AiBudgetRow)

ALL_PAIRS = ""
"""The scope of a cap for everything that a user trades."""

AMOUNT = func.coalesce(CALLS.c.cost_usd, CALLS.c.bound_usd)
SHARE = AMOUNT / CALLS.c.sharers


def _share_call(new: Insert, columns: Collection[str]) -> Insert:  # noqa: ARG001 (the type's)
    return new.on_conflict_do_update(
        index_elements=[CALLS.c.call_id], set_={"sharers": CALLS.c.sharers + 1}
    )


def _lock_day(day: date) -> ReturningInsert[Any]:
    """Lock the day's row after all earlier reservations; return the day's total."""
    statement = insert(DAYS).values(day=day, committed_usd=ZERO)  # shared: of no user
    return statement.on_conflict_do_update(
        index_elements=[DAYS.c.day], set_={"committed_usd": DAYS.c.committed_usd}
    ).returning(DAYS.c.committed_usd)


class SpendRepository(TenantRepository):
    """The tenant's costs and caps."""

    async def reserve(
        self,
        key: CycleKey,
        *,
        wishes: Sequence[CallWish],
        caps: SpendCaps,
        quorum: int,
        at: datetime,
    ) -> Reservation:
        """
        Reserve money for the questions of a cycle, as far as every cap allows.

        A repeated request of the same cycle returns the first grant and reserves nothing.

        Args:
            caps: the installation's; the user's own caps may only be lower.
            at: the real time, also in a replay: the UTC day of `at` pays.
        """
        day = at.date()
        spent = Spent(
            installation_usd=Decimal(await self._scalar(_lock_day(day))),
            user_usd=await self.load_spent(day),
            pair_usd=await self.load_spent(day, pair=key.pair),
        )
        own_caps = caps.tighten(await self.load_caps(), pair=key.pair)
        prices = [await self._price(key, wish) for wish in wishes]
        ruling = check_budget(prices, spent=spent, caps=own_caps, quorum=quorum)
        await self._book(key, ruling=ruling, at=at)
        return Reservation(
            call_ids=frozenset(price.wish.call_id for price in ruling.granted),
            exceeded=ruling.exceeded,
            caps=own_caps,
            day=day,
        )

    async def load_spent(self, day: date, *, pair: Pair | None = None) -> Decimal:
        """Dollars of a UTC day: shares of the user, a pair or all; open calls at the bound."""
        total = func.coalesce(func.sum(SHARE), 0)
        statement = self._select(SPEND, total).join(CALLS, CALLS.c.call_id == SPEND.c.call_id)
        statement = statement.where(SPEND.c.day == day)
        if pair is not None:
            statement = statement.where(SPEND.c.symbol == pair)
        return Decimal(await self._scalar(statement))

    async def load_shares(self, key: CycleKey) -> Mapping[str, Decimal]:
        """Current cost of each answer to a cycle for the user, dollars by call."""
        statement = self._select(SPEND, SPEND.c.call_id, SHARE.label("share")).join(
            CALLS, CALLS.c.call_id == SPEND.c.call_id
        )
        rows = await self._all(
            statement.where(SPEND.c.symbol == key.pair, SPEND.c.cycle_time == key.cycle_time)
        )
        return {row.call_id: Decimal(row.share) for row in rows}

    async def load_caps(self) -> Mapping[Pair | None, Decimal]:
        """The user's own caps, dollars a day; None is all pairs together."""
        rows = await self._all(self._select(BUDGETS))
        return {Pair.parse(row.scope) if row.scope else None: row.day_usd for row in rows}

    async def set_cap(self, day_usd: Decimal | None, *, pair: Pair | None = None) -> None:
        """Set the user's own daily cap, for a pair or for all; None removes the cap."""
        scope = str(pair) if pair else ALL_PAIRS
        if day_usd is None:
            await self._run(self._delete(BUDGETS).where(BUDGETS.c.scope == scope))
            return
        statement = self._insert(BUDGETS, {"scope": scope, "day_usd": day_usd})
        await self._run(
            statement.on_conflict_do_update(
                constraint=BUDGETS.primary_key, set_={"day_usd": day_usd}
            )
        )

    async def _price(self, key: CycleKey, wish: CallWish) -> CallPrice:
        mine = self._select(SPEND, SPEND.c.call_id).where(
            SPEND.c.symbol == key.pair,
            SPEND.c.cycle_time == key.cycle_time,
            SPEND.c.model == wish.model.name,
            SPEND.c.call_id == wish.call_id,
        )
        if not wish.bound_usd or await self._scalar(mine) is not None:
            return CallPrice(wish=wish, own_usd=ZERO, new_usd=ZERO)
        open_call = select(AMOUNT / (CALLS.c.sharers + 1)).where(  # shared: of no user
            CALLS.c.call_id == wish.call_id
        )
        share = await self._scalar(open_call)
        if share is not None:
            return CallPrice(wish=wish, own_usd=Decimal(share), new_usd=ZERO)
        return CallPrice(wish=wish, own_usd=wish.bound_usd, new_usd=wish.bound_usd)

    async def _book(self, key: CycleKey, *, ruling: BudgetRuling, at: datetime) -> None:
        for price in ruling.granted:
            if not price.own_usd:
                continue
            wish, day = price.wish, at.date()
            call: dict[str, Any] = {
                "call_id": wish.call_id,
                "day": day,
                "model": wish.model.name,
                "vendor": wish.model.vendor,
                "bound_usd": wish.bound_usd,
                "reserved_at": at,
            }
            await self._put_row(CALLS, call, on_conflict=_share_call)  # shared: of no user
            mine = {
                "symbol": key.pair,
                "cycle_time": key.cycle_time,
                "model": wish.model.name,
                "day": day,
                "call_id": wish.call_id,
            }
            await self._run(self._insert(SPEND, mine))
            await self._run(
                update(DAYS)  # shared: of no user
                .where(DAYS.c.day == day)
                .values(committed_usd=DAYS.c.committed_usd + price.new_usd)
            )


class OperatorSpendRepository(OperatorRepository):
    """Costs of all users."""

    async def mark_sent(self, call_id: str, *, at: datetime) -> bool:
        """Whether a reserved call may be made now: once, and never again."""
        statement = update(CALLS).where(CALLS.c.call_id == call_id, CALLS.c.sent_at.is_(None))
        return await self._run(statement.values(sent_at=at)) == 1

    async def reserve_read(
        self,
        read_id: str,
        *,
        source: str,
        bound_usd: Decimal,
        caps: tuple[Decimal, Decimal],
        at: datetime,
    ) -> bool:
        """
        Reserve money for a read of a paid news source; False when a cap leaves no room.

        A read is a call of no user: `source` stands for model and vendor.

        Args:
            caps: dollars of the UTC day of `at`: for the source, and for all calls and reads.
        """
        day = at.date()
        committed = Decimal(await self._scalar(_lock_day(day)))
        spent = (await self.load_spent_by_model(day)).get(source, ZERO)
        if spent + bound_usd > caps[0] or committed + bound_usd > caps[1]:
            return False
        read = {
            "call_id": read_id,
            "day": day,
            "model": source,
            "vendor": source,
            "bound_usd": bound_usd,
            "reserved_at": at,
            "sent_at": at,
        }
        added = await self._run(insert(CALLS).values(read).on_conflict_do_nothing())
        if added:
            change = update(DAYS).where(DAYS.c.day == day)
            await self._run(change.values(committed_usd=committed + bound_usd))
        return bool(added)

    async def settle_call(self, call_id: str, *, cost_usd: Decimal, at: datetime) -> None:
        """Replace a call's bound by the actual cost; only the first settlement counts."""
        day = await self._scalar(select(CALLS.c.day).where(CALLS.c.call_id == call_id))
        # Lock the day first, like every reservation: the reverse order would deadlock.
        await self._run(select(DAYS.c.day).where(DAYS.c.day == day).with_for_update())
        settled = update(CALLS).where(CALLS.c.call_id == call_id, CALLS.c.cost_usd.is_(None))
        bound = await self._scalar(
            settled.values(cost_usd=cost_usd, settled_at=at).returning(CALLS.c.bound_usd)
        )
        if bound is not None:
            change = update(DAYS).where(DAYS.c.day == day)
            await self._run(change.values(committed_usd=DAYS.c.committed_usd + cost_usd - bound))

    async def load_spent(self, day: date) -> Decimal:
        """Dollars of all calls on a UTC day; open calls at the bound."""
        return sum_money((await self.load_spent_by_model(day)).values())

    async def load_spent_by_model(self, day: date) -> Mapping[str, Decimal]:
        """Dollars of each model's calls on a UTC day; open calls at the bound."""
        statement = select(CALLS.c.model, func.sum(AMOUNT).label("spent"))
        rows = await self._all(statement.where(CALLS.c.day == day).group_by(CALLS.c.model))
        return {row.model: Decimal(row.spent) for row in rows}
