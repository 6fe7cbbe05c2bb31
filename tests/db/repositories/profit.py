"""Profit set aside, for the tests of the books."""

from datetime import datetime
from decimal import Decimal

from trading.domain.transfers import ProfitTransfer
from trading.domain.units import Pair, UserId, VenueName


def make_transfer(user_id: UserId, now: datetime, amount: str = "12.34") -> ProfitTransfer:
    """Of BTC/USDT on paper, in doubt."""
    return ProfitTransfer(
        user_id=user_id,
        venue=VenueName.PAPER,
        pair=Pair("BTC", "USDT"),
        amount=Decimal(amount),
        requested_at=now,
    )
