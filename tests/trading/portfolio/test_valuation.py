"""Portfolios: money paid in or out is not PnL, and no loss falls between two days."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.builders import NOW, make_closed_position, make_portfolio, make_position
from tests.trading.numbers import decimals
from trading.domain.accounts import Portfolio
from trading.domain.transfers import ProfitNotice, check_withdrawal
from trading.domain.units import PositionSide
from trading.portfolio.valuation import (
    Exposure,
    Ledger,
    PairBooks,
    PairState,
    combine_portfolios,
    compute_exposure,
    compute_portfolio,
    roll_state,
    sum_ledger,
)

MARK = Decimal(50_000)
DAY = timedelta(days=1)
OPEN = make_position(realized_pnl=Decimal(7), fees=Decimal(2), funding=Decimal(-1))


def books(pnl: Decimal | int = 0, *, capital: str | int = 1000, position: Any = None) -> PairBooks:
    return PairBooks(
        capital=Decimal(capital), closed=Ledger(realized_pnl=Decimal(pnl)), position=position
    )


def state_of(*looks: tuple[PairBooks, timedelta], mark_price: Decimal = MARK) -> PairState:
    state: PairState | None = None
    for seen, age in looks:
        state = roll_state(state, books=seen, mark_price=mark_price, as_of=NOW + age)
    assert state is not None
    return state


ZERO_AGE = timedelta(0)


def test_a_ledger_adds_up_closed_positions() -> None:
    ledger = sum_ledger(
        [
            make_closed_position(10, fees=Decimal(2), funding=Decimal(1)),
            make_closed_position(-4, fees=Decimal(1)),
        ]
    )
    assert ledger == Ledger(realized_pnl=Decimal(6), fees=Decimal(3), funding=Decimal(1))
    assert ledger.net_pnl == 2
    assert sum_ledger([]) == Ledger()
    with pytest.raises(ValueError, match="fees must be a finite Decimal"):
        Ledger(fees=Decimal("NaN"))


def test_books_count_the_open_position_too() -> None:
    closed = Ledger(realized_pnl=Decimal(100), fees=Decimal(10), funding=Decimal(5))
    pair = PairBooks(capital=Decimal(1000), closed=closed, position=OPEN)
    assert pair.ledger == Ledger(realized_pnl=Decimal(107), fees=Decimal(12), funding=Decimal(4))
    mark = Decimal(50_500)
    assert pair.unrealized_pnl(mark_price=mark) == 50
    assert pair.equity(mark_price=mark) == 1000 + 107 - 12 - 4 + 50


def test_flat_books_are_worth_capital_and_what_was_earned() -> None:
    assert books(25).ledger == Ledger(realized_pnl=Decimal(25))
    assert PairBooks(capital=Decimal(1)).position is None
    assert books(25).unrealized_pnl(mark_price=MARK) == 0
    assert books(25).equity(mark_price=MARK) == 1025
    with pytest.raises(ValueError, match="capital must be above 0"):
        books(capital=0)


def test_the_first_look_starts_everything_at_the_capital() -> None:
    """What the very first trade lost before it counts to the first day."""
    assert state_of((books(-5), ZERO_AGE)) == PairState(
        capital=Decimal(1000),
        peak_equity=Decimal(1000),
        day=date(2026, 3, 2),
        day_start_equity=Decimal(1000),
        last_equity=Decimal(995),
        last_mark=MARK,
        start_price=MARK,
        updated_at=NOW,
    )


def test_the_peak_is_the_highest_ever_seen() -> None:
    looks = [(books(pnl), timedelta(hours=hours)) for hours, pnl in enumerate([0, 80, -50, 60])]
    state = state_of(*looks)
    assert (state.peak_equity, state.last_equity) == (Decimal(1080), Decimal(1060))
    assert state.updated_at == NOW + timedelta(hours=3)


def test_a_day_starts_where_the_last_look_of_the_day_before_ended() -> None:
    state = state_of((books(0), ZERO_AGE), (books(30), timedelta(hours=11)))
    assert (state.day, state.day_start_equity) == (date(2026, 3, 2), Decimal(1000))
    overnight = state_of((books(30), ZERO_AGE), (books(10), timedelta(hours=12)))
    assert (overnight.day, overnight.day_start_equity) == (date(2026, 3, 3), Decimal(1030))
    assert overnight.last_equity == 1010


def test_a_clock_that_went_back_starts_no_day() -> None:
    state = state_of((books(0), DAY), (books(-40), ZERO_AGE))
    assert (state.day, state.day_start_equity) == (date(2026, 3, 3), Decimal(1000))


def test_days_without_a_look_are_one_day() -> None:
    state = state_of((books(0), ZERO_AGE), (books(-40), 5 * DAY))
    assert (state.day, state.day_start_equity) == (date(2026, 3, 7), Decimal(1000))


@pytest.mark.parametrize(("capital", "change"), [(1500, 500), (1001, 1), (400, -600)])
def test_money_paid_in_or_out_moves_what_equity_is_compared_with(
    capital: int, change: int
) -> None:
    before = state_of((books(100), ZERO_AGE), (books(-100), timedelta(hours=1)))
    after = roll_state(
        before, books=books(-100, capital=capital), mark_price=MARK, as_of=before.updated_at
    )
    assert after == replace(
        before,
        capital=Decimal(capital),
        peak_equity=before.peak_equity + change,
        day_start_equity=before.day_start_equity + change,
        last_equity=before.last_equity + change,
    )


def test_money_that_came_overnight_is_not_the_days_profit() -> None:
    before = state_of((books(0), ZERO_AGE))
    after = roll_state(before, books=books(capital=1500), mark_price=MARK, as_of=NOW + DAY)
    assert after.day_start_equity == 1500


def test_added_money_buys_and_holds_from_when_it_came() -> None:
    """1,000 at 50,000 is 0.02; 1,000 more at 100,000 is 0.01: 2,000 for 0.03."""
    before = replace(state_of((books(), ZERO_AGE)), last_mark=Decimal(100_000))
    after = roll_state(before, books=books(capital=2000), mark_price=MARK, as_of=NOW)
    assert after.start_price.quantize(Decimal("0.01")) == Decimal("66666.67")
    assert after.last_mark == MARK


def test_withdrawn_money_leaves_the_holders_price_alone() -> None:
    before = replace(state_of((books(), ZERO_AGE)), last_mark=Decimal(100_000))
    after = roll_state(before, books=books(capital=500), mark_price=MARK, as_of=NOW)
    assert after.start_price == MARK


@given(
    changes=st.lists(decimals("-900", "900", places=2), max_size=5),
    pnl=decimals("-900", "900", places=2),
)
def test_no_payment_is_ever_pnl(changes: list[Decimal], pnl: Decimal) -> None:
    capital = Decimal(5000)
    state = state_of((books(pnl, capital="5000"), ZERO_AGE))
    first = compute_portfolio(books(pnl, capital="5000"), state=state, mark_price=MARK, as_of=NOW)
    for change in changes:
        capital += change
        now = books(pnl, capital=str(capital))
        state = roll_state(state, books=now, mark_price=MARK, as_of=NOW)
        portfolio = compute_portfolio(now, state=state, mark_price=MARK, as_of=NOW)
        assert portfolio.net_pnl == first.net_pnl == pnl
        assert portfolio.day_pnl == first.day_pnl
        assert portfolio.peak_equity - portfolio.equity == first.peak_equity - first.equity


def test_a_look_is_at_a_real_instant_and_a_real_price() -> None:
    with pytest.raises(ValueError, match="as_of must be aware UTC"):
        roll_state(None, books=books(), mark_price=MARK, as_of=NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="must be above 0"):
        roll_state(None, books=books(), mark_price=Decimal(0), as_of=NOW)
    good = state_of((books(), ZERO_AGE))
    wrong: dict[str, Any]
    for name in ("peak_equity", "day_start_equity", "last_equity"):
        wrong = {name: Decimal("NaN")}
        with pytest.raises(ValueError, match=f"{name} must be a finite Decimal"):
            replace(good, **wrong)
    for name in ("capital", "start_price", "last_mark"):
        wrong = {name: Decimal(0)}
        with pytest.raises(ValueError, match=f"{name} must be above 0"):
            replace(good, **wrong)
    with pytest.raises(ValueError, match="updated_at must be aware UTC"):
        replace(good, updated_at=NOW.replace(tzinfo=None))


def test_a_portfolio_is_the_books_at_a_price() -> None:
    closed = Ledger(realized_pnl=Decimal(100), fees=Decimal(10), funding=Decimal(5))
    pair = PairBooks(capital=Decimal(1000), closed=closed, position=OPEN)
    state = state_of((pair, ZERO_AGE))
    mark, later = Decimal(55_000), NOW + timedelta(minutes=5)
    assert compute_portfolio(pair, state=state, mark_price=mark, as_of=later) == Portfolio(
        as_of=later,
        capital=Decimal(1000),
        equity=Decimal(1591),
        peak_equity=Decimal(1591),
        day_start_equity=Decimal(1000),
        realized_pnl=Decimal(107),
        unrealized_pnl=Decimal(500),
        fees=Decimal(12),
        funding=Decimal(4),
        exposure=Decimal(5500),
        hold_pnl=Decimal(0),
        buy_and_hold_pnl=Decimal(100),
    )


def test_a_flat_portfolio_is_exposed_to_nothing_and_keeps_its_peak() -> None:
    state = state_of((books(50), ZERO_AGE), (books(-10), timedelta(hours=1)))
    portfolio = compute_portfolio(books(-10), state=state, mark_price=MARK, as_of=NOW)
    assert portfolio.exposure == 0
    assert portfolio.unrealized_pnl == 0
    assert (portfolio.peak_equity, portfolio.equity) == (Decimal(1050), Decimal(990))
    assert portfolio.buy_and_hold_pnl == 0


def test_a_users_pairs_add_up() -> None:
    one = make_portfolio(
        equity=Decimal(900),
        realized_pnl=Decimal(1),
        unrealized_pnl=Decimal(2),
        fees=Decimal(3),
        funding=Decimal(4),
        exposure=Decimal(5),
        hold_pnl=Decimal(0),
        buy_and_hold_pnl=Decimal(6),
    )
    other = replace(
        one,
        capital=Decimal(500),
        equity=Decimal(600),
        peak_equity=Decimal(700),
        day_start_equity=Decimal(550),
    )
    later = NOW + timedelta(minutes=1)
    assert combine_portfolios([one, other], as_of=later) == Portfolio(
        as_of=later,
        capital=Decimal(1500),
        equity=Decimal(1500),
        peak_equity=Decimal(1700),
        day_start_equity=Decimal(1550),
        realized_pnl=Decimal(2),
        unrealized_pnl=Decimal(4),
        fees=Decimal(6),
        funding=Decimal(8),
        exposure=Decimal(10),
        hold_pnl=Decimal(0),
        buy_and_hold_pnl=Decimal(12),
    )
    nothing = combine_portfolios([], as_of=NOW)
    assert nothing.equity == 0
    assert nothing.drawdown == 0


def test_exposure_is_gross_and_net() -> None:
    short = make_position(side=PositionSide.SHORT, quantity=Decimal("0.04"))
    assert compute_exposure(
        [
            (make_position(), MARK),
            (short, Decimal(60_000)),
            (make_closed_position(1), MARK),
        ]
    ) == Exposure(gross=Decimal(7400), net=Decimal(2600), position_count=2)
    assert compute_exposure([]) == Exposure()


@pytest.mark.parametrize(
    ("equity", "unrealized", "amount"),
    [
        ("1099.99", 0, None),
        ("1100", 0, "100"),
        ("1100", 40, "60"),  # an open profit is not there yet
        ("1100", -40, "100"),  # an open loss is: it has been taken off the equity already
        ("1100", 100, None),
        ("1100", "99.99", "0.01"),
    ],
)
def test_profit_is_due_when_equity_reaches_the_users_threshold(
    equity: str, unrealized: Any, amount: str | None
) -> None:
    portfolio = make_portfolio(equity=Decimal(equity), unrealized_pnl=Decimal(unrealized))
    notice = check_withdrawal(portfolio, ratio=Decimal("1.1"))
    if amount is None:
        assert notice is None
    else:
        assert notice == ProfitNotice(
            equity=Decimal(equity), threshold=Decimal(1100), amount=Decimal(amount)
        )


def test_profit_that_was_set_aside_is_earned_and_no_longer_at_risk() -> None:
    earned = books(150)
    aside = replace(earned, set_aside=Decimal(150))
    before = state_of((books(), ZERO_AGE), (earned, DAY))
    after = state_of((books(), ZERO_AGE), (earned, DAY), (aside, DAY))
    shown = compute_portfolio(aside, state=after, mark_price=MARK, as_of=NOW + DAY)

    assert (before.last_equity, before.net_pnl) == (Decimal(1150), Decimal(150))
    assert (after.last_equity, after.peak_equity, after.net_pnl) == (
        Decimal(1000),
        Decimal(1000),
        Decimal(150),
    )
    assert (shown.equity, shown.worth, shown.net_pnl) == (
        Decimal(1000),
        Decimal(1150),
        Decimal(150),
    )
    assert shown.day_pnl == before.last_equity - before.day_start_equity
    assert shown.drawdown == 0
    assert check_withdrawal(shown, ratio=Decimal("1.1")) is None
    assert combine_portfolios([shown, shown], as_of=NOW).set_aside == 300


def test_what_turns_out_not_to_have_moved_is_equity_again() -> None:
    earned = books(150)
    aside = replace(earned, set_aside=Decimal(150))

    looks = ((books(), ZERO_AGE), (earned, ZERO_AGE))

    assert state_of(*looks, (aside, DAY), (earned, DAY)) == state_of(*looks, (earned, DAY))


def test_less_than_nothing_is_not_set_aside() -> None:
    with pytest.raises(ValueError, match="set_aside"):
        replace(books(), set_aside=Decimal(-1))
