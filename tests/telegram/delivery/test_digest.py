"""The digest: the day that has ended, once, to whom it is wanted, in his language."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from db.session import Database
from reports.texts.catalog import render
from telegram.delivery.digest import DIGEST_HOUR, enqueue_digests, keep_digests
from tests.database import MakeUser
from tests.db.reads import list_alerts
from tests.languages import RUSSIAN
from tests.telegram.views.view_values import make_config
from tests.trading.council_cases import make_entry_record, make_position
from trading.cycle import CycleKey
from trading.domain.alert_topics import AlertGroup
from trading.domain.alerts import AlertKind
from trading.domain.units import Mode, PositionSide, UserId, VenueName

YESTERDAY = datetime(2025, 3, 20, 23, 30, tzinfo=UTC)
MORNING = datetime(2025, 3, 21, DIGEST_HOUR, 0, tzinfo=UTC)


async def trade(database: Database, user_id: UserId, *, at: datetime = YESTERDAY) -> None:
    """A pair with one cycle at `at` and a position that closed then."""
    config = replace(make_config(), user_id=user_id)
    record = make_entry_record()
    key = CycleKey(user_id=user_id, pair=config.pair, cycle_time=at)
    assert record.portfolio is not None
    record = replace(
        record, key=key, as_of=at, closed_at=at, portfolio=replace(record.portfolio, as_of=at)
    )
    closed = replace(
        make_position(),
        side=PositionSide.FLAT,
        quantity=Decimal(0),
        realized_pnl=Decimal(5),
        opened_at=at - timedelta(hours=1),
        closed_at=at,
    )
    async with database.tenant(user_id) as tenant:
        await tenant.pairs.add_pair(config)
        await tenant.cycles.claim_cycle(key, mode=Mode.PAPER, venue=VenueName.BINANCE, now=at)
        await tenant.cycles.close_cycle(record)
        await tenant.positions.save_position(closed)


async def read_digests(database: Database, user_id: UserId) -> list[str]:
    async with database.tenant(user_id) as tenant:
        alerts = await list_alerts(tenant.alerts, limit=9)
    return [render(alert.text) for alert in alerts if alert.kind is AlertKind.DAILY_DIGEST]


async def test_yesterday_is_told_once(database: Database, make_user: MakeUser) -> None:
    ann = await make_user("ann", telegram_id=11)
    await trade(database, ann)
    assert await enqueue_digests(database, now=MORNING) == 1
    assert await enqueue_digests(database, now=MORNING + timedelta(hours=3)) == 0
    (text,) = await read_digests(database, ann)
    assert text.splitlines()[0] == "2025-03-20 (UTC): 1 cycles."
    assert "-0.66 USDT PAPER on the day, equity 1,012.34 USDT PAPER" in text
    assert "trades closed 1" in text


async def test_it_is_in_the_users_language(database: Database, make_user: MakeUser) -> None:
    ann = await make_user("ann", telegram_id=11, language=RUSSIAN)
    await trade(database, ann)
    await enqueue_digests(database, now=MORNING)
    (text,) = await read_digests(database, ann)
    assert "за день" in text


async def test_a_day_without_a_cycle_is_not_told(database: Database, make_user: MakeUser) -> None:
    ann = await make_user("ann", telegram_id=11)
    await trade(database, ann, at=MORNING - timedelta(minutes=30))
    assert await enqueue_digests(database, now=MORNING) == 0


@pytest.mark.parametrize("why", ["muted", "blocked", "banned", "no account"])
async def test_who_does_not_want_it_gets_none(
    database: Database, make_user: MakeUser, why: str
) -> None:
    ann = await make_user("ann", telegram_id=None if why == "no account" else 11)
    await trade(database, ann)
    if why == "muted":
        async with database.tenant(ann) as tenant:
            await tenant.users.set_muted({AlertGroup.DIGEST})
    async with database.operator() as operator:
        if why == "blocked":
            await operator.users.set_blocked(ann, blocked_at=MORNING)
        if why == "banned":
            await operator.users.set_banned(ann, is_banned=True)
    assert await enqueue_digests(database, now=MORNING) == 0


class Enough(Exception):
    """The clock has run out."""


async def test_it_waits_for_its_hour(database: Database, make_user: MakeUser) -> None:
    ann = await make_user("ann", telegram_id=11)
    await trade(database, ann)
    hours = iter([DIGEST_HOUR - 1, DIGEST_HOUR, DIGEST_HOUR + 1])
    now = MORNING
    told: list[int] = []

    async def sleep(seconds: float) -> None:
        nonlocal now
        told.append(len(await read_digests(database, ann)))
        try:
            now = MORNING.replace(hour=next(hours))
        except StopIteration:
            raise Enough from None

    now = MORNING.replace(hour=next(hours))
    with pytest.raises(Enough):
        await keep_digests(database, clock=lambda: now, sleep=sleep)
    assert told == [0, 1, 1]
