"""/risk: limits shown, made stricter at once, made looser after a confirmation and a wait.

[PAIR] NAME VALUE -> trading.risk.limits -> stricter: set;  looser: question -> button -> waits

Nobody gets looser than the installation's limits. Without a pair it is about all of them.
"""

from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal

from commands import user_settings as tuning
from telegram.request.request import Answer, Ask, Verb
from telegram.views.dialogs.risk import (
    LIMITS,
    LimitLine,
    PendingRaise,
    RiskView,
    render_limit_changed,
    render_raise_canceled,
    render_raise_question,
    render_raise_scheduled,
    render_risk,
)
from telegram.views.help import render_usage
from telegram.views.message import Reply
from trading.domain.accounts import PairConfig
from trading.domain.conversation import LimitRaise
from trading.domain.errors import BadInput
from trading.requests import ALL_PAIRS, filter_pairs, select_pairs
from trading.risk.limits import RiskLimits, tighten


async def risk(ask: Ask) -> Answer:
    """Show the limits, or set one."""
    if len(ask.words) > 3:
        return render_usage("risk", language=ask.language)
    if len(ask.words) < 2:
        return await _show(ask)
    return await _set(replace(ask, is_confirmed=False))


async def loosen(ask: Ask) -> Answer:
    """Have a looser limit wait for its hour; typed, it is asked about first."""
    if not 2 <= len(ask.words) <= 3:
        return render_usage("risk", language=ask.language)
    return await _set(ask)


async def keep_limit(ask: Ask) -> Answer:
    """Take a raise back."""
    *pair, name = ask.words or [""]
    configs = select_pairs(" ".join(pair), existing=await ask.list_pairs())
    async with ask.tenant() as tenant:
        waiting = await tenant.raises.list_raises()
        chosen = {config.pair for config in configs}
        for wanted in (one for one in waiting if one.name == name and one.pair in chosen):
            await tuning.cancel_raise(tenant, wanted, actor=ask.actor, now=ask.now)
    return render_raise_canceled(name, language=ask.language)


async def _set(ask: Ask) -> Answer:
    *pair, name, value = ask.words
    name, limits = name.lower(), ask.services.settings.limits
    tighten(limits, {name: value})  # refuses what is no limit, no number or too loose
    configs = select_pairs(" ".join(pair), existing=await ask.list_pairs())
    looser = tuple(c for c in configs if is_looser(limits, c, name=name, value=value))
    if looser and not ask.is_confirmed:
        current = show_limit(getattr(effective(limits, looser[0]), name))
        question = render_raise_question(name, value=value, current=current, language=ask.language)
        return _about(question, pair[0] if pair else ALL_PAIRS)
    due_at = ask.now + ask.services.settings.raise_wait
    async with ask.tenant() as tenant:
        for config in configs:
            wanted = LimitRaise(
                pair=config.pair, name=name, value=value, asked_at=ask.now, due_at=due_at
            )
            keep = tuning.plan_raise if config in looser else tuning.set_limit
            await keep(tenant, wanted, actor=ask.actor)
    if not looser:
        return render_limit_changed(name, value=value, language=ask.language)
    pending = PendingRaise(name=name, value=value, due_at=due_at)
    scheduled = render_raise_scheduled(pending, language=ask.language)
    return _about(scheduled, pair[0] if pair else ALL_PAIRS)


async def _show(ask: Ask) -> Answer:
    async with ask.tenant() as tenant:
        configs = filter_pairs(ask.argument, existing=await tenant.pairs.list_pairs())
        waiting = await tenant.raises.list_raises()
    pairs = {config.pair for config in configs}
    raises = {one.name: one for one in waiting if one.pair in pairs}
    limits = ask.services.settings.limits
    own = {name for config in configs for name in config.overrides}
    shown = [field.name for field in fields(RiskLimits) if field.name in {*LIMITS, *own}]
    lines = tuple(_line(name, limits, configs=configs, raises=raises) for name in shown)
    pair = str(configs[0].pair) if ask.argument and len(configs) == 1 else ""
    return render_risk(RiskView(pair=pair, lines=lines), language=ask.language)


def effective(limits: RiskLimits, config: PairConfig) -> RiskLimits:
    """What holds for a pair; an own limit that the installation has overtaken is passed over."""
    for name, value in config.overrides.items():
        try:
            limits = tighten(limits, {name: value})
        except BadInput:
            continue
    return limits


def is_looser(limits: RiskLimits, config: PairConfig, *, name: str, value: str) -> bool:
    """Whether a limit that the installation allows is looser than the pair's own one."""
    try:
        tighten(effective(limits, config), {name: value})
    except BadInput:
        return True
    return False


def show_limit(value: Decimal | timedelta | int) -> str:
    """A limit as it is typed: durations in seconds."""
    number = Decimal(str(value.total_seconds())) if isinstance(value, timedelta) else value
    return f"{Decimal(number).normalize():f}"


def _line(
    name: str,
    limits: RiskLimits,
    *,
    configs: tuple[PairConfig, ...],
    raises: dict[str, LimitRaise],
) -> LimitLine:
    allowed = show_limit(getattr(limits, name))
    values = sorted({show_limit(getattr(effective(limits, one), name)) for one in configs})
    waits = raises.get(name)
    return LimitLine(
        name=name,
        value=" | ".join(values) or allowed,
        allowed=allowed,
        pending=PendingRaise(name=name, value=waits.value, due_at=waits.due_at) if waits else None,
    )


def _about(reply: Reply, pair: str) -> Reply:
    """The reply with its buttons about one pair, or about all."""
    rows = tuple(
        tuple(
            replace(one, argument=f"{pair} {one.argument}") if one.argument else one for one in row
        )
        for row in reply.buttons
    )
    return replace(reply, buttons=rows)


VERBS = (
    Verb(name="risk", run=risk, aliases=("config",)),
    Verb(name="risk_raise", run=loosen),
    Verb(name="risk_cancel", run=keep_limit),
)
