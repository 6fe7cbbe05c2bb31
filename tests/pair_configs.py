"""A pair's configuration for tests that need no more of an account."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from trading.domain.accounts import PairConfig
from trading.domain.units import Mode, Pair, UserId, VenueName

BTC = Pair("BTC", "USDT")


def make_config(user_id: int = 1, pair: Pair = BTC, **changes: Any) -> PairConfig:
    """A pair with 1,000 on paper at Binance, with the named fields changed."""
    fields: dict[str, Any] = {
        "venue": VenueName.BINANCE,
        "mode": Mode.PAPER,
        "capital": Decimal(1000),
        "is_paused": False,
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return PairConfig(user_id=UserId(user_id), pair=pair, **{**fields, **changes})
