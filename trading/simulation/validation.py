"""Rules of the paper venue: refused orders and the reasons.

    PaperPair + OrderIntent + PaperMarket -> find_refusal -> a reason, or None

The same kinds of rejection as at Binance and Bybit, always with the relevant numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from trading.domain.instruments import Instrument
from trading.domain.orders import Order, OrderIntent, OrderType
from trading.domain.units import ZERO, Side, require_not_negative, require_positive
from trading.market.snapshot import OrderBook
from trading.simulation.account import PAPER_CURRENCY, PaperPair
from trading.simulation.margin import is_exit, is_leverage_possible

MAX_RESTING_ORDERS = 10
"""Conditional orders of one pair, as on Bybit."""


class Refusal(StrEnum):
    """Why the paper venue rejects an order."""

    WRONG_CURRENCY = "WRONG_CURRENCY"
    QUANTITY_OFF_STEP = "QUANTITY_OFF_STEP"
    PRICE_OFF_TICK = "PRICE_OFF_TICK"
    NOTIONAL_BELOW_MIN = "NOTIONAL_BELOW_MIN"
    LEVERAGE_ABOVE_MAX = "LEVERAGE_ABOVE_MAX"
    REDUCE_ONLY_REJECTED = "REDUCE_ONLY_REJECTED"
    MUST_REDUCE_ONLY = "MUST_REDUCE_ONLY"
    WOULD_TRIGGER_IMMEDIATELY = "WOULD_TRIGGER_IMMEDIATELY"
    TOO_MANY_ORDERS = "TOO_MANY_ORDERS"
    UNABLE_TO_FILL = "UNABLE_TO_FILL"
    INSUFFICIENT_MARGIN = "INSUFFICIENT_MARGIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperMarket:
    """
    Market data for the validation of an order.

    Attributes:
        volume: of the last closed 5m candle, base units.
    """

    instrument: Instrument
    order_book: OrderBook
    mark_price: Decimal
    volume: Decimal

    def __post_init__(self) -> None:
        require_positive(mark_price=self.mark_price)
        require_not_negative(volume=self.volume)


def find_refusal(entry: PaperPair, intent: OrderIntent, *, market: PaperMarket) -> str | None:
    """Breach of a rule as a `Refusal` with numbers, None for a valid intent."""
    return next(_refusals(entry, intent, market), None)


def is_triggered(order: OrderIntent | Order, *, price: Decimal) -> bool:
    """Whether a stop or target goes off at `price`; touching is enough. Others never do."""
    if order.trigger_price is None:
        return False
    goes_off_below = (order.order_type is OrderType.STOP_MARKET) == (order.side is Side.SELL)
    return price <= order.trigger_price if goes_off_below else price >= order.trigger_price


def _refusals(entry: PaperPair, intent: OrderIntent, market: PaperMarket) -> Iterator[str]:
    instrument = market.instrument
    if intent.pair.quote != PAPER_CURRENCY:
        yield f"{Refusal.WRONG_CURRENCY} account={PAPER_CURRENCY} order={intent.pair.quote}"
    if not _is_quantity_allowed(intent, instrument):
        yield (
            f"{Refusal.QUANTITY_OFF_STEP} quantity={intent.quantity} "
            f"step_size={instrument.step_size} min_quantity={instrument.min_quantity} "
            f"max_quantity={instrument.max_quantity}"
        )
    if intent.reduce_only and not is_exit(intent.side, entry.position):
        yield f"{Refusal.REDUCE_ONLY_REJECTED} nothing to reduce by a {intent.side}"
    if intent.trigger_price is not None:
        yield from _conditional_refusals(entry, intent, intent.trigger_price, market)
    elif not intent.reduce_only:
        yield from _entry_refusals(entry, intent, market)


def _is_quantity_allowed(intent: OrderIntent, instrument: Instrument) -> bool:
    """On the step and in bounds; a reduce-only order may be dust, to allow closing dust."""
    if not intent.reduce_only:
        return instrument.is_on_step(quantity=intent.quantity)
    return (
        intent.quantity <= instrument.max_quantity
        and intent.quantity % instrument.step_size == ZERO
    )


def _conditional_refusals(
    entry: PaperPair, intent: OrderIntent, trigger_price: Decimal, market: PaperMarket
) -> Iterator[str]:
    if not intent.reduce_only:
        yield f"{Refusal.MUST_REDUCE_ONLY} order_type={intent.order_type}"
    if trigger_price % market.instrument.tick_size != ZERO:
        yield (
            f"{Refusal.PRICE_OFF_TICK} trigger_price={trigger_price} "
            f"tick_size={market.instrument.tick_size}"
        )
    if is_triggered(intent, price=market.mark_price):
        yield (
            f"{Refusal.WOULD_TRIGGER_IMMEDIATELY} trigger_price={trigger_price} "
            f"mark_price={market.mark_price}"
        )
    if len(entry.orders) >= MAX_RESTING_ORDERS:
        yield f"{Refusal.TOO_MANY_ORDERS} max={MAX_RESTING_ORDERS}"


def _entry_refusals(entry: PaperPair, intent: OrderIntent, market: PaperMarket) -> Iterator[str]:
    notional = intent.quantity * market.mark_price
    if notional < market.instrument.min_notional:
        yield (
            f"{Refusal.NOTIONAL_BELOW_MIN} notional={notional} "
            f"min_notional={market.instrument.min_notional}"
        )
    if not is_leverage_possible(entry.leverage, market.instrument):
        yield (
            f"{Refusal.LEVERAGE_ABOVE_MAX} leverage={entry.leverage} "
            f"max_leverage={market.instrument.max_leverage}"
        )
