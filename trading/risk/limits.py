"""Limits of the risk rules, and stricter limits of a user.

    built-in or environment RiskLimits -> tighten(overrides of a user) -> RiskLimits

The prefix of a field tells the stricter direction: a `max_` may only be lowered, a `min_` only be
raised; the other fields are in `_WAYS`. No model output is ever an input here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from decimal import Decimal
from enum import Enum

from trading.domain.errors import BadInput
from trading.domain.messages import message
from trading.domain.units import HUNDRED, to_decimal

_LARGEST = 10**9
"""Largest override of a user: about 32 years in seconds, a billion in quote units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskLimits:
    """
    Every limit of the rules.

    A `_ratio` is a fraction (0.05 is 5 %), except `profit_withdrawal_ratio`, which is above 1. A
    `_pct` is in percent, as in the models' answers.

    Attributes:
        quorum: required number of agreeing vendors, >= 2.
        min_confidence: 0..100, of the least confident agreeing model.
        min_stop_pct, max_stop_pct, min_target_pct: distances from the expected price.
        min_reward_to_risk: target distance / stop distance.
        min_expected_value_ratio: expected value after costs / stop distance.
        max_cost_ratio: round-trip fees and spread / target distance.
        news_veto_score: 0..1; a news score <= -limit denies longs, >= +limit denies shorts.
        max_spread_ratio: spread / mid price.
        max_bollinger_width_ratio: width of the Bollinger bands (1 h) / middle band.
        max_price_deviation_ratio: distance of the last, mark or book price from the mid of bid and
            ask / mid.
        max_funding_ratio: cost of the next settlement / notional of the new position.
        min_book_notional: required resting quote units near the best price on both sides.
        max_book_share_ratio: share of the resting quote units for a single entry.
        max_market_age, max_rules_age: older data is denied.
        max_clock_offset: between our clock and the venue's.
        risk_per_trade_ratio: loss at the stop / equity.
        max_position_ratio: notional / equity of the pair.
        max_leverage: >= 1.
        max_exposure_ratio: notional of all pairs / equity of the user.
        max_direction_ratio: net long or net short notional of all pairs / equity of the user.
        max_order_notional: quote units of one order.
        min_liquidation_gap: distance to liquidation / distance to the stop, > 1.
        max_drawdown_ratio: loss since the peak equity / peak equity.
        max_day_loss_ratio: loss of the UTC day / the day's first equity.
        max_losses_in_a_row: consecutive closed positions with a net loss.
        breaker_cooldown: how long the breaker stays open.
        loss_cooldown: no entry so soon after a position closed with a loss.
        duplicate_window: no second entry of the same side so soon.
        max_entries_per_day, max_rejections_per_day: orders of the last 24 h for the pair.
        max_open_positions: of the user, the new position included.
        profit_withdrawal_ratio: equity / capital at which the user gets a profit notice. Not a
            risk limit: a user may raise or lower the value, down to 1.01.
    """

    quorum: int = 2
    min_confidence: Decimal = Decimal("70")
    min_stop_pct: Decimal = Decimal("0.5")
    max_stop_pct: Decimal = Decimal("10")
    min_target_pct: Decimal = Decimal("1")
    min_reward_to_risk: Decimal = Decimal("1.5")
    min_expected_value_ratio: Decimal = Decimal("0.05")
    max_cost_ratio: Decimal = Decimal("0.5")
    news_veto_score: Decimal = Decimal("0.6")
    max_spread_ratio: Decimal = Decimal("0.005")
    max_bollinger_width_ratio: Decimal = Decimal("0.10")
    max_price_deviation_ratio: Decimal = Decimal("0.01")
    max_funding_ratio: Decimal = Decimal("0.003")
    min_book_notional: Decimal = Decimal("5000")
    max_book_share_ratio: Decimal = Decimal("0.10")
    max_market_age: timedelta = timedelta(minutes=5)
    max_rules_age: timedelta = timedelta(hours=48)
    max_clock_offset: timedelta = timedelta(milliseconds=500)
    risk_per_trade_ratio: Decimal = Decimal("0.01")
    max_position_ratio: Decimal = Decimal("0.30")
    max_leverage: Decimal = Decimal("3")
    max_exposure_ratio: Decimal = Decimal("1")
    max_direction_ratio: Decimal = Decimal("0.6")
    max_order_notional: Decimal = Decimal("100000")
    min_liquidation_gap: Decimal = Decimal("1.5")
    max_drawdown_ratio: Decimal = Decimal("0.15")
    max_day_loss_ratio: Decimal = Decimal("0.05")
    max_losses_in_a_row: int = 3
    breaker_cooldown: timedelta = timedelta(hours=4)
    loss_cooldown: timedelta = timedelta(minutes=25)
    duplicate_window: timedelta = timedelta(minutes=25)
    max_entries_per_day: int = 12
    max_rejections_per_day: int = 5
    max_open_positions: int = 10
    profit_withdrawal_ratio: Decimal = Decimal("1.1")

    def __post_init__(self) -> None:
        for limit in fields(self):
            value = _number(getattr(self, limit.name))
            if not value.is_finite() or value <= 0:
                raise ValueError(f"{limit.name} must be above 0")
            if value > _LARGEST:
                raise ValueError(f"{limit.name} must be at most {_LARGEST}")
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, got {getattr(self, name)}")
        if self.min_confidence > HUNDRED:
            raise ValueError(f"min_confidence must be at most 100, got {self.min_confidence}")


class _Way(Enum):
    LOWER = "lower"
    HIGHER = "higher"
    FREE = "free"


_WAYS = {
    "max": _Way.LOWER,
    "min": _Way.HIGHER,
    "quorum": _Way.HIGHER,
    "news_veto_score": _Way.LOWER,
    "risk_per_trade_ratio": _Way.LOWER,
    "breaker_cooldown": _Way.HIGHER,
    "loss_cooldown": _Way.HIGHER,
    "duplicate_window": _Way.HIGHER,
    "profit_withdrawal_ratio": _Way.FREE,
}
"""Which way a limit gets stricter, by its name or by the name's first part."""

# A quorum of 1 is no agreement; a stop at the liquidation price is no stop.
_LEAST: Mapping[str, Decimal | int] = {
    "quorum": 2,
    "max_leverage": Decimal(1),
    "min_liquidation_gap": Decimal("1.1"),
    "profit_withdrawal_ratio": Decimal("1.01"),
}


def tighten(limits: RiskLimits, overrides: Mapping[str, str]) -> RiskLimits:
    """
    The limits with a user's overrides.

    Args:
        limits: What the operator allows.
        overrides: New values by field name, as text; durations in seconds.

    Raises:
        BadInput: for an unknown name, text without a number, a meaningless value, and a value
            looser than the limit; the sentence names the value and the limit.
    """
    known = {limit.name for limit in fields(RiskLimits)}
    changes: dict[str, Decimal | timedelta | int] = {}
    for name, text in overrides.items():
        if name not in known:
            raise BadInput(message("limit-unknown", name=name[:40]))
        current = getattr(limits, name)
        changes[name] = _parse(name, text=text, like=current)
        _require_stricter(name, wanted=changes[name], current=current)
        _require_possible(name, _number(changes[name]))
    return replace(limits, **changes)  # type: ignore[arg-type]  # one kind of value per name


def tighten_where_stricter(limits: RiskLimits, overrides: Mapping[str, str]) -> RiskLimits:
    """The limits with the stricter overrides; an override looser than its limit is ignored."""
    for name, value in overrides.items():
        try:
            limits = tighten(limits, {name: value})
        except BadInput:
            continue
    return limits


def _require_possible(name: str, value: Decimal) -> None:
    """Refuse what `RiskLimits` can't hold."""
    least = Decimal(_LEAST[name]) if name in _LEAST else None
    if value <= 0:
        raise BadInput(message("limit-not-positive", name=name, value=value))
    if least is not None and value < least:
        raise BadInput(message("limit-too-low", name=name, least=least, value=value))
    if name == "min_confidence" and value > HUNDRED:
        raise BadInput(message("limit-too-high", name=name, most=HUNDRED))


def _parse(name: str, *, text: str, like: Decimal | timedelta | int) -> Decimal | timedelta | int:
    try:
        number = to_decimal(text)
    except BadInput as error:
        raise BadInput(message("limit-unreadable", name=name, why=error.message)) from None
    if abs(number) > _LARGEST:
        raise BadInput(message("limit-too-high", name=name, most=Decimal(_LARGEST)))
    if isinstance(like, Decimal):
        return number
    if isinstance(like, timedelta):
        return timedelta(microseconds=int(number * 1_000_000))
    if number != number.to_integral_value():
        raise BadInput(message("limit-not-whole", name=name, value=number))
    return int(number)


def _require_stricter(
    name: str, *, wanted: Decimal | timedelta | int, current: Decimal | timedelta | int
) -> None:
    new, old = _number(wanted), _number(current)
    way = _WAYS.get(name) or _WAYS[name.partition("_")[0]]
    if way is _Way.LOWER and new > old:
        raise BadInput(message("limit-only-lower", name=name, value=new, limit=old))
    if way is _Way.HIGHER and new < old:
        raise BadInput(message("limit-only-higher", name=name, value=new, limit=old))


def _number(value: Decimal | timedelta | int) -> Decimal:
    """A limit as a Decimal for comparisons; a duration in seconds."""
    if isinstance(value, timedelta):
        return Decimal(str(value.total_seconds()))
    return Decimal(value)
