"""Operator's queries and messages: users, health of the system, broadcasts, the audit log.

a transaction across users -> UserLine, HealthView
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from blocks.prefect.system import SystemState
from commands.caller import Caller
from commands.council.health import CouncilHealth, load_council_health
from commands.deployments.gateway import Gateway
from db.session import Database
from trading.domain.accounts import User
from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.errors import BadInput
from trading.domain.messages import Message, message, plain
from trading.domain.units import Mode, TradingState
from trading.security.audit_chain import AuditEntry, ChainLink, FoundFault, verify_chain

MAX_BROADCAST_CHARACTERS = 2000
MOST_ENTRIES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLine:
    """A user with the number of pairs; `is_blocked`: the user has blocked the bot."""

    user: User
    pairs: int
    live_pairs: int
    is_blocked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthView:
    """
    The system now.

    Attributes:
        system: pool, queues and system deployments; None when the Prefect API does not answer.
        last_cycle_at: newest cycle of any user, None before the first.
        council: the quorum, and seats that can't vote.
        backlog: number of undelivered messages; `oldest_waiting_at` is the time of the oldest.
    """

    now: datetime
    state: TradingState
    system: SystemState | None
    users: int
    pairs: int
    open_positions: int
    last_cycle_at: datetime | None
    council: CouncilHealth
    backlog: int
    oldest_waiting_at: datetime | None


async def load_user_lines(caller: Caller) -> tuple[UserLine, ...]:
    """Load every user with the number of pairs, oldest first."""
    async with caller.operator() as operator:
        users = await operator.users.list_users()
        configs = await operator.pairs.list_all_pairs()
        recipients = await operator.users.load_recipients([user.user_id for user in users])
    pairs = Counter(config.user_id for config in configs)
    live = Counter(config.user_id for config in configs if config.mode is Mode.LIVE)
    return tuple(
        UserLine(
            user=user,
            pairs=pairs[user.user_id],
            live_pairs=live[user.user_id],
            is_blocked=user.user_id in recipients and recipients[user.user_id].is_blocked,
        )
        for user in users
    )


async def load_health(caller: Caller) -> HealthView:
    """Load the state of the system."""
    quorum = caller.services.settings.limits.quorum
    council = await load_council_health(caller.services.database, quorum=quorum, now=caller.now)
    system = await _read_system(caller)
    async with caller.operator() as operator:
        cycles = await operator.cycles.load_last_cycle_times()
        return HealthView(
            now=caller.now,
            state=await operator.states.load_trading_state(None),
            system=system,
            users=len(await operator.users.list_users()),
            pairs=len(await operator.pairs.list_all_pairs()),
            open_positions=len(await operator.positions.list_all_open_positions()),
            council=council,
            last_cycle_at=max(cycles.values(), default=None),
            backlog=await operator.alerts.count_backlog(),
            oldest_waiting_at=await operator.alerts.load_oldest_waiting_at(),
        )


async def _read_system(caller: Caller) -> SystemState | None:
    states: list[SystemState] = []

    async def read(gateway: Gateway) -> None:
        states.append(await gateway.read_system())

    await caller.follow(read)
    return states[0] if states else None


async def broadcast(caller: Caller, text: str, *, is_confirmed: bool) -> int:
    """
    Queue a message to every Telegram user, behind all risk alerts.

    Returns the number of recipients; without a confirmation nothing is queued.

    Raises:
        BadInput: for an empty text and above `MAX_BROADCAST_CHARACTERS`.
    """
    if not 1 <= len(text) <= MAX_BROADCAST_CHARACTERS:
        raise BadInput(message("broadcast-length", most=MAX_BROADCAST_CHARACTERS))
    async with caller.operator() as operator:
        users = [one for one in await operator.users.list_users() if one.telegram_id]
        if is_confirmed:
            for user in users:
                await operator.alerts.enqueue_alert(_announce(text, user=user, now=caller.now))
            detail = {"text": text[:200], "users": str(len(users))}
            await operator.audit.append(
                caller.actor, action="broadcast", detail=detail, now=caller.now
            )
    return len(users)


def _announce(text: str, *, user: User, now: datetime) -> Alert:
    return Alert(
        user_id=user.user_id,
        kind=AlertKind.SYSTEM,
        severity=Severity.INFO,
        text=plain(text),
        dedupe_key=f"broadcast:{now.isoformat()}",
        created_at=now,
    )


async def alert_operator(
    database: Database, subject: str, *, text: Message, now: datetime
) -> None:
    """Send the operator a critical alert, once an hour for each subject."""
    async with database.operator() as operator:
        await operator.alerts.enqueue_alert(
            Alert(
                user_id=None,
                kind=AlertKind.SYSTEM,
                severity=Severity.CRITICAL,
                text=text,
                dedupe_key=f"{subject}:{now:%Y-%m-%dT%H}",
                created_at=now,
            )
        )


async def load_own_entries(caller: Caller, *, limit: int) -> tuple[AuditEntry, ...]:
    """Load the user's entries, newest first, at most `MOST_ENTRIES`."""
    async with caller.tenant() as tenant:
        return await tenant.audit.list_entries(limit=min(limit, MOST_ENTRIES))


async def load_all_entries(database: Database, *, limit: int) -> tuple[AuditEntry, ...]:
    """Load everybody's entries and the system's, newest first, at most `MOST_ENTRIES`."""
    async with database.operator() as operator:
        return await operator.audit.list_entries(limit=min(limit, MOST_ENTRIES))


async def seal_audit(database: Database) -> ChainLink | None:
    """Seal the entries without a link, and return the head; None for an empty log."""
    async with database.operator() as operator:
        await operator.audit.seal_entries()
        return await operator.audit.load_head()


async def verify_audit(
    database: Database, *, heads: Collection[str] = ()
) -> tuple[int, list[FoundFault]]:
    """Verify the chain, and return the number of links and the faults; `heads` from digests."""
    async with database.operator() as operator:
        links, entries = await operator.audit.load_chain()
    return len(links), verify_chain(links, entries=entries, heads=heads)
