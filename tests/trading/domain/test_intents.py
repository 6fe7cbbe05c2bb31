"""An intent is open until resolved or abandoned."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from trading.domain.intents import OPEN_INTENT_STATUSES, IntentRecord
from trading.domain.messages import plain
from trading.domain.orders import IntentStatus, Leg, OrderIntent, OrderType
from trading.domain.units import Pair, Side, UserId, VenueName

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
NAIVE = NOW.replace(tzinfo=None)


@pytest.mark.parametrize("status", IntentStatus)
def test_an_intent_is_open_until_it_is_resolved_or_abandoned(status: IntentStatus) -> None:
    intent = OrderIntent(
        user_id=UserId(1),
        venue=VenueName.PAPER,
        pair=Pair("BTC", "USDT"),
        cycle_time=NOW,
        leg=Leg.ENTRY,
        side=Side.BUY,
        order_type=OrderType.MARKET,
        quantity=Decimal(1),
        reduce_only=False,
        expected_price=Decimal(1),
    )
    record = IntentRecord(
        intent=intent,
        status=status,
        reason=plain(""),
        fence=0,
        worker="",
        lease_until=None,
        created_at=NOW,
        sending_at=None,
        finished_at=None,
    )
    is_open = status not in {IntentStatus.RESOLVED, IntentStatus.ABANDONED}
    assert record.is_open is is_open
    assert (status in OPEN_INTENT_STATUSES) is is_open
