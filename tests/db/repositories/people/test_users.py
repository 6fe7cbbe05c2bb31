"""Users, pairs, states, breakers, spend, audit, shared facts: kept as told, refused when wrong."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from db.codecs.receipts import load_json
from db.repositories.trading.snapshots import SNAPSHOTS
from db.repositories.trading.states import strictest
from db.session import Database, Tenant
from tests.database import MakeUser
from tests.db.reads import list_entries
from tests.db.values import (
    BTC,
    ETH,
    PAPER,
    make_breaker,
    make_config,
    make_instrument,
    make_pair_state,
    make_summary,
)
from tests.languages import RUSSIAN
from trading.cycle import MarketSummary
from trading.domain.accounts import ENGLISH, User
from trading.domain.errors import BadInput, PermanentError
from trading.domain.units import TradingState, UserId, VenueName
from trading.risk.circuit_breaker import Breaker


async def test_a_user_comes_back_as_made(database: Database, now: datetime) -> None:
    async with database.operator() as operator:
        ann = await operator.users.add_user(
            " ann ", telegram_id=7, language=RUSSIAN, is_admin=True, now=now
        )
        bob = await operator.users.add_user("bob", now=now)
        assert ann == User(
            user_id=ann.user_id,
            name="ann",
            telegram_id=7,
            language=RUSSIAN,
            is_admin=True,
            is_banned=False,
            created_at=now,
        )
        assert await operator.users.list_users() == (ann, bob)
        assert await operator.users.load_user(ann.user_id) == ann
        assert await operator.users.load_user(UserId(99)) is None
        assert await operator.users.find_user_by_telegram_id(7) == ann
        assert await operator.users.find_user_by_telegram_id(8) is None
        assert await operator.users.set_banned(ann.user_id, is_banned=True) is True
        assert await operator.users.set_banned(UserId(99), is_banned=True) is False
    async with database.tenant(ann.user_id) as tenant:
        await tenant.users.set_language(ENGLISH)
        assert await tenant.users.load_user() == replace(ann, is_banned=True, language=ENGLISH)


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
async def test_a_name_that_is_none_is_refused(
    database: Database, now: datetime, name: str
) -> None:
    async with database.operator() as operator:
        with pytest.raises(BadInput, match="1 to 100"):
            await operator.users.add_user(name, now=now)


async def test_a_telegram_account_has_one_user(database: Database, now: datetime) -> None:
    async with database.operator() as operator:
        await operator.users.add_user("ann", telegram_id=7, now=now)
        with pytest.raises(BadInput, match="already has a user"):
            await operator.users.add_user("bob", telegram_id=7, now=now)
        assert len(await operator.users.list_users()) == 1


async def test_a_pair_is_added_changed_and_removed(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user()
    btc, eth = (make_config(ann, now, pair) for pair in (BTC, ETH))
    async with database.tenant(ann) as tenant:
        for config in (btc, eth):
            await tenant.pairs.add_pair(config)
        with pytest.raises(BadInput, match="You already trade BTC/USDT"):
            await tenant.pairs.add_pair(btc)
        assert await tenant.pairs.list_pairs() == (btc, eth)
        assert await tenant.pairs.set_paused(BTC, is_paused=True) is True
        assert await tenant.pairs.set_capital(BTC, capital=Decimal("1500.5")) is True
        assert await tenant.pairs.set_overrides(BTC, overrides={"quorum": "3"}) is True
        assert await tenant.pairs.load_pair(BTC) == replace(
            btc, is_paused=True, capital=Decimal("1500.5"), overrides={"quorum": "3"}
        )
        await tenant.states.save_pair_state(BTC, make_pair_state(now))
        assert await tenant.pairs.remove_pair(BTC) is True
        assert await tenant.pairs.remove_pair(BTC) is False
        assert await tenant.pairs.set_paused(BTC, is_paused=True) is False
        assert await tenant.pairs.load_pair(BTC) is None
        assert await tenant.states.load_pair_state(BTC) is None
    async with database.operator() as operator:
        assert await operator.pairs.list_all_pairs() == (eth,)


async def test_a_pair_is_added_in_its_own_users_session_only(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann, bob = await make_user("ann"), await make_user("bob")
    async with database.tenant(bob) as tenant:
        with pytest.raises(ValueError, match="own user"):
            await tenant.pairs.add_pair(make_config(ann, now))


async def test_equity_book_keeping_comes_back(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user()
    state = make_pair_state(now)
    later = replace(state, peak_equity=Decimal(2000), updated_at=now + timedelta(hours=1))
    async with database.tenant(ann) as tenant:
        await tenant.pairs.add_pair(make_config(ann, now))
        assert await tenant.states.load_pair_state(BTC) is None
        for kept in (state, later):
            await tenant.states.save_pair_state(BTC, kept)
            assert await tenant.states.load_pair_state(BTC) == kept
            assert await tenant.states.load_pair_states() == {BTC: kept}
    with pytest.raises(PermanentError, match="fk_user_states"):
        async with database.tenant(ann) as tenant:
            await tenant.states.save_pair_state(ETH, state)


async def test_the_strictest_of_system_venue_and_user_counts(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user()
    active, reducing, halted = TradingState
    scopes: tuple[UserId | VenueName | None, ...] = (None, PAPER, ann)
    for scope in scopes:
        for state in (reducing, halted):
            async with database.operator() as operator:
                assert await operator.states.load_trading_state(scope) is not halted
                await operator.states.set_trading_state(
                    scope, state=state, reason="tested", now=now
                )
                assert await operator.states.load_trading_state(scope) is state
            async with database.tenant(ann) as tenant:
                assert await tenant.states.load_trading_state(PAPER) is state
        async with database.operator() as operator:
            await operator.states.set_trading_state(scope, state=active, reason="", now=now)
    async with database.tenant(ann) as tenant:
        assert await tenant.states.load_trading_state(PAPER) is active
        await tenant.states.set_trading_state(halted, reason="panic")
        assert await tenant.states.load_trading_state(PAPER) is halted
    assert strictest(()) is active


async def test_another_venues_halt_is_not_this_ones(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    async with database.operator() as operator:
        await operator.states.set_trading_state(
            VenueName.BYBIT, state=TradingState.HALTED, reason="down", now=now
        )
    async with database.tenant(await make_user()) as tenant:
        assert await tenant.states.load_trading_state(PAPER) is TradingState.ACTIVE
        assert await tenant.states.load_trading_state(VenueName.BYBIT) is TradingState.HALTED


async def test_nobody_can_halt_a_user_that_is_not_there(database: Database, now: datetime) -> None:
    async with database.operator() as operator:
        with pytest.raises(BadInput, match="no user 99"):
            await operator.states.set_trading_state(
                UserId(99), state=TradingState.HALTED, reason="", now=now
            )


async def test_a_breaker_is_kept_for_a_pair_and_for_the_user(
    tenant: Tenant, now: datetime
) -> None:
    of_pair, of_user = make_breaker(now), Breaker(counts_from=now, counts_from_pnl=Decimal(-3))
    assert await tenant.breakers.load_breaker(BTC) == Breaker()
    assert await tenant.breakers.load_breaker(None) == Breaker()
    for breaker in (of_user, of_pair):
        await tenant.breakers.save_breaker(BTC, breaker)
    await tenant.breakers.save_breaker(None, of_pair)
    await tenant.breakers.save_breaker(None, of_user)
    kept = await tenant.breakers.load_breaker(BTC)
    assert kept == of_pair
    assert list(kept.figures) == ["z_first", "a_second"]  # their reading order
    assert await tenant.breakers.load_breaker(None) == of_user
    assert await tenant.breakers.load_breaker(ETH) == Breaker()


async def test_the_audit_log_tells_who_did_what_newest_first(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user()
    async with database.tenant(ann) as tenant:
        for number in range(3):
            await tenant.audit.append(
                "user:1", action=f"step {number}", detail={"z": "1", "a": "2"}, now=now
            )
        newest, second = await list_entries(tenant.audit, limit=2)
        assert (newest.action, second.action) == ("step 2", "step 1")
        assert (newest.user_id, newest.actor, newest.at) == (ann, "user:1", now)
        assert list(newest.detail) == ["z", "a"]
    async with database.operator() as operator:
        await operator.audit.append("operator", action="halt", detail={}, now=now)
        await operator.audit.append("operator", action="ban", detail={}, now=now, about=ann)
        told = await list_entries(operator.audit, limit=2)
        assert [(entry.action, entry.user_id) for entry in told] == [("ban", ann), ("halt", None)]


async def test_instruments_are_as_last_read(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    first = make_instrument(now)
    newer = replace(first, tick_size=Decimal("0.5"), fetched_at=now + timedelta(days=1))
    async with database.operator() as operator:
        for instrument in (first, newer, first):
            await operator.instruments.save_instrument(instrument)
    async with database.tenant(await make_user()) as tenant:
        assert await tenant.instruments.load_instrument(PAPER, pair=BTC) == newer
        assert await tenant.instruments.load_instrument(PAPER, pair=ETH) is None
        assert await tenant.instruments.load_instrument(VenueName.BYBIT, pair=BTC) is None


async def test_a_tenant_writes_no_venues_rules(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    with pytest.raises(PermanentError, match="permission denied"):
        async with database.tenant(await make_user()) as tenant:
            await tenant.instruments.save_instrument(make_instrument(now))


async def test_a_snapshot_is_kept_once_for_everybody(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    summary = make_summary()
    kept = []
    for name in ("ann", "bob"):
        async with database.tenant(await make_user(name)) as tenant:
            kept.append(
                await tenant.snapshots.add_snapshot(
                    PAPER, pair=BTC, cycle_time=now, summary=summary
                )
            )
    async with database.operator() as operator:
        row = await operator.snapshots._first(select(SNAPSHOTS.c.summary))
    assert row is not None
    assert load_json(row.summary, kind=MarketSummary) == summary
    assert kept == [True, False]
