"""The rules of Binance USD-M perpetuals, for market data that only imitates the venue.

base -> (typical price, tick, step, minimum) -> Instrument

Samples and recordings have no venue to ask. The rules are Binance's as published for the largest
pairs; Binance changes the rules from time to time, but the rules are good enough for paper money.
An unlisted base is not traded here, so that a misspelled pair is refused offline too.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from trading.domain.errors import PermanentError
from trading.domain.instruments import Instrument
from trading.domain.messages import message
from trading.domain.units import Pair, VenueName

QUOTES = frozenset({"USDT", "USDC"})

MAKER_FEE_RATE = Decimal("0.0002")
TAKER_FEE_RATE = Decimal("0.0005")
MAINTENANCE_MARGIN_RATIO = Decimal("0.004")


@dataclass(frozen=True, slots=True)
class Rules:
    """
    Binance's rules for a base.

    Attributes:
        price: around which a sample moves, quote per base.
        tick, step: of price and quantity; powers of ten.
        min_notional: quote units of one order.
        max_leverage: of the smallest bracket.
        max_quantity: base units of one order.
    """

    price: Decimal
    tick: Decimal
    step: Decimal
    min_notional: Decimal
    max_leverage: Decimal
    max_quantity: Decimal


def _rules(text: str) -> Rules:
    return Rules(*(Decimal(part) for part in text.split()))


RULES = {
    #             price  tick       step  min leverage max_quantity
    "BTC": _rules("100000 0.1     0.001 100 125 1000"),
    "ETH": _rules("4000   0.01    0.001 20  100 10000"),
    "BNB": _rules("700    0.01    0.01  5   75  100000"),
    "SOL": _rules("180    0.01    0.01  5   100 1000000"),
    "BCH": _rules("500    0.01    0.001 5   75  10000"),
    "AAVE": _rules("250    0.01    0.1   5   75  100000"),
    "LTC": _rules("100    0.01    0.001 5   75  10000"),
    "AVAX": _rules("25     0.001   1     5   75  1000000"),
    "ETC": _rules("20     0.001   0.01  5   75  1000000"),
    "LINK": _rules("18     0.001   0.01  5   75  1000000"),
    "UNI": _rules("10     0.001   1     5   75  1000000"),
    "INJ": _rules("12     0.001   0.1   5   50  1000000"),
    "APT": _rules("5      0.001   0.1   5   75  1000000"),
    "ATOM": _rules("4      0.001   0.01  5   75  1000000"),
    "DOT": _rules("4      0.001   0.1   5   75  1000000"),
    "SUI": _rules("3      0.0001  0.1   5   75  10000000"),
    "NEAR": _rules("3      0.001   1     5   75  10000000"),
    "TON": _rules("3      0.0001  0.1   5   75  10000000"),
    "XRP": _rules("2.5    0.0001  0.1   5   75  10000000"),
    "FIL": _rules("2      0.001   0.1   5   75  10000000"),
    "OP": _rules("0.7    0.0001  0.1   5   75  10000000"),
    "ADA": _rules("0.7    0.0001  1     5   75  10000000"),
    "ARB": _rules("0.4    0.0001  0.1   5   75  10000000"),
    "XLM": _rules("0.35   0.00001 1     5   75  10000000"),
    "TRX": _rules("0.3    0.00001 1     5   75  10000000"),
    "DOGE": _rules("0.2    0.00001 1     5   75  50000000"),
}


def find_rules(pair: Pair) -> Rules:
    """The rules of the pair's base. Raises PermanentError for an unlisted pair."""
    rules = RULES.get(pair.base)
    if rules is None or pair.quote not in QUOTES:
        raise PermanentError(message("pair-not-in-market", pair=str(pair)))
    return rules


def build_imitated_instrument(pair: Pair, *, rules: Rules, as_of: datetime) -> Instrument:
    """An instrument as Binance USD-M would describe it."""
    return Instrument(
        venue=VenueName.BINANCE,
        pair=pair,
        symbol=f"{pair.base}{pair.quote}",
        tick_size=rules.tick,
        step_size=rules.step,
        min_quantity=rules.step,
        max_quantity=rules.max_quantity,
        min_notional=rules.min_notional,
        max_leverage=rules.max_leverage,
        maintenance_margin_ratio=MAINTENANCE_MARGIN_RATIO,
        maker_fee_rate=MAKER_FEE_RATE,
        taker_fee_rate=TAKER_FEE_RATE,
        fetched_at=as_of,
    )
