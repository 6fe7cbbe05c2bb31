"""While Telegram is away, critical alerts go to the operator's own address."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from db.session import Database
from telegram.delivery.operator_url import OperatorUrl
from telegram.delivery.outbox import Outbox
from tests.telegram.delivery.test_outbox import deliver_due
from tests.telegram.stage import open_stage
from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.messages import plain


@asynccontextmanager
async def serve_webhook() -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """An address as apprise spells it, and what was posted there."""
    posted: list[dict[str, Any]] = []

    async def take(request: web.BaseRequest) -> web.StreamResponse:
        posted.append(await request.json())
        return web.Response()

    runner = web.ServerRunner(web.Server(take))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield "json://user:password@{}:{}/".format(*runner.addresses[0]), posted
    finally:
        await runner.cleanup()


def make_alert(text: str, *, severity: Severity, now: datetime) -> Alert:
    return Alert(
        user_id=None,
        kind=AlertKind.SYSTEM,
        severity=severity,
        text=plain(text),
        dedupe_key=text,
        created_at=now,
    )


async def test_critical_alerts_are_forwarded_once_while_telegram_is_away(
    database: Database, now: datetime
) -> None:
    async with (
        serve_webhook() as (url, posted),
        open_stage(database, now=now, is_polling=False) as stage,
    ):
        stage.telegram.is_down = True
        outbox = Outbox(
            bot=stage.bot,
            database=database,
            clock=lambda: stage.now,
            admin_chats=(900,),
            operator_url=OperatorUrl(SecretStr(url)),
        )
        async with database.operator() as operator:
            for text, severity in [("stop lost", Severity.CRITICAL), ("slow", Severity.WARNING)]:
                await operator.alerts.enqueue_alert(
                    make_alert(text, severity=severity, now=stage.now)
                )
        for _ in range(5):
            await deliver_due(outbox)
            stage.pass_time(timedelta(minutes=1))

    assert [one["message"] for one in posted] == ["stop lost"]


async def test_the_address_is_not_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    gone = OperatorUrl(SecretStr("json://user:password@127.0.0.1:9/"))

    assert not await gone.notify("stop lost")

    assert "takes no message" in caplog.text
    assert "password" not in caplog.text
    assert "127.0.0.1" not in caplog.text
