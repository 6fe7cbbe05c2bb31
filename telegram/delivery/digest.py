"""The daily digest: a summary of the past UTC day, queued for each user in the morning.

clock -> (after the hour, UTC) -> each user: cycles and closed positions -> render -> outbox

The dedupe key is the day, so a restart, a second bot or a jumping clock adds no second digest.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta

from commands.operations import seal_audit
from db.session import Database, Tenant
from reports.texts.catalog import tell
from telegram.views.formatting import unit
from telegram.views.reports.alerts import DigestLine, render_digest
from trading.domain.accounts import PairConfig, User
from trading.domain.alert_topics import AlertGroup
from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.errors import TransientError
from trading.domain.messages import plain
from trading.security.audit_chain import ChainLink

logger = logging.getLogger(__name__)

DIGEST_HOUR = 6
"""UTC hour from which on the digests of the past day are queued."""
LOOK_SECONDS = 300.0
DAY = timedelta(days=1)


async def keep_digests(
    database: Database,
    *,
    clock: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> None:
    """Queue every day's digests until canceled."""
    done: date | None = None
    while True:
        now = clock()
        if now.hour >= DIGEST_HOUR and done != now.date():
            try:
                await enqueue_digests(database, now=now)
                done = now.date()
            except TransientError as error:
                logger.warning("The digests wait: %s", tell(error))
        await sleep(LOOK_SECONDS)


async def enqueue_digests(database: Database, *, now: datetime) -> int:
    """Queue the digest of the past UTC day for each subscriber; returns the number of new rows."""
    async with database.operator() as operator:
        users = await operator.users.list_users()
        known = await operator.users.load_recipients([user.user_id for user in users])
    head = await seal_audit(database)
    written = 0
    for user in users:
        recipient = known.get(user.user_id)
        if user.telegram_id is None or user.is_banned or recipient is None:
            continue
        if recipient.is_blocked or AlertGroup.DIGEST in recipient.muted:
            continue
        async with database.tenant(user.user_id) as tenant:
            written += await _enqueue(tenant, user, head=head, now=now)
    return written


async def _enqueue(tenant: Tenant, user: User, *, head: ChainLink | None, now: datetime) -> bool:
    day = now.date() - DAY
    told = [await _sum_up(tenant, config, day=day) for config in await tenant.pairs.list_pairs()]
    lines = [(line, cycles) for line, cycles in told if line is not None]
    if not lines:
        return False
    return await tenant.alerts.enqueue_alert(
        Alert(
            user_id=user.user_id,
            kind=AlertKind.DAILY_DIGEST,
            severity=Severity.INFO,
            text=plain(
                render_digest(
                    day,
                    lines=tuple(line for line, _ in lines),
                    cycles=sum(cycles for _, cycles in lines),
                    language=user.language,
                    head=head,
                )
            ),
            dedupe_key=f"digest:{day.isoformat()}",
            created_at=now,
        )
    )


async def _sum_up(
    tenant: Tenant, config: PairConfig, *, day: date
) -> tuple[DigestLine | None, int]:
    """The pair's line and the number of cycles; None for a day without cycles."""
    begin = datetime.combine(day, time(), tzinfo=UTC)
    since = max(begin, config.created_at)
    portfolios = await tenant.cycles.list_portfolios(config.pair, since=since)
    own = [one for one in portfolios if one.as_of < begin + DAY]
    if not own:
        return None, 0
    last = own[-1]
    closed = await tenant.positions.list_closed_positions(config.pair, since=since)
    line = DigestLine(
        pair=str(config.pair),
        currency=unit(config.pair, config.mode),
        equity=last.equity,
        day_pnl=last.day_pnl,
        net_pnl=last.net_pnl,
        trades=sum(p.closed_at is not None and p.closed_at < begin + DAY for p in closed),
        is_paused=config.is_paused,
        is_paused_in_prefect=config.is_paused_in_prefect,
    )
    return line, len(own)
