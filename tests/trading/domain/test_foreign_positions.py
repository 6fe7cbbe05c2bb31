"""Positions that Quorum did not open."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.trading.builders import NOW
from trading.domain.foreign_positions import ForeignPosition
from trading.domain.units import Pair, PositionSide, UserId

SEEN = ForeignPosition(
    user_id=UserId(1),
    pair=Pair("BTC", "USDT"),
    side=PositionSide.LONG,
    quantity=Decimal("0.5"),
    average_entry_price=Decimal(60_000),
    seen_at=NOW,
)


def test_a_foreign_position_is_not_asked_for_at_first() -> None:
    assert SEEN.asked_at is None


def test_a_foreign_position_has_a_size_and_a_time_in_utc() -> None:
    with pytest.raises(ValueError, match="quantity"):
        replace(SEEN, quantity=Decimal(0))
    with pytest.raises(ValueError, match="UTC"):
        replace(SEEN, seen_at=NOW.replace(tzinfo=None))
