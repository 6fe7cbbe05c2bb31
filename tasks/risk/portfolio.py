"""Values a pair and the user's portfolio and checks the circuit breakers.

    positions, mark price -> roll_state -> Portfolio -> check_breaker -> RiskSnapshot

Runs within the caller's transaction under the user's risk lock, so two cycles of a user see the
same books. The user's other pairs count with the last stored state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from db.session import Tenant
from tasks.alerts.trading import build_breaker_changed, build_withdrawal_due
from trading.domain.accounts import PairConfig, Portfolio
from trading.domain.positions import Position
from trading.domain.transfers import ProfitNotice, check_withdrawal
from trading.domain.units import ZERO, Pair
from trading.portfolio.valuation import (
    Exposure,
    PairBooks,
    PairState,
    combine_portfolios,
    compute_exposure,
    compute_portfolio,
    roll_state,
)
from trading.risk.circuit_breaker import Breaker, check_breaker
from trading.risk.limits import RiskLimits

CLOSED_LOOK = 60
"""Closed positions of a pair (and of all other pairs together) in the rules' input: more than a
day's positions, and longer than any losing streak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskSnapshot:
    """
    The risk state of a pair and the user at an instant.

    Attributes:
        portfolio: of the pair.
        user_portfolio: of all pairs together.
        elsewhere: open positions of the other pairs.
        closed: the pair's closed positions, newest first.
        notice: profit above the threshold; None below.
    """

    portfolio: Portfolio
    user_portfolio: Portfolio
    pair_breaker: Breaker
    user_breaker: Breaker
    elsewhere: Exposure
    closed: tuple[Position, ...]
    notice: ProfitNotice | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Others:
    """The user's other pairs by the last stored state."""

    portfolios: tuple[Portfolio, ...]
    exposure: Exposure
    closed: tuple[Position, ...]


async def take_risk_snapshot(
    tenant: Tenant,
    *,
    config: PairConfig,
    limits: RiskLimits,
    mark_price: Decimal,
    as_of: datetime,
) -> RiskSnapshot:
    """
    Value the pair, store the new state, enqueue the alerts.

    Args:
        tenant: The user's transaction; the risk lock is held.
        mark_price: Of the pair, quote per base.
        as_of: Instant of the valuation.
    """
    pair = config.pair
    closed = await tenant.positions.list_closed_positions(pair, limit=CLOSED_LOOK)
    position = await tenant.positions.load_open_position(pair)
    # Results before the pair was added (again) were paid out; only the breaker counts older
    # trades.
    booked = await tenant.positions.sum_closed_positions(pair, since=config.created_at)
    aside = await tenant.transfers.sum_set_aside(pair, since=config.created_at)
    books = PairBooks(capital=config.capital, closed=booked, position=position, set_aside=aside)
    states = await tenant.states.load_pair_states()
    state = roll_state(states.get(pair), books=books, mark_price=mark_price, as_of=as_of)
    await tenant.states.save_pair_state(pair, state)
    portfolio = compute_portfolio(books, state=state, mark_price=mark_price, as_of=as_of)
    others = await _look_elsewhere(tenant, pair=pair, states=states, as_of=as_of)
    user_portfolio = combine_portfolios((portfolio, *others.portfolios), as_of=as_of)
    notice = await _tell_profit(tenant, config, portfolio=portfolio, limits=limits)
    return RiskSnapshot(
        portfolio=portfolio,
        user_portfolio=user_portfolio,
        pair_breaker=await _check(tenant, pair, portfolio=portfolio, closed=closed, limits=limits),
        user_breaker=await _check(
            tenant,
            None,
            portfolio=user_portfolio,
            closed=(*closed, *others.closed),
            limits=limits,
        ),
        elsewhere=others.exposure,
        closed=closed,
        notice=notice,
    )


async def _look_elsewhere(
    tenant: Tenant, *, pair: Pair, states: Mapping[Pair, PairState], as_of: datetime
) -> _Others:
    configured = [config.pair for config in await tenant.pairs.list_pairs()]
    others = [other for other in configured if other != pair and other in states]
    positions = {p.pair: p for p in await tenant.positions.list_open_positions()}
    portfolios = [
        _as_of_last_look(states[other], position=positions.get(other), as_of=as_of)
        for other in others
    ]
    # A position without a pair state or a configured pair counts at the entry price.
    held = [
        (p, states[p.pair].last_mark if p.pair in others else p.average_entry_price)
        for p in positions.values()
        if p.pair != pair
    ]
    closed: tuple[Position, ...] = ()
    if others:
        closed = await tenant.positions.list_closed_positions(*others, limit=CLOSED_LOOK)
    return _Others(portfolios=tuple(portfolios), exposure=compute_exposure(held), closed=closed)


def _as_of_last_look(state: PairState, *, position: Position | None, as_of: datetime) -> Portfolio:
    """A pair's portfolio from the stored state; the equity is the last stored equity."""
    unrealized = ZERO if position is None else position.unrealized_pnl(mark_price=state.last_mark)
    has_new_day = as_of.date() > state.day
    return Portfolio(
        as_of=as_of,
        capital=state.capital,
        equity=state.last_equity,
        peak_equity=state.peak_equity,
        day_start_equity=state.last_equity if has_new_day else state.day_start_equity,
        realized_pnl=state.net_pnl - unrealized,
        unrealized_pnl=unrealized,
        fees=ZERO,
        funding=ZERO,
        exposure=ZERO if position is None else position.notional(mark_price=state.last_mark),
        set_aside=state.set_aside,
    )


async def _check(
    tenant: Tenant,
    pair: Pair | None,
    *,
    portfolio: Portfolio,
    closed: Sequence[Position],
    limits: RiskLimits,
) -> Breaker:
    before = await tenant.breakers.load_breaker(pair)
    after = check_breaker(before, portfolio=portfolio, closed=closed, limits=limits)
    if after == before:
        return before
    await tenant.breakers.save_breaker(pair, after)
    if after.is_open or before.is_open:
        alert = build_breaker_changed(tenant.user_id, pair, breaker=after, now=portfolio.as_of)
        await tenant.alerts.enqueue_alert(alert)
    return after


async def _tell_profit(
    tenant: Tenant, config: PairConfig, *, portfolio: Portfolio, limits: RiskLimits
) -> ProfitNotice | None:
    notice = check_withdrawal(portfolio, ratio=limits.profit_withdrawal_ratio)
    if notice is not None:
        alert = build_withdrawal_due(
            tenant.user_id, config.pair, mode=config.mode, notice=notice, now=portfolio.as_of
        )
        await tenant.alerts.enqueue_alert(alert)
    return notice
