"""Ready-made values for the paper venue's tests: an instrument, order books, intents, an account.

The numbers are round on purpose: price 1000, tick 0.1, step 0.001, taker fee 5 bps, and a volume
of a million base units, so that slippage is the base of 1 bp plus next to nothing.
"""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from trading.domain.instruments import Instrument
from trading.domain.orders import Leg, OrderIntent, OrderType, Placement
from trading.domain.units import Pair, Side, UserId, VenueName
from trading.market.snapshot import BookLevel, OrderBook
from trading.simulation.account import PaperBook, PaperStep
from trading.simulation.exchange import place
from trading.simulation.settlement import deposit
from trading.simulation.validation import PaperMarket

ANN = UserId(1)
BTC = Pair("BTC", "USDT")
ETH = Pair("ETH", "USDT")
NOON = datetime(2025, 3, 10, 12, tzinfo=UTC)
MILLION = Decimal(1_000_000)


def build_instrument(**changes: Any) -> Instrument:
    """Rules in round numbers, with changes."""
    rules = Instrument(
        venue=VenueName.BINANCE,
        pair=BTC,
        symbol="BTCUSDT",
        tick_size=Decimal("0.1"),
        step_size=Decimal("0.001"),
        min_quantity=Decimal("0.001"),
        max_quantity=Decimal(1000),
        min_notional=Decimal(5),
        max_leverage=Decimal(20),
        maintenance_margin_ratio=Decimal("0.005"),
        maker_fee_rate=Decimal("0.0002"),
        taker_fee_rate=Decimal("0.0005"),
        fetched_at=NOON,
    )
    return replace(rules, **changes)


def build_order_book(
    *, bids: str = "999.9:100", asks: str = "1000.1:100", at: datetime = NOON
) -> OrderBook:
    """A book from `price:quantity` words, best first."""
    return OrderBook(bids=_levels(bids), asks=_levels(asks), as_of=at)


def build_market(**changes: Any) -> PaperMarket:
    """A deep market at 1000."""
    market = PaperMarket(
        instrument=build_instrument(),
        order_book=build_order_book(),
        mark_price=Decimal(1000),
        volume=MILLION,
    )
    return replace(market, **changes)


def build_intent(
    side: Side = Side.BUY, quantity: str = "1", *, leg: Leg = Leg.ENTRY, **changes: Any
) -> OrderIntent:
    """A market order of `quantity`; everything but an entry only reduces."""
    intent = OrderIntent(
        user_id=ANN,
        venue=VenueName.PAPER,
        pair=BTC,
        cycle_time=NOON,
        leg=leg,
        side=side,
        order_type=OrderType.MARKET,
        quantity=Decimal(quantity),
        reduce_only=leg is not Leg.ENTRY,
        expected_price=Decimal(1000),
    )
    return replace(intent, **changes)


def build_stop(trigger: str, *, side: Side = Side.SELL, **changes: Any) -> OrderIntent:
    """The stop of a position of 1."""
    changes = {"order_type": OrderType.STOP_MARKET, "leg": Leg.STOP, **changes}
    return build_intent(side, trigger_price=Decimal(trigger), **changes)


def build_target(trigger: str, *, side: Side = Side.SELL, **changes: Any) -> OrderIntent:
    """The target of a position of 1."""
    changes = {"order_type": OrderType.TAKE_PROFIT_MARKET, "leg": Leg.TARGET, **changes}
    return build_intent(side, trigger_price=Decimal(trigger), **changes)


def open_account(amount: str = "10000", *, user_id: UserId = ANN) -> PaperBook:
    """A flat account with money in it."""
    return deposit(PaperBook(user_id=user_id), Decimal(amount), at=NOON).book


def place_all(
    book: PaperBook,
    *intents: OrderIntent,
    market: PaperMarket | None = None,
    at: datetime = NOON,
) -> PaperStep:
    """Place one after the other; every one must be accepted."""
    step = PaperStep(book=book)
    for intent in intents:
        placed, placement = place(step.book, intent, market=market or build_market(), at=at)
        assert placement.order is not None, placement.reason
        step = step.then(placed)
    return step


def place_one(
    book: PaperBook,
    intent: OrderIntent,
    *,
    market: PaperMarket | None = None,
    at: datetime = NOON,
) -> tuple[PaperStep, Placement]:
    """Place in a deep market at 1000 unless told otherwise."""
    return place(book, intent, market=market or build_market(), at=at)


def _levels(words: str) -> tuple[BookLevel, ...]:
    pairs = (word.split(":") for word in words.split())
    return tuple(BookLevel(Decimal(price), Decimal(quantity)) for price, quantity in pairs)
