"""Fees by the asset in which the venue took them."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from tests.db.values import make_fill
from trading.domain.fees import PaidFee, sum_fees

FILL = make_fill(datetime(2026, 11, 30, tzinfo=UTC))


def test_fees_are_summed_by_asset_with_their_booked_value() -> None:
    bnb = replace(FILL, fee=Decimal("0.60"), fee_asset="BNB", fee_amount=Decimal("0.001"))
    usdt = replace(FILL, fee=Decimal("0.25"))

    assert sum_fees([usdt, bnb, bnb]) == (
        PaidFee(asset="BNB", amount=Decimal("0.002"), value=Decimal("1.20")),
        PaidFee(asset="USDT", amount=Decimal("0.25"), value=Decimal("0.25")),
    )


def test_executions_without_a_fee_have_no_entry() -> None:
    assert sum_fees([]) == ()
    assert sum_fees([replace(FILL, fee=Decimal(0))]) == ()
