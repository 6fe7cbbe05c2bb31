"""What a person's command changes, each in the one transaction that it is given.

command line or bot -> checks of trading.commands -> one of these -> commit

Both ways of asking share them, so a pair added from a phone is the same as one added at a
terminal. Every change leaves an audit entry.
"""

from datetime import datetime

from db.session import Tenant
from trading.accounts import PairConfig
from trading.breaker import resume_breaker
from trading.commands import check_removable
from trading.commands import find_pair
from trading.portfolio import PairBooks
from trading.portfolio import sum_ledger
from trading.units import ZERO
from trading.units import Mode
from trading.units import Pair


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
        worth = books.capital + books.ledger.net_pnl
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
    """Trade the pair again; an open breaker of it is closed, and the audit entry says which."""
    await tenant.pairs.set_paused(pair, is_paused=False)
    detail = {"pair": str(pair)}
    breaker = await tenant.breakers.load_breaker(pair)
    if breaker.is_open:
        state = await tenant.states.load_pair_state(pair)
        net_pnl = state.last_equity - state.capital if state else ZERO
        closed = resume_breaker(breaker, net_pnl=net_pnl, as_of=now)
        await tenant.breakers.save_breaker(pair, closed)
        detail |= {"closed_breaker": str(breaker.code), **breaker.figures}
    await tenant.audit.append(actor, action="resume", detail=detail, now=now)
