"""What a person's command changes, each in the one transaction that it is given.

command line or bot -> checks of trading.requests -> one of these -> commit

Both ways of asking share them, so a pair added from a phone is the same as one added at a
terminal. Every change leaves an audit entry.
"""

from datetime import datetime
from decimal import Decimal

from db.session import Operator, Tenant
from trading.domain.accounts import PairConfig
from trading.domain.switches import SwitchScope, SwitchTurn, build_switch_alert, describe_scope
from trading.domain.units import ZERO, Mode, Pair, UserId, VenueName, sum_money
from trading.portfolio.valuation import PairBooks, sum_ledger
from trading.requests import check_removable, find_pair
from trading.risk.circuit_breaker import resume_breaker


async def add_pair(tenant: Tenant, config: PairConfig, *, actor: str, now: datetime) -> None:
    """
    Remember a pair; on paper its capital is paid into the user's paper account.

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
    Forget a flat pair; on paper what it came to is paid out of the user's paper account.

    Raises:
        BadInput: when it is not the user's, or a position is open or an order in doubt.
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
        closed = await tenant.positions.list_closed_positions(pair, since=config.created_at)
        books = PairBooks(capital=config.capital, closed=sum_ledger(closed))
        aside = await tenant.transfers.sum_set_aside(pair, since=config.created_at)
        worth = books.capital + books.ledger.net_pnl - aside
        if worth > 0:
            await tenant.paper.withdraw(worth, now=now)
    await tenant.pairs.remove_pair(pair)
    await tenant.audit.append(actor, action="remove_pair", detail={"pair": str(pair)}, now=now)
    return config


async def pause_pair(tenant: Tenant, pair: Pair, *, actor: str, now: datetime) -> None:
    """Open no new positions for the pair; what protects stays."""
    await tenant.pairs.set_paused(pair, is_paused=True)
    await tenant.audit.append(actor, action="pause", detail={"pair": str(pair)}, now=now)


async def resume_pair(tenant: Tenant, pair: Pair, *, actor: str, now: datetime) -> None:
    """
    Trade the pair again.

    An open breaker of the pair, and one of the whole user, is closed; the audit entry says which
    and why it had opened.
    """
    await tenant.pairs.set_paused(pair, is_paused=False)
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


async def _sum_net_pnl(tenant: Tenant, scope: Pair | None) -> Decimal:
    """Net PnL at the last look, quote units: of one pair, or of all the user's pairs."""
    pairs = [scope] if scope else [config.pair for config in await tenant.pairs.list_pairs()]
    states = [await tenant.states.load_pair_state(pair) for pair in pairs]
    return sum_money(state.net_pnl for state in states if state)


async def apply_due_raises(tenant: Tenant, *, now: datetime) -> int:
    """Loosen the limits that the user asked for long enough ago; how many, each audited."""
    await tenant.lock_risk()
    due = await tenant.raises.list_raises(due_before=now)
    for wanted in due:
        config = await tenant.pairs.load_pair(wanted.pair)
        if config is not None:
            overrides = {**config.overrides, wanted.name: wanted.value}
            await tenant.pairs.set_overrides(wanted.pair, overrides=overrides)
            detail = {"pair": str(wanted.pair), "limit": wanted.name, "value": wanted.value}
            await tenant.audit.append("bot", action="raise_limit", detail=detail, now=now)
        await tenant.raises.remove_raise(wanted.pair, name=wanted.name)
    return len(due)


async def turn_switch(operator: Operator, turn: SwitchTurn, *, now: datetime) -> None:
    """
    Stop or allow entries of the system, a venue or a user; exits, stops and cancels go on.

    It holds from the commit on: whoever reserves or posts an entry reads the switches first. It
    is audited, and told to the operator and to everybody whom it concerns.

    Raises:
        BadInput: for a user that does not exist.
    """
    await operator.states.set_trading_state(
        turn.scope, state=turn.state, reason=turn.reason, now=now
    )
    detail = {
        "scope": describe_scope(turn.scope),
        "state": str(turn.state),
        "reason": turn.reason,
    }
    await operator.audit.append(
        turn.actor,
        action="unhalt" if turn.is_release else "halt",
        detail=detail,
        now=now,
        about=turn.about,
    )
    for to in (None, *await _list_concerned(operator, turn.scope)):
        await operator.alerts.enqueue_alert(build_switch_alert(turn, to=to, now=now))


async def _list_concerned(operator: Operator, scope: SwitchScope) -> tuple[UserId, ...]:
    """Users that the switch keeps from entering: the one, or those with such pairs."""
    if scope is not None and not isinstance(scope, VenueName):
        return (scope,)
    configs = await operator.pairs.list_all_pairs()
    return tuple(sorted({c.user_id for c in configs if _concerns(c, scope)}))


def _concerns(config: PairConfig, venue: VenueName | None) -> bool:
    """A venue's switch holds for pairs on its prices too, also on paper."""
    if venue is None or config.venue is venue:
        return True
    return venue is VenueName.PAPER and config.mode is Mode.PAPER
