"""Changes of a user's pairs, each within the transaction of the caller.

checks of trading.requests -> change of the tables, audit entry -> commit by the caller

Every change writes an audit entry; the caller of `set_capital` writes the entry for a new capital.
"""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from db.session import Tenant
from trading.domain.accounts import PairConfig
from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.messages import message
from trading.domain.units import ZERO, Mode, Pair, sum_money
from trading.portfolio.valuation import sum_ledger
from trading.requests import check_removable, find_pair
from trading.risk.circuit_breaker import resume_breaker

if TYPE_CHECKING:
    from blocks.prefect.drift import UiSwitch

PREFECT_UI = "prefect-ui"
"""The actor of a pause or resume in the Prefect UI, in the audit log."""


async def add_pair(tenant: Tenant, config: PairConfig, *, actor: str, now: datetime) -> None:
    """
    Store a pair; on paper the capital is paid into the user's paper account.

    Raises:
        BadInput: when the user has the pair already.
    """
    await tenant.pairs.add_pair(config)
    if config.mode is Mode.PAPER:
        await tenant.paper.deposit(config.capital, now=now)
    detail = {"pair": str(config.pair), "capital": str(config.capital), "venue": str(config.venue)}
    await tenant.audit.append(actor, action="add_pair", detail=detail, now=now)


async def remove_pair(tenant: Tenant, pair: Pair, *, actor: str, now: datetime) -> PairConfig:
    """
    Delete a flat pair; on paper the pair's equity is paid out of the user's paper account.

    Raises:
        BadInput: for another user's pair, an open position, or an order in doubt.
    """
    await tenant.lock_risk()
    config = find_pair(pair, existing=await tenant.pairs.list_pairs())
    position = await tenant.positions.load_open_position(pair)
    check_removable(
        config,
        open_quantity=position.quantity if position else ZERO,
        open_intents=len(await tenant.intents.list_open_intents(pair)),
    )
    if config.mode is Mode.PAPER:
        equity = config.capital + await sum_earned(tenant, config)
        if equity > 0:
            await tenant.paper.withdraw(equity, now=now)
    await tenant.pairs.remove_pair(pair)
    await tenant.audit.append(actor, action="remove_pair", detail={"pair": str(pair)}, now=now)
    return config


async def sum_earned(tenant: Tenant, config: PairConfig) -> Decimal:
    """Net PnL of the pair's closed positions less profit taken out, quote units."""
    closed = await tenant.positions.list_closed_positions(config.pair, since=config.created_at)
    aside = await tenant.transfers.sum_set_aside(config.pair, since=config.created_at)
    return sum_ledger(closed).net_pnl - aside


async def set_capital(
    tenant: Tenant, config: PairConfig, *, capital: Decimal, now: datetime
) -> None:
    """
    Store another capital; on paper the difference is paid in or out.

    Raises:
        BadInput: when the paper account has less free money than the payout.
    """
    change = capital - config.capital
    if config.mode is Mode.PAPER and change > 0:
        await tenant.paper.deposit(change, now=now)
    elif config.mode is Mode.PAPER and change < 0:
        await tenant.paper.withdraw(-change, now=now)
    await tenant.pairs.set_capital(config.pair, capital=capital)


async def pause_pair(tenant: Tenant, pair: Pair, *, actor: str, now: datetime) -> None:
    """Open no new positions for the pair; stops and targets stay."""
    await tenant.pairs.set_paused(pair, is_paused=True)
    await tenant.audit.append(actor, action="pause", detail={"pair": str(pair)}, now=now)


async def resume_pair(tenant: Tenant, pair: Pair, *, actor: str, now: datetime) -> None:
    """
    Trade the pair again, and delete an open request to close the pair.

    Closes the circuit breakers that losses have opened, for the pair and for the whole user; the
    audit entry holds the cause of each.
    """
    await tenant.pairs.set_paused(pair, is_paused=False)
    await tenant.close_requests.remove_request(pair)
    detail = {"pair": str(pair)}
    for scope in (pair, None):
        breaker = await tenant.breakers.load_breaker(scope)
        if breaker.is_open:
            net_pnl = await _sum_net_pnl(tenant, scope)
            closed = resume_breaker(breaker, net_pnl=net_pnl, as_of=now)
            await tenant.breakers.save_breaker(scope, closed)
            owner = "pair" if scope else "user"
            detail[f"closed_{owner}_breaker"] = str(breaker.code)
            detail |= {f"{owner}_{name}": figure for name, figure in breaker.figures.items()}
    await tenant.audit.append(actor, action="resume", detail=detail, now=now)


async def adopt_switch(tenant: Tenant, switch: "UiSwitch", *, now: datetime) -> bool:
    """
    Write a pause of the Prefect UI, or the end of such a pause, and tell the pair's owner.

    False, and nothing changes, for a pair that is paused already, and for the end of a pause that
    did not begin in the Prefect UI. The end neither closes a breaker nor drops a close request.
    """
    if not await tenant.pairs.set_paused_in_prefect(switch.pair, is_paused=switch.is_paused):
        return False
    action = "pause" if switch.is_paused else "resume"
    pair = str(switch.pair)
    await tenant.audit.append(PREFECT_UI, action=action, detail={"pair": pair}, now=now)
    told = (
        message("alert-paused-in-prefect", pair=pair)
        if switch.is_paused
        else message("alert-resumed-in-prefect", pair=pair)
    )
    await tenant.alerts.enqueue_alert(
        Alert(
            user_id=switch.user_id,
            kind=AlertKind.STATE_CHANGED,
            severity=Severity.WARNING,
            text=told,
            dedupe_key=f"prefect-{action}:{pair}:{now.isoformat()}",
            created_at=now,
        )
    )
    return True


async def _sum_net_pnl(tenant: Tenant, scope: Pair | None) -> Decimal:
    """Net PnL at the last valuation, quote units: of a pair, or of all the user's pairs."""
    pairs = [scope] if scope else [config.pair for config in await tenant.pairs.list_pairs()]
    states = [await tenant.states.load_pair_state(pair) for pair in pairs]
    return sum_money(state.net_pnl for state in states if state)
