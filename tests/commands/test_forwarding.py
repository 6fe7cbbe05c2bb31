"""Critical alerts that Telegram does not deliver go to the operator's own address, each once."""

from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from blocks.operator_url import OperatorUrl
from commands.forwarding import FORWARD_AFTER, forward_alerts
from db.session import Database
from telegram.delivery.outbox import Outbox
from tests.blocks.test_operator_url import serve_webhook
from tests.database import MakeUser
from tests.doubles.telegram_chats import Fault, Refusal
from tests.telegram.delivery.test_outbox import deliver_due
from tests.telegram.stage import Stage, open_stage
from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.messages import plain
from trading.domain.units import UserId

FLOOD = Refusal(429, "Too Many Requests: retry after 300", retry_after=300)


async def enqueue(
    database: Database,
    text: str,
    *,
    now: datetime,
    severity: Severity = Severity.CRITICAL,
    user_id: UserId | None = None,
) -> None:
    async with database.operator() as operator:
        await operator.alerts.enqueue_alert(
            Alert(
                user_id=user_id,
                kind=AlertKind.SYSTEM,
                severity=severity,
                text=plain(text),
                dedupe_key=text,
                created_at=now,
            )
        )


@pytest.mark.parametrize("trouble", ["no admin chat", "down", "flood", "no bot"])
async def test_a_critical_alert_reaches_the_operator_without_telegram(
    database: Database, now: datetime, trouble: str
) -> None:
    async with (
        serve_webhook() as (url, posted),
        open_stage(database, now=now, is_polling=False) as stage,
    ):
        stage.telegram.is_down = trouble == "down"
        stage.telegram.add_person(900)
        if trouble == "flood":
            stage.telegram.faults.append(Fault(times=99, refusal=FLOOD, chat_id=900))
        await enqueue(database, "stop lost", now=stage.now)
        await enqueue(database, "slow", now=stage.now, severity=Severity.WARNING)
        address = OperatorUrl(SecretStr(url))
        for _ in range(4):
            if trouble != "no bot":
                await deliver_due(make_outbox(stage, has_admin=trouble != "no admin chat"))
            await forward_alerts(database, address, now=stage.now)
            stage.pass_time(FORWARD_AFTER)

    assert [one["message"] for one in posted] == ["stop lost"]


async def test_a_delivered_alert_is_not_forwarded(database: Database, now: datetime) -> None:
    async with (
        serve_webhook() as (url, posted),
        open_stage(database, now=now, is_polling=False) as stage,
    ):
        admin = stage.telegram.add_person(900)
        await enqueue(database, "stop lost", now=stage.now)
        await deliver_due(make_outbox(stage, has_admin=True))
        assert "stop lost" in (await admin.read_reply()).text

        stage.pass_time(FORWARD_AFTER)
        assert await forward_alerts(database, OperatorUrl(SecretStr(url)), now=stage.now) == 0

    assert posted == []


async def test_a_user_s_alert_names_the_user(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    user_id = await make_user()
    await enqueue(database, "stop lost", now=now, user_id=user_id)

    async with serve_webhook() as (url, posted):
        await forward_alerts(database, OperatorUrl(SecretStr(url)), now=now + FORWARD_AFTER)

    assert [one["message"] for one in posted] == [f"User {user_id}: stop lost"]


async def test_an_alert_that_the_address_does_not_take_is_tried_again(
    database: Database, now: datetime
) -> None:
    await enqueue(database, "stop lost", now=now)
    later, gone = now + FORWARD_AFTER, OperatorUrl(SecretStr("json://127.0.0.1:9/"))

    assert await forward_alerts(database, gone, now=later) == 0
    async with serve_webhook() as (url, posted):
        assert await forward_alerts(database, OperatorUrl(SecretStr(url)), now=later) == 1

    assert len(posted) == 1


async def test_yesterday_s_alerts_are_no_news(database: Database, now: datetime) -> None:
    await enqueue(database, "stop lost", now=now - timedelta(days=2))

    async with serve_webhook() as (url, _):
        assert await forward_alerts(database, OperatorUrl(SecretStr(url)), now=now) == 0


def make_outbox(stage: Stage, *, has_admin: bool) -> Outbox:
    return Outbox(
        bot=stage.bot,
        database=stage.database,
        clock=lambda: stage.now,
        admin_chats=(900,) if has_admin else (),
    )
