"""Profit set aside: how much, how it is named, what counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from trading.domain.transfers import ProfitNotice, ProfitTransfer, TransferStatus, plan_transfer
from trading.domain.units import Pair, UserId, VenueName

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
NOTICE = ProfitNotice(equity=Decimal(1150), threshold=Decimal(1100), amount=Decimal("149.999"))
TRANSFER = ProfitTransfer(
    user_id=UserId(1),
    venue=VenueName.BYBIT,
    pair=Pair("BTC", "USDT"),
    amount=Decimal("149.99"),
    requested_at=NOON,
)


@pytest.mark.parametrize(
    ("available", "amount"),
    [
        ("5000", Decimal("149.99")),
        ("20.019", Decimal("20.01")),
        ("0.99", None),
        ("0", None),
        ("-3", None),
    ],
)
def test_whole_cents_of_what_is_settled_and_free_are_set_aside(
    available: str, amount: Decimal | None
) -> None:
    assert plan_transfer(NOTICE, available=Decimal(available)) == amount


def test_one_day_one_name_whatever_the_amount() -> None:
    later = replace(TRANSFER, amount=Decimal(7), requested_at=NOON + timedelta(hours=5))

    assert later.transfer_id == TRANSFER.transfer_id
    assert str(UUID(TRANSFER.transfer_id)) == TRANSFER.transfer_id


@pytest.mark.parametrize(
    "other",
    [
        replace(TRANSFER, user_id=UserId(2)),
        replace(TRANSFER, pair=Pair("ETH", "USDT")),
        replace(TRANSFER, venue=VenueName.BINANCE),
        replace(TRANSFER, requested_at=NOON + timedelta(days=1)),
    ],
)
def test_another_user_pair_venue_or_day_is_another_name(other: ProfitTransfer) -> None:
    assert other.transfer_id != TRANSFER.transfer_id


def test_only_what_may_have_moved_is_looked_up() -> None:
    assert {status for status in TransferStatus if status.is_open} == {
        TransferStatus.SENDING,
        TransferStatus.UNKNOWN,
    }


@pytest.mark.parametrize("amount", ["0", "-1", "NaN"])
def test_no_amount_is_no_transfer(amount: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        replace(TRANSFER, amount=Decimal(amount))
