"""A pair's report knows where it stands now, and that before the first cycle nobody knows."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from tests.pair_configs import make_config
from tests.trading.builders import make_fill
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


def test_fees_in_another_asset_are_named() -> None:
    in_quote = make_fill()
    in_bnb = make_fill(trade_id="t2", fee_asset="BNB", fee_amount=Decimal("0.004"))
    (fee,) = replace(EMPTY, fills=(in_quote, in_bnb)).other_fees
    assert (fee.asset, fee.amount, fee.value) == ("BNB", Decimal("0.004"), Decimal("2.5"))
