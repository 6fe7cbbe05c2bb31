"""What a person sets for himself: limits, and whether a pair trades on paper or live.

bot -> checks of trading.risk.limits -> one of these, in the transaction that it is given -> commit

A stricter limit holds at once, a looser one when its wait is over (`changes.apply_due_raises`).
"""

from dataclasses import replace
from datetime import datetime

from commands import pairs as changes
from db.session import Tenant
from trading.domain.accounts import PairConfig
from trading.domain.conversation import LimitRaise
from trading.domain.units import Mode


async def set_limit(tenant: Tenant, wanted: LimitRaise, *, actor: str) -> None:
    """Have a limit hold at once; a raise of it that waited is forgotten."""
    config = await tenant.pairs.load_pair(wanted.pair)
    if config is not None:
        overrides = {**config.overrides, wanted.name: wanted.value}
        await tenant.pairs.set_overrides(wanted.pair, overrides=overrides)
    await tenant.raises.remove_raise(wanted.pair, name=wanted.name)
    detail = {"pair": str(wanted.pair), "limit": wanted.name, "value": wanted.value}
    await tenant.audit.append(actor, action="set_limit", detail=detail, now=wanted.asked_at)


async def plan_raise(tenant: Tenant, wanted: LimitRaise, *, actor: str) -> None:
    """Have a limit become looser when it is due."""
    await tenant.raises.save_raise(wanted)
    detail = {
        "pair": str(wanted.pair),
        "limit": wanted.name,
        "value": wanted.value,
        "due_at": wanted.due_at.isoformat(),
    }
    await tenant.audit.append(actor, action="plan_raise", detail=detail, now=wanted.asked_at)


async def cancel_raise(tenant: Tenant, wanted: LimitRaise, *, actor: str, now: datetime) -> None:
    """Leave a limit as it is."""
    await tenant.raises.remove_raise(wanted.pair, name=wanted.name)
    detail = {"pair": str(wanted.pair), "limit": wanted.name}
    await tenant.audit.append(actor, action="cancel_raise", detail=detail, now=now)


async def switch_mode(
    tenant: Tenant, config: PairConfig, *, mode: Mode, actor: str, now: datetime
) -> PairConfig:
    """
    Trade a flat pair on paper or live from now on: it goes and comes again with a new record.

    Paper money of the pair is paid out, and paid in again on the way back.

    Raises:
        BadInput: when a position is open or an order is not settled.
    """
    await changes.remove_pair(tenant, config.pair, actor=actor, now=now)
    switched = replace(config, mode=mode, created_at=now)
    await changes.add_pair(tenant, switched, actor=actor, now=now)
    detail = {"pair": str(config.pair), "mode": str(mode)}
    await tenant.audit.append(actor, action="switch_mode", detail=detail, now=now)
    return switched
