"""Money for models: nobody spends over a cap, and what many share is paid for once."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from db.session import Database
from tests.database import MakeUser
from tests.db.reads import load_committed
from tests.db.repositories.spending import CAPS
from tests.db.values import BTC, ETH, make_key
from trading.council.decisions import ModelIdentity
from trading.council.llm_budget import BudgetScope, CallWish, Reservation, SpendCaps
from trading.domain.units import Pair, UserId

RACERS = 50
CENT = Decimal("0.01")
WIDE = SpendCaps(installation_usd=Decimal(1000), user_usd=Decimal(1000), pair_usd=Decimal(1000))
GPT = ModelIdentity(name="gpt", vendor="openai", is_offline=False)


def wish(call_id: str, *, bound: Decimal = CENT, model: ModelIdentity = GPT) -> CallWish:
    return CallWish(call_id=call_id, model=model, bound_usd=bound)


async def reserve(  # signature: one question of one user
    database: Database,
    user_id: UserId,
    call_id: str,
    *,
    at: datetime,
    caps: SpendCaps = WIDE,
    pair: Pair = BTC,
    bound: Decimal = CENT,
) -> Reservation:
    async with database.tenant(user_id) as tenant:
        return await tenant.spend.reserve(
            make_key(user_id, at, pair), wishes=[wish(call_id, bound=bound)], caps=caps,
            quorum=1, at=at,
        )  # fmt: skip


async def load_spent(database: Database, user_id: UserId, at: datetime) -> Decimal:
    async with database.tenant(user_id) as tenant:
        return await tenant.spend.load_spent(at.date())


async def settle(database: Database, call_id: str, *, cost: str, at: datetime) -> None:
    async with database.operator() as operator:
        assert await operator.spend.mark_sent(call_id, at=at)
        await operator.spend.settle_call(call_id, cost_usd=Decimal(cost), at=at)


async def require_kept_sum(database: Database, at: datetime, *, total: Decimal) -> None:
    """The day's row is the sum of its calls."""
    async with database.operator() as operator:
        assert await operator.spend.load_spent(at.date()) == total
        assert await load_committed(operator.spend, at.date()) == total


async def test_50_users_race_for_the_last_cent_and_nothing_is_spent_over_the_cap(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    caps = replace(WIDE, installation_usd=3 * CENT + Decimal("0.009"))
    users = [await make_user(f"user {number}") for number in range(RACERS)]
    rulings = await asyncio.gather(
        *(reserve(database, user, f"call {user}", at=now, caps=caps) for user in users)
    )
    granted = [ruling for ruling in rulings if ruling.call_ids]
    refused = [ruling for ruling in rulings if not ruling.call_ids]
    assert len(granted) == 3
    assert {ruling.exceeded for ruling in refused} == {BudgetScope.INSTALLATION}
    await require_kept_sum(database, now, total=3 * CENT)


async def test_one_user_s_pairs_race_for_his_last_cent(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user("ann")
    pairs = [Pair(f"C{number}", "USDT") for number in range(20)]
    caps = replace(WIDE, user_usd=2 * CENT)
    rulings = await asyncio.gather(
        *(reserve(database, ann, f"call {p}", at=now, caps=caps, pair=p) for p in pairs)
    )
    assert sum(bool(ruling.call_ids) for ruling in rulings) == 2
    assert await load_spent(database, ann, now) == 2 * CENT


async def test_what_a_call_did_not_cost_can_be_spent_again(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann, caps = await make_user("ann"), replace(WIDE, pair_usd=CENT)
    await reserve(database, ann, "first", at=now, caps=caps)
    later = now + timedelta(minutes=30)
    assert not (await reserve(database, ann, "second", at=later, caps=caps, bound=CENT)).call_ids
    await settle(database, "first", cost="0.004", at=now)
    half = Decimal("0.006")
    assert (await reserve(database, ann, "second", at=later, caps=caps, bound=half)).call_ids
    assert await load_spent(database, ann, now) == CENT
    await require_kept_sum(database, now, total=CENT)


async def test_a_shared_answer_is_one_price_split_among_who_share_it(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    users = [await make_user(f"user {number}") for number in range(4)]
    await asyncio.gather(*(reserve(database, user, "shared", at=now) for user in users))
    assert [await load_spent(database, user, now) for user in users] == [CENT / 4] * 4
    await settle(database, "shared", cost="0.002", at=now)
    assert [await load_spent(database, user, now) for user in users] == [Decimal("0.0005")] * 4
    await require_kept_sum(database, now, total=Decimal("0.002"))


async def test_who_joins_pays_his_share_and_nobody_s_share_ever_rises(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann, bob, poor = [await make_user(name) for name in ("ann", "bob", "poor")]
    before = Decimal(1)
    for user in (ann, bob):
        await reserve(database, user, "shared", at=now)
        share = await load_spent(database, ann, now)
        assert share < before
        before = share
    caps = replace(WIDE, pair_usd=CENT / 4)
    refused = await reserve(database, poor, "shared", at=now, caps=caps)
    assert refused.exceeded is BudgetScope.PAIR
    assert await load_spent(database, poor, now) == 0
    assert await load_spent(database, ann, now) == CENT / 2


async def test_asking_again_for_the_same_cycle_costs_nothing_more(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user("ann")
    first = await reserve(database, ann, "call", at=now)
    again = await reserve(database, ann, "call", at=now, caps=CAPS)
    assert first.call_ids == again.call_ids == {"call"}
    await require_kept_sum(database, now, total=CENT)


async def test_a_call_is_sent_once_and_settled_once(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    await reserve(database, await make_user("ann"), "call", at=now)
    async with database.operator() as operator:
        assert [await operator.spend.mark_sent("call", at=now) for _ in range(3)] == [
            True,
            False,
            False,
        ]
        for cost in ("0.001", "0.009"):
            await operator.spend.settle_call("call", cost_usd=Decimal(cost), at=now)
        assert not await operator.spend.mark_sent("never reserved", at=now)
    await require_kept_sum(database, now, total=Decimal("0.001"))


async def test_a_call_that_nobody_settled_has_cost_its_bound(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user("ann")
    await reserve(database, ann, "lost", at=now)
    async with database.operator() as operator:
        await operator.spend.mark_sent("lost", at=now)
    assert await load_spent(database, ann, now) == CENT


async def test_every_utc_day_has_a_budget_of_its_own(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann, caps = await make_user("ann"), replace(WIDE, user_usd=CENT)
    tomorrow = now + timedelta(days=1)
    assert (await reserve(database, ann, "one", at=now, caps=caps)).call_ids
    assert (await reserve(database, ann, "two", at=tomorrow, caps=caps)).call_ids
    assert await load_spent(database, ann, now) == await load_spent(database, ann, tomorrow)


async def test_a_user_s_own_cap_is_kept_by_pair_and_for_all(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user("ann")
    async with database.tenant(ann) as tenant:
        await tenant.spend.set_cap(Decimal(1))
        await tenant.spend.set_cap(Decimal("0.005"), pair=BTC)
        await tenant.spend.set_cap(Decimal(9), pair=ETH)
        await tenant.spend.set_cap(None, pair=ETH)
        assert await tenant.spend.load_caps() == {None: Decimal(1), BTC: Decimal("0.005")}
    refused = await reserve(database, ann, "btc", at=now)
    assert (refused.exceeded, refused.caps.pair_usd) == (BudgetScope.PAIR, Decimal("0.005"))
    assert (await reserve(database, ann, "eth", at=now, pair=ETH)).call_ids


@pytest.mark.parametrize("quorum", [2, 3])
async def test_money_that_buys_no_quorum_is_not_spent(
    database: Database, make_user: MakeUser, now: datetime, quorum: int
) -> None:
    ann = await make_user("ann")
    wishes = [
        wish(f"call {name}", model=ModelIdentity(name=name, vendor=name, is_offline=False))
        for name in ("gpt", "deepseek", "claude")
    ]
    async with database.tenant(ann) as tenant:
        ruling = await tenant.spend.reserve(
            make_key(ann, now, BTC), wishes=wishes, caps=replace(WIDE, pair_usd=2 * CENT),
            quorum=quorum, at=now,
        )  # fmt: skip
    assert len(ruling.call_ids) == (2 if quorum == 2 else 0)
    assert await load_spent(database, ann, now) == (2 * CENT if quorum == 2 else 0)


async def reserve_read(database: Database, read_id: str, *, at: datetime, day: str) -> bool:
    async with database.operator() as operator:
        return await operator.spend.reserve_read(
            read_id,
            source="x",
            bound_usd=CENT,
            caps=(Decimal(day), WIDE.installation_usd),
            at=at,
        )


async def test_reads_of_news_race_for_the_last_cent_of_their_own_cap(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    await reserve(database, await make_user(), "of a model", at=now)
    granted = await asyncio.gather(
        *(reserve_read(database, f"x:{n}", at=now, day="0.05") for n in range(10))
    )
    assert sum(granted) == 5
    await require_kept_sum(database, now, total=6 * CENT)


async def test_a_read_that_cost_less_leaves_room_for_the_next(
    database: Database, now: datetime
) -> None:
    assert await reserve_read(database, "x:1", at=now, day="0.01")
    assert not await reserve_read(database, "x:2", at=now, day="0.01")
    assert not await reserve_read(database, "x:1", at=now, day="1")  # once and never again
    async with database.operator() as operator:
        await operator.spend.settle_call("x:1", cost_usd=Decimal(0), at=now)
    assert await reserve_read(database, "x:2", at=now, day="0.01")
    await require_kept_sum(database, now, total=CENT)


async def test_reads_of_news_keep_the_cap_of_all_calls(database: Database, now: datetime) -> None:
    async with database.operator() as operator:
        assert not await operator.spend.reserve_read(
            "x:1", source="x", bound_usd=CENT, caps=(Decimal(1), Decimal(0)), at=now
        )
