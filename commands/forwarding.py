"""Critical alerts past Telegram: to the operator's own address.

alerts undelivered after `FORWARD_AFTER` -> claim -> OperatorUrl.notify, each alert once

The bot and every worker forward, so that alerts reach the operator without Telegram, without an
admin's chat, and without a bot.
"""

from datetime import datetime, timedelta

from blocks.operator_url import OperatorUrl
from db.session import Database
from reports.texts.catalog import render
from trading.domain.alerts import Alert

FORWARD_AFTER = timedelta(seconds=6)
"""Telegram delivers within 2 s, a burst to the same chat within a few more."""


async def forward_alerts(database: Database, url: OperatorUrl, *, now: datetime) -> int:
    """Forward due alerts; the number of alerts that the address took."""
    if not url.is_set:
        return 0
    async with database.operator() as operator:
        claimed = await operator.alerts.claim_forwards(now - FORWARD_AFTER, now=now)
    taken = 0
    for one in claimed:
        if await url.notify(_describe(one.alert)):
            taken += 1
            continue
        async with database.operator() as operator:
            await operator.alerts.release_forward(one.alert_id)
    return taken


def _describe(alert: Alert) -> str:
    whom = "" if alert.user_id is None else f"User {alert.user_id}: "
    return f"{whom}{render(alert.text)}"
