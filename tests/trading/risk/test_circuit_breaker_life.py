"""
A life under the breaker: any sequence of trades, looks, resumes and restarts.

The machine trades only when the breaker lets it, loses what it likes, and holds beside it a plain
count of what has been lost. Whatever happens, no limit is passed unnoticed, nothing is forgotten
by a restart, and no breaker stays shut for good. `tests/trading/risk/lives.py` says how many
lives; the full size is 100,000.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.trading.builders import (
    NOW,
    change_account,
    make_asked,
    make_closed_position,
    make_position,
)
from tests.trading.numbers import decimals
from tests.trading.risk.lives import BLOCKS, live
from trading.council.decisions import Action
from trading.domain.positions import Position
from trading.portfolio.valuation import (
    PairBooks,
    PairState,
    compute_portfolio,
    roll_state,
    sum_ledger,
)
from trading.risk.circuit_breaker import Breaker, check_breaker, resume_breaker
from trading.risk.engine import check_risk
from trading.risk.limits import RiskLimits

STEPS = 40
LIMITS = RiskLimits()
MARK = Decimal(50_000)

CLOSED = make_closed_position(0)
ENTRY = make_asked()
EXIT = make_asked(Action.CLOSE, account={"position": make_position()})


def is_open(life: "BreakerLife") -> bool:
    return life.breaker.is_open


def is_running(life: "BreakerLife") -> bool:
    return not life.breaker.is_open


class BreakerLife(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.breaker = Breaker()
        self.state: PairState | None = None
        self.closed: list[Position] = []
        self.capital = Decimal(1000)
        self.forgiven_at: datetime | None = None
        self.look()

    def look(self) -> None:
        books = PairBooks(capital=self.capital, closed=sum_ledger(self.closed))
        self.state = roll_state(self.state, books=books, mark_price=MARK, as_of=self.now)
        self.portfolio = compute_portfolio(
            books, state=self.state, mark_price=MARK, as_of=self.now
        )
        was_open = self.breaker.is_open
        self.breaker = check_breaker(
            self.breaker, portfolio=self.portfolio, closed=self.closed, limits=LIMITS
        )
        if was_open and self.breaker.counts_from is not None:
            self.forgiven_at = self.breaker.counts_from

    @rule(minutes=st.integers(min_value=1, max_value=300))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.look()

    @precondition(is_running)
    @rule(pnl=decimals("-40", "40", places=2), fee=decimals("0", "2", places=2))
    def a_trade_closes(self, pnl: Decimal, fee: Decimal) -> None:
        self.now += timedelta(seconds=1)
        self.closed.append(replace(CLOSED, realized_pnl=pnl, fees=fee, closed_at=self.now))
        self.look()

    @precondition(is_open)
    @rule(pnl=decimals("-40", "40", places=2))
    def a_stop_fills_while_it_is_open(self, pnl: Decimal) -> None:
        self.now += timedelta(seconds=1)
        self.closed.append(replace(CLOSED, realized_pnl=pnl, closed_at=self.now))
        self.look()

    @rule(change=decimals("-100", "500", places=2))
    def money_comes_or_goes(self, change: Decimal) -> None:
        before = self.breaker
        day_pnl = self.portfolio.day_pnl
        self.capital = max(Decimal(100), self.capital + change)
        self.look()
        if before.is_open or not self.breaker.is_open:
            assert self.portfolio.day_pnl == day_pnl

    @precondition(is_open)
    @rule()
    def somebody_resumes(self) -> None:
        self.breaker = resume_breaker(self.breaker, net_pnl=self.portfolio.net_pnl, as_of=self.now)
        self.forgiven_at = self.now

    @rule()
    def everything_restarts(self) -> None:
        """Only what is stored comes back; the next look knows as much as before."""
        self.breaker = replace(self.breaker, figures=dict(self.breaker.figures))
        before = self.breaker
        self.look()
        assert self.breaker == before

    @invariant()
    def three_losses_in_a_row_never_pass_unnoticed(self) -> None:
        since = self.forgiven_at
        counting = [p for p in self.closed if since is None or (p.closed_at or NOW) >= since]
        last = counting[-LIMITS.max_losses_in_a_row :]
        if len(last) == LIMITS.max_losses_in_a_row and all(p.net_pnl < 0 for p in last):
            assert self.breaker.is_open

    @invariant()
    def the_days_loss_never_passes_unnoticed(self) -> None:
        limit = self.portfolio.day_start_equity * LIMITS.max_day_loss_ratio
        forgiven_today = self.forgiven_at and self.forgiven_at.date() == self.now.date()
        if not forgiven_today and -self.portfolio.day_pnl >= limit > 0:
            assert self.breaker.is_open

    @invariant()
    def open_means_no_entry_and_every_exit(self) -> None:
        account = {"pair_breaker": self.breaker, "portfolio": self.portfolio}
        assert check_risk(change_account(EXIT, **account), limits=LIMITS).close
        if self.breaker.is_open:
            assert not check_risk(change_account(ENTRY, **account), limits=LIMITS).plan

    @invariant()
    def it_says_why_and_until_when_and_is_never_stuck(self) -> None:
        if self.breaker.is_open:
            assert self.breaker.figures
            assert self.breaker.until is not None
            assert self.breaker.until - self.now <= LIMITS.breaker_cooldown
            later = replace(self.portfolio, as_of=self.breaker.until)
            quiet = check_breaker(self.breaker, portfolio=later, closed=(), limits=LIMITS)
            assert not quiet.is_open


@pytest.mark.parametrize("first", BLOCKS)
def test_no_loss_passes_unnoticed_and_no_breaker_is_stuck(first: int) -> None:
    live(BreakerLife, first=first, steps=STEPS)
