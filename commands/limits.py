"""Show and set a user's own risk limits; loosen limits after a waiting time.

name, value -> trading.risk.limits -> stricter: holds now;  looser: holds after `raise_hours`

A user's limit never exceeds the installation's. A looser limit needs a confirmation first.
"""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal

from commands.caller import Caller
from db.session import Database, Tenant
from trading.domain.accounts import PairConfig
from trading.domain.conversation import LimitRaise
from trading.domain.errors import BadInput
from trading.requests import filter_pairs, select_pairs
from trading.risk.limits import RiskLimits, tighten, tighten_where_stricter


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingRaise:
    """A confirmed looser limit; the new value holds from `due_at` on."""

    name: str
    value: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitLine:
    """
    A limit of the user and of the installation.

    Attributes:
        value: limit that holds for the user now; several values are joined by " | ".
        allowed: limit of the installation.
        is_own: the user has set the limit for some pair.
    """

    name: str
    value: str
    allowed: str
    pending: PendingRaise | None = None
    is_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskView:
    """Limits of a pair; `pair` is empty for the limits of all pairs."""

    pair: str
    lines: tuple[LimitLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitPlan:
    """
    A limit that a user wants, checked and not stored yet.

    Attributes:
        configs: pairs of the limit.
        looser: pairs of `configs` whose present limit is stricter.
        current: present limit of the first pair in `looser`, else `value`.
    """

    name: str
    value: str
    configs: tuple[PairConfig, ...]
    looser: tuple[PairConfig, ...]
    current: str


async def load_limits(caller: Caller, text: str) -> RiskView:
    """Load every limit of a pair, or of "all". Raises BadInput for another user's pair."""
    async with caller.tenant() as tenant:
        configs = filter_pairs(text, existing=await tenant.pairs.list_pairs())
        waiting = await tenant.raises.list_raises()
    pairs = {config.pair for config in configs}
    raises = {one.name: one for one in waiting if one.pair in pairs}
    limits = caller.services.settings.limits
    lines = tuple(
        _build_line(field.name, limits, configs=configs, pending=raises.get(field.name))
        for field in fields(RiskLimits)
    )
    return RiskView(pair=str(configs[0].pair) if text and len(configs) == 1 else "", lines=lines)


async def plan_limit(caller: Caller, text: str, *, name: str, value: str) -> LimitPlan:
    """
    Check a limit for a pair, or for "all".

    Raises:
        BadInput: for an unknown limit, a value that is no number or looser than the
            installation's limit, and for another user's pair.
    """
    name, limits = name.lower(), caller.services.settings.limits
    tighten(limits, {name: value})
    configs = select_pairs(text, existing=await caller.list_pairs())
    looser = tuple(one for one in configs if is_looser(limits, one, name=name, value=value))
    current = show_limit(getattr(effective(limits, looser[0]), name)) if looser else value
    return LimitPlan(name=name, value=value, configs=configs, looser=looser, current=current)


async def set_limit(caller: Caller, plan: LimitPlan) -> PendingRaise | None:
    """Store a planned limit; returns the waiting raise, None when the limit holds at once."""
    due_at = caller.now + caller.services.settings.raise_wait
    async with caller.tenant() as tenant:
        for config in plan.configs:
            wanted = LimitRaise(
                pair=config.pair,
                name=plan.name,
                value=plan.value,
                asked_at=caller.now,
                due_at=due_at,
            )
            store = _plan_raise if config in plan.looser else _tighten
            await store(tenant, wanted, caller=caller)
    if not plan.looser:
        return None
    return PendingRaise(name=plan.name, value=plan.value, due_at=due_at)


async def cancel_raise(caller: Caller, text: str, *, name: str) -> None:
    """Cancel a waiting raise of a pair, or of "all"."""
    configs = select_pairs(text, existing=await caller.list_pairs())
    chosen = {config.pair for config in configs}
    async with caller.tenant() as tenant:
        for wanted in await tenant.raises.list_raises():
            if wanted.name == name and wanted.pair in chosen:
                await tenant.raises.remove_raise(wanted.pair, name=name)
                await caller.audit(tenant, "cancel_raise", pair=str(wanted.pair), limit=name)


async def apply_due_raises(database: Database, *, now: datetime) -> int:
    """Loosen every limit whose waiting time is over; returns the number of limits."""
    async with database.operator() as operator:
        users = await operator.bot.list_users_with_due_raises(now)
    count = 0
    for user_id in users:
        async with database.tenant(user_id) as tenant:
            count += await _apply_due(tenant, now=now)
    return count


async def _apply_due(tenant: Tenant, *, now: datetime) -> int:
    await tenant.lock_risk()
    due = await tenant.raises.list_raises(due_before=now)
    for wanted in due:
        if await _override(tenant, wanted):
            detail = {"pair": str(wanted.pair), "limit": wanted.name, "value": wanted.value}
            await tenant.audit.append("bot", action="raise_limit", detail=detail, now=now)
        await tenant.raises.remove_raise(wanted.pair, name=wanted.name)
    return len(due)


async def _tighten(tenant: Tenant, wanted: LimitRaise, *, caller: Caller) -> None:
    """Set a limit now and drop a waiting raise of the same limit."""
    await _override(tenant, wanted)
    await tenant.raises.remove_raise(wanted.pair, name=wanted.name)
    detail = {"pair": str(wanted.pair), "limit": wanted.name, "value": wanted.value}
    await caller.audit(tenant, "set_limit", **detail)


async def _plan_raise(tenant: Tenant, wanted: LimitRaise, *, caller: Caller) -> None:
    await tenant.raises.save_raise(wanted)
    detail = {"pair": str(wanted.pair), "limit": wanted.name, "value": wanted.value}
    await caller.audit(tenant, "plan_raise", **detail, due_at=wanted.due_at.isoformat())


async def _override(tenant: Tenant, wanted: LimitRaise) -> bool:
    """Store the user's own limit; False for a pair that was removed."""
    config = await tenant.pairs.load_pair(wanted.pair)
    if config is None:
        return False
    overrides = {**config.overrides, wanted.name: wanted.value}
    return await tenant.pairs.set_overrides(wanted.pair, overrides=overrides)


def effective(limits: RiskLimits, config: PairConfig) -> RiskLimits:
    """Limits that hold for a pair; an own limit above the installation's is ignored."""
    return tighten_where_stricter(limits, config.overrides)


def is_looser(limits: RiskLimits, config: PairConfig, *, name: str, value: str) -> bool:
    """Whether a limit that the installation allows is looser than the pair's own limit."""
    try:
        tighten(effective(limits, config), {name: value})
    except BadInput:
        return True
    return False


def show_limit(value: Decimal | timedelta | int) -> str:
    """A limit as text, the way a user types the limit: durations in seconds."""
    number = Decimal(str(value.total_seconds())) if isinstance(value, timedelta) else value
    return f"{Decimal(number).normalize():f}"


def _build_line(
    name: str,
    limits: RiskLimits,
    *,
    configs: tuple[PairConfig, ...],
    pending: LimitRaise | None,
) -> LimitLine:
    allowed = show_limit(getattr(limits, name))
    values = sorted({show_limit(getattr(effective(limits, one), name)) for one in configs})
    return LimitLine(
        name=name,
        value=" | ".join(values) or allowed,
        allowed=allowed,
        pending=PendingRaise(name=name, value=pending.value, due_at=pending.due_at)
        if pending
        else None,
        is_own=any(name in config.overrides for config in configs),
    )
