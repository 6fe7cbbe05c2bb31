"""The outbox: what is owed is delivered at least once, in order, the worst news first."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from db.session import Database
from tests.database import MakeUser
from tests.db.reads import list_alerts
from tests.db.values import LEASE, make_alert
from trading.domain.alerts import Alert, QueuedAlert, Severity
from trading.domain.units import UserId

LATER = timedelta(minutes=5)


async def owe(database: Database, *alerts: Alert) -> list[bool]:
    async with database.operator() as operator:
        return [await operator.alerts.enqueue_alert(alert) for alert in alerts]


async def take(database: Database, *, now: datetime, limit: int = 99) -> tuple[QueuedAlert, ...]:
    async with database.operator() as operator:
        return await operator.alerts.claim_heads(limit, now=now, lease=LEASE, resting=())


async def deliver_all(
    database: Database, *, now: datetime, sent: list[str] | None = None
) -> list[str]:
    """Send one message after the other, until no chat's next one can be taken."""
    sent = [] if sent is None else sent
    while True:
        taken = await take(database, now=now, limit=1)
        if not taken:
            return sent
        sent += keys(taken)
        async with database.operator() as operator:
            await operator.alerts.mark_delivered(taken[0].alert_id, now=now)


def keys(taken: tuple[QueuedAlert, ...]) -> list[str]:
    return [one.alert.dedupe_key for one in taken]


async def test_an_event_is_owed_once(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann, bob = await make_user("ann"), await make_user("bob")
    async with database.tenant(ann) as tenant:
        assert await tenant.alerts.enqueue_alert(make_alert(ann, now)) is True
        assert await tenant.alerts.enqueue_alert(make_alert(ann, now)) is False
        assert await list_alerts(tenant.alerts, limit=9) == (make_alert(ann, now),)
    async with database.tenant(bob) as tenant:
        assert await tenant.alerts.enqueue_alert(make_alert(bob, now)) is True
    assert await owe(database, make_alert(None, now), make_alert(None, now)) == [True, False]


async def test_an_alert_goes_with_its_cause_or_not_at_all(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user()

    async def fail_after_the_alert() -> None:
        async with database.tenant(ann) as tenant:
            await tenant.alerts.enqueue_alert(make_alert(ann, now))
            raise RuntimeError("the cause fails")

    with pytest.raises(RuntimeError, match="the cause fails"):
        await fail_after_the_alert()
    assert await take(database, now=now) == ()


async def test_a_tenant_owes_to_nobody_else(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann, bob = await make_user("ann"), await make_user("bob")
    async with database.tenant(ann) as tenant:
        for wrong in (bob, None):
            with pytest.raises(ValueError, match="own user"):
                await tenant.alerts.enqueue_alert(make_alert(wrong, now))


async def test_the_sender_learns_the_chat(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user(telegram_id=4711)
    await owe(database, make_alert(ann, now), make_alert(None, now))
    mine, operators = await take(database, now=now)
    assert (mine.alert, mine.telegram_id, mine.attempts) == (make_alert(ann, now), 4711, 1)
    assert (operators.alert, operators.telegram_id) == (make_alert(None, now), None)


async def test_the_worst_goes_first_then_the_oldest(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user(telegram_id=1)
    info = [make_alert(ann, now, f"info-{n}") for n in range(3)]
    warning = replace(make_alert(ann, now, "warning"), severity=Severity.WARNING)
    critical = replace(make_alert(ann, now, "critical"), severity=Severity.CRITICAL)
    await owe(database, *info, warning, critical)
    assert await deliver_all(database, now=now) == [
        "critical", "warning", "info-0", "info-1", "info-2",
    ]  # fmt: skip


async def test_what_is_taken_is_not_taken_again_until_its_lease_ends(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    await owe(database, make_alert(await make_user(telegram_id=1), now))
    (first,) = await take(database, now=now)
    assert await take(database, now=now + LEASE - timedelta(microseconds=1)) == ()
    (second,) = await take(database, now=now + LEASE)
    assert (second.alert_id, second.attempts) == (first.alert_id, 2)


async def test_what_is_delivered_is_never_taken_again(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user(telegram_id=4711)
    await owe(database, make_alert(ann, now, "a"), make_alert(ann, now, "b"))
    (delivered,) = await take(database, now=now)
    async with database.operator() as operator:
        assert await operator.alerts.count_backlog() == 2
        assert await operator.alerts.load_oldest_waiting_at() == now
        await operator.alerts.mark_delivered(delivered.alert_id, now=now)
    (dropped,) = await take(database, now=now)
    async with database.operator() as operator:
        await operator.alerts.mark_dropped(dropped.alert_id, reason="blocked", now=now)
        assert await operator.alerts.count_backlog() == 0
        assert await operator.alerts.load_oldest_waiting_at() is None
    assert await take(database, now=now + LATER) == ()
    assert await owe(database, make_alert(ann, now, "a")) == [False]


async def test_what_has_no_chat_yet_waits_without_being_late(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    await owe(database, make_alert(await make_user(), now))
    async with database.operator() as operator:
        assert await operator.alerts.count_backlog() == 1
        assert await operator.alerts.load_oldest_waiting_at() is None


async def test_nothing_overtakes_what_waits_for_its_next_try_in_a_chat(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann, bob = [await make_user(name, telegram_id=at) for name, at in (("ann", 1), ("bob", 2))]
    await owe(database, make_alert(ann, now, "ann-1"), make_alert(ann, now, "ann-2"))
    (failed,) = await take(database, now=now, limit=1)
    async with database.operator() as operator:
        await operator.alerts.mark_failed(failed.alert_id, retry_at=now + LATER, reason="429")
    critical = replace(make_alert(ann, now, "ann-critical"), severity=Severity.CRITICAL)
    await owe(database, make_alert(bob, now, "bob-1"), critical)
    # Another chat goes on, and what is worse goes first even here; the rest waits its turn.
    assert await deliver_all(database, now=now) == ["ann-critical", "bob-1"]
    assert await deliver_all(database, now=now + LATER) == ["ann-1", "ann-2"]


async def test_ten_senders_send_each_alert_once_and_each_chat_in_order(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    users = [await make_user(f"user {number}", telegram_id=number + 1) for number in range(5)]
    for number in range(10):
        await owe(database, *(make_alert(user, now, f"{user}-{number}") for user in users))
    sent: list[str] = []
    await asyncio.gather(*(deliver_all(database, now=now, sent=sent) for _ in range(10)))
    # A sender that finds the next message of every chat out ends; one goes on with what is left.
    await deliver_all(database, now=now, sent=sent)
    for user in users:
        told = [key for key in sent if key.startswith(f"{user}-")]
        assert told == [f"{user}-{number}" for number in range(10)]


async def take_heads(
    database: Database, *, now: datetime, limit: int = 99, resting: tuple[UserId | None, ...] = ()
) -> list[str]:
    async with database.operator() as operator:
        taken = await operator.alerts.claim_heads(limit, now=now, lease=LEASE, resting=resting)
    return keys(taken)


async def test_each_chat_gives_its_next_message_only(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann, bob = [await make_user(name, telegram_id=at) for name, at in (("ann", 1), ("bob", 2))]
    await owe(database, *(make_alert(ann, now, f"ann-{n}") for n in range(3)))
    critical = replace(make_alert(bob, now, "bob-critical"), severity=Severity.CRITICAL)
    await owe(database, make_alert(bob, now, "bob-0"), critical, make_alert(None, now, "ours"))
    assert await take_heads(database, now=now, limit=1) == ["bob-critical"]
    assert await take_heads(database, now=now) == ["ann-0", "ours"]
    assert await take_heads(database, now=now) == []
    assert await take_heads(database, now=now + LEASE, limit=2) == ["bob-critical", "ann-0"]


async def test_what_is_worse_goes_out_beside_what_is_out(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user("ann", telegram_id=1)
    await owe(database, make_alert(ann, now, "info"))
    assert await take_heads(database, now=now) == ["info"]
    await owe(database, replace(make_alert(ann, now, "worse"), severity=Severity.CRITICAL))
    assert await take_heads(database, now=now) == ["worse"]


async def test_chats_that_rest_and_users_without_one_are_left_alone(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann, bob = await make_user("ann", telegram_id=1), await make_user("bob", telegram_id=2)
    local = await make_user("local")
    await owe(database, *(make_alert(one, now, f"{one}") for one in (ann, bob, local, None)))
    assert await take_heads(database, now=now, resting=(ann, None)) == [f"{bob}"]
    assert await take_heads(database, now=now) == [f"{ann}", "None"]
