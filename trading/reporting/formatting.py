"""Numbers, instants and strangers' words as people read them.

The results are text for people and are never parsed again. Words of a model, a feed or a venue go
through `quote_stranger` first: no control characters, no links, no foreign layout.
"""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from trading.council.question.numbers import render_number
from trading.domain.units import HUNDRED, ZERO
from trading.news.text import LINK

UNKNOWN = "-"
"""Shown for what is not known."""

_CENT = Decimal("0.01")
_PRICE_DIGITS = 9


def show_money(value: Decimal | None) -> str:
    """Quote units to the cent, with thousands: 1,234.50."""
    return UNKNOWN if value is None else f"{_cents(value):,}"


def show_gain(value: Decimal | None) -> str:
    """Quote units to the cent with a sign: +12.30."""
    return UNKNOWN if value is None else f"{_cents(value):+,}"


def show_dollars(value: Decimal) -> str:
    """Cost of an answer, to a hundredth of a cent: $0.0123."""
    return "$0" if not value else f"${value:.4f}"


def show_price(value: Decimal | float | None) -> str:
    """At most nine significant digits, plain notation."""
    return render_number(value, digits=_PRICE_DIGITS)


def show_figure(value: Decimal | float | None, *, decimals: int = 2) -> str:
    """A plain number with fixed decimals."""
    return UNKNOWN if value is None else f"{value:.{decimals}f}"


def show_percent(ratio: Decimal | float | None, *, decimals: int = 2) -> str:
    """A ratio as percent: 0.0123 is 1.23 %."""
    if ratio is None:
        return UNKNOWN
    return f"{Decimal(str(ratio)) * HUNDRED:.{decimals}f} %"


def show_instant(instant: datetime) -> str:
    """UTC to the minute."""
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def show_age(age: timedelta) -> str:
    """Minutes below two hours, then hours, then days."""
    minutes = int(age.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"


def quote_stranger(text: str) -> str:
    """A single line of printable characters without links and addresses."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(map(_hide_address, LINK.sub("(link)", printable).split()))


def _hide_address(word: str) -> str:
    return "(address)" if "." in word.partition("@")[2] else word


def _cents(value: Decimal) -> Decimal:
    # The rounding is explicit: ccxt changes the rounding of the context on requests for precision.
    rounded = value.quantize(_CENT, rounding=ROUND_HALF_EVEN)
    return rounded if rounded else ZERO.quantize(_CENT)
