"""Numbers of a question as text: plain notation, few significant digits, "-" for unknown.

Numbers are rounded to a fixed count of significant digits before printing, so a difference in the
last bit between two machines does not make another question.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal

from trading.domain.units import HUNDRED

UNKNOWN = "-"


def render_percent(ratio: Decimal | float | None, *, digits: int = 5) -> str:
    """A ratio as percent; "-" for an unknown ratio."""
    return render_number(None if ratio is None else _exact(ratio) * HUNDRED, digits=digits)


def render_number(value: Decimal | float | None, *, digits: int) -> str:
    """Plain notation with at most `digits` significant digits; "-" for an unknown value."""
    if value is None:
        return UNKNOWN
    rounded = Context(prec=digits, rounding=ROUND_HALF_EVEN).plus(_exact(value)).normalize()
    return f"{rounded:f}" if rounded else "0"


def render_series(values: Iterable[Decimal | float | None], *, digits: int) -> str:
    """Several numbers in their order, separated by spaces; "-" for no numbers."""
    return " ".join(render_number(value, digits=digits) for value in values) or UNKNOWN


def _exact(value: Decimal | float) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(repr(float(value)))
