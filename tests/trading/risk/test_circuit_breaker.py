"""The breaker: what opens it, what it says, when it closes, and what it then forgets."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.trading.builders import (
    NOW,
    make_closed_position,
    make_open_breaker,
    make_portfolio,
    make_position,
)
from trading.domain.positions import Position
from trading.risk.circuit_breaker import (
    Breaker,
    BreakerCode,
    BreakerState,
    check_breaker,
    compute_day_loss,
    compute_day_loss_limit,
    resume_breaker,
)
from trading.risk.limits import RiskLimits

LIMITS = RiskLimits()
RUNNING = Breaker()
TICK = timedelta(microseconds=1)


def look(
    breaker: Breaker = RUNNING,
    *,
    equity: str | int = 1000,
    closed: tuple[Position, ...] = (),
    as_of: datetime = NOW,
    **changes: Any,
) -> Breaker:
    portfolio = make_portfolio(equity=Decimal(equity), as_of=as_of, **changes)
    return check_breaker(breaker, portfolio=portfolio, closed=closed, limits=LIMITS)


def losses(*minutes_ago: int, net_pnl: str = "-1") -> tuple[Position, ...]:
    return tuple(make_closed_position(net_pnl, minutes_ago=ago) for ago in minutes_ago)


def test_nothing_lost_leaves_it_as_it_is() -> None:
    assert look() is RUNNING
    assert look(closed=losses(10, 20)) is RUNNING


def test_three_losses_in_a_row_open_it_for_four_hours_and_are_named() -> None:
    assert look(closed=losses(30, 10, 20)) == Breaker(
        state=BreakerState.OPEN,
        code="LOSSES_IN_A_ROW",
        figures={
            "losses": "3",
            "limit": "3",
            "trade_1": "BTC/USDT closed 2026-03-02 11:50 UTC net_pnl -1.00000000",
            "trade_2": "BTC/USDT closed 2026-03-02 11:40 UTC net_pnl -1.00000000",
            "trade_3": "BTC/USDT closed 2026-03-02 11:30 UTC net_pnl -1.00000000",
        },
        opened_at=NOW,
        until=NOW + timedelta(hours=4),
    )


@pytest.mark.parametrize("net_pnl", ["0", "0.00000001"])
def test_a_trade_that_lost_nothing_ends_the_row(net_pnl: str) -> None:
    even = make_closed_position(net_pnl, minutes_ago=15)
    assert look(closed=(*losses(10, 20), even)) is RUNNING
    before = replace(even, closed_at=NOW - timedelta(minutes=99))
    assert look(closed=(*losses(10, 20, 30), before)).is_open


def test_a_trade_is_lost_after_its_fees_and_funding() -> None:
    won_but = [
        make_closed_position("1", minutes_ago=5, fees=Decimal("0.9"), funding=Decimal("0.2")),
        make_closed_position("1", minutes_ago=6, fees=Decimal("0.9"), funding=Decimal("0.1")),
    ]
    assert look(closed=(won_but[0], *losses(10, 20))).is_open
    assert not look(closed=(won_but[1], *losses(10, 20))).is_open


def test_an_open_position_is_no_closed_one() -> None:
    losing = make_position(realized_pnl=Decimal(-9))
    assert look(closed=(losing, *losses(10, 20))) is RUNNING
    assert look(closed=(losing, *losses(10, 20, 30))).is_open


def test_a_user_may_ask_for_a_shorter_row() -> None:
    strict = RiskLimits(max_losses_in_a_row=1, breaker_cooldown=timedelta(hours=9))
    opened = check_breaker(
        RUNNING, portfolio=make_portfolio(), closed=losses(10, 20), limits=strict
    )
    assert (opened.code, opened.figures["losses"], opened.figures["limit"]) == (
        BreakerCode.LOSSES_IN_A_ROW,
        "1",
        "1",
    )
    assert "trade_2" not in opened.figures
    assert opened.until == NOW + timedelta(hours=9)


def test_five_percent_lost_on_the_day_open_it_with_its_figures() -> None:
    assert look(equity="950.01") is RUNNING
    yesterday = make_closed_position("-30", minutes_ago=13 * 60)
    not_lost = (
        make_closed_position("0.5", minutes_ago=50),
        make_closed_position(0, minutes_ago=55),
    )
    opened = look(
        equity=950,
        closed=(yesterday, *not_lost, *losses(40)),
        unrealized_pnl=Decimal("-53.999999999"),
    )
    assert opened == Breaker(
        state=BreakerState.OPEN,
        code="DAY_LOSS",
        figures={
            "day_loss": "50.00000000",
            "limit": "50.00000000",
            "day_start_equity": "1000.00000000",
            "unrealized_pnl": "-54.00000000",
            "trade_1": "BTC/USDT closed 2026-03-02 11:20 UTC net_pnl -1.00000000",
        },
        opened_at=NOW,
        until=NOW + timedelta(hours=4),
    )


def test_the_days_loss_is_named_before_the_row() -> None:
    assert look(equity=950, closed=losses(10, 20, 30)).code == BreakerCode.DAY_LOSS


def test_at_most_ten_trades_are_named_the_newest_first() -> None:
    figures = look(equity=900, closed=losses(*range(10, 34, 2))).figures
    assert [name for name in figures if name.startswith("trade")] == [
        f"trade_{number}" for number in range(1, 11)
    ]
    assert "11:50" in figures["trade_1"]
    assert "11:32" in figures["trade_10"]


@pytest.mark.parametrize("day_start", [0, -10])
def test_a_day_that_began_with_nothing_allows_no_loss(day_start: int) -> None:
    start = Decimal(day_start)
    assert look(equity=day_start, day_start_equity=start) is RUNNING
    assert look(equity=day_start + 1, day_start_equity=start) is RUNNING
    lost = look(equity=str(start - Decimal("0.01")), day_start_equity=start)
    assert lost.code == BreakerCode.DAY_LOSS
    portfolio = make_portfolio(day_start_equity=start)
    assert compute_day_loss_limit(portfolio, limits=LIMITS) == 0


def test_open_it_stays_whatever_happens_until_its_time_is_over() -> None:
    opened = make_open_breaker(until=NOW)
    before = NOW - TICK
    assert look(opened, as_of=before) is opened
    assert look(opened, as_of=before, equity=1, closed=losses(1, 2, 3)) is opened
    assert look(opened, as_of=NOW, equity=990) == Breaker(
        counts_from=NOW, counts_from_pnl=Decimal(-10)
    )


def test_what_was_lost_before_it_closed_does_not_open_it_again() -> None:
    opened = look(equity=940, closed=losses(10, 20, 30))
    later = NOW + timedelta(hours=4)
    closed = look(opened, equity=940, closed=losses(10, 20, 30), as_of=later)
    assert closed == Breaker(counts_from=later, counts_from_pnl=Decimal(-60))
    assert look(closed, equity=940, closed=losses(10, 20, 30), as_of=later) is closed


def test_what_is_lost_after_it_closed_opens_it_again() -> None:
    closed = Breaker(counts_from=NOW - timedelta(hours=1), counts_from_pnl=Decimal(-60))
    old = losses(61, 70, 80)
    assert look(closed, equity=891, closed=old) is closed
    assert look(closed, equity=890, closed=old).code == "DAY_LOSS"
    assert look(closed, equity=891, closed=(*old, *losses(10, 20))) is closed
    assert look(closed, equity=891, closed=(*old, *losses(10, 20, 60))).code == "LOSSES_IN_A_ROW"


def test_a_new_trip_keeps_from_where_it_counted() -> None:
    closed = Breaker(counts_from=NOW - timedelta(hours=1), counts_from_pnl=Decimal(-60))
    opened = look(closed, equity=880)
    assert (opened.counts_from, opened.counts_from_pnl) == (
        closed.counts_from,
        closed.counts_from_pnl,
    )


def test_on_a_new_day_the_day_counts_from_its_start_again() -> None:
    closed = Breaker(counts_from=NOW, counts_from_pnl=Decimal(-60))
    portfolio = make_portfolio(
        equity=Decimal(930), day_start_equity=Decimal(945), as_of=NOW + timedelta(hours=12)
    )
    assert compute_day_loss(closed, portfolio=portfolio) == 15
    same_day = replace(portfolio, as_of=NOW + timedelta(hours=12) - TICK)
    assert compute_day_loss(closed, portfolio=same_day) == 10


def test_a_gain_is_no_loss() -> None:
    gained = make_portfolio(equity=Decimal(1010))
    assert compute_day_loss(RUNNING, portfolio=gained) == 0
    closed = Breaker(counts_from=NOW, counts_from_pnl=Decimal(5))
    assert compute_day_loss(closed, portfolio=gained) == 0
    assert compute_day_loss(RUNNING, portfolio=make_portfolio(equity=Decimal(990))) == 10


def test_it_closes_as_of_its_time_though_nobody_looked_then() -> None:
    """Three losses after that time, found late, open it at once."""
    opened = make_open_breaker(until=NOW - timedelta(minutes=30))
    assert look(opened, closed=losses(31, 32, 33)).counts_from == NOW - timedelta(minutes=30)
    assert look(opened, closed=losses(30, 20, 10)).code == "LOSSES_IN_A_ROW"


def test_a_resume_closes_an_open_one_and_forgets() -> None:
    resumed = resume_breaker(make_open_breaker(), net_pnl=Decimal(-70), as_of=NOW)
    assert resumed == Breaker(counts_from=NOW, counts_from_pnl=Decimal(-70))
    assert look(resumed, equity=930, closed=losses(10, 20, 30)) is resumed


def test_a_resume_of_a_running_one_forgives_nothing() -> None:
    assert resume_breaker(RUNNING, net_pnl=Decimal(-40), as_of=NOW) is RUNNING


@pytest.mark.parametrize("missing", ["code", "opened_at", "until"])
def test_an_open_one_has_a_cause_and_its_times(missing: str) -> None:
    nothing = "" if missing == "code" else None
    with pytest.raises(
        ValueError, match=r"exactly an open breaker has a code, opened_at and until$"
    ):
        make_open_breaker(**{missing: nothing})


@pytest.mark.parametrize(
    "field", [{"code": "DAY_LOSS"}, {"opened_at": NOW}, {"until": NOW}, {"state": "open"}]
)
def test_a_running_one_has_none_of_them(field: dict[str, Any]) -> None:
    if "state" in field:
        field = {"state": BreakerState.OPEN}
    with pytest.raises(
        ValueError, match=r"exactly an open breaker has a code, opened_at and until$"
    ):
        Breaker(**field)
    with pytest.raises(
        ValueError, match=r"exactly an open breaker has a code, opened_at and until$"
    ):
        make_open_breaker(state=BreakerState.RUNNING)


@pytest.mark.parametrize("name", ["opened_at", "until", "counts_from"])
def test_its_times_are_utc(name: str) -> None:
    with pytest.raises(ValueError, match="instant must be aware UTC"):
        make_open_breaker(**{name: NOW.replace(tzinfo=None)})


def test_its_words_are_those_that_are_stored() -> None:
    assert [state.value for state in BreakerState] == ["running", "open"]
    assert [code.value for code in BreakerCode] == ["LOSSES_IN_A_ROW", "DAY_LOSS"]


def test_what_it_counts_from_is_finite() -> None:
    with pytest.raises(ValueError, match="counts_from_pnl must be a finite Decimal"):
        Breaker(counts_from_pnl=Decimal("NaN"))
