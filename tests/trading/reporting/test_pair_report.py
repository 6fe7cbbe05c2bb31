"""A pair's report knows where it stands now, and that before the first cycle nobody knows."""

from dataclasses import replace
from datetime import timedelta

from tests.pair_configs import make_config
from tests.trading.council_cases import NOW, make_entry_record
from trading.portfolio.performance import compute_statistics
from trading.reporting.pair_report import PairReport

EMPTY = PairReport(
    config=make_config(),
    portfolios=(),
    closed=(),
    fills=(),
    statistics=compute_statistics(()),
    latest_record=None,
)


def test_before_the_first_cycle_there_is_no_latest() -> None:
    assert EMPTY.latest is None


def test_the_latest_is_that_of_the_last_cycle() -> None:
    first = make_entry_record().portfolio
    assert first is not None
    last = replace(first, as_of=NOW + timedelta(minutes=30))
    assert replace(EMPTY, portfolios=(first, last)).latest is last
