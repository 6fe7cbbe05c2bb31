"""Three rule-based voters: trend, mean reversion, breakout; for a machine without any key.

    Facts -> signal (side, strength, why) -+
    position -> is its reason gone? -------+-> Proposal

The rules stand in for language models behind the same port and are named as rules everywhere.
Each rule looks at other numbers, so that agreement of two rules means something: trend at 1h and
4h averages, mean reversion at 15m extremes in the direction of the 4h trend, breakout at the 1h
range and volume. No threshold is fitted to a data set: the round numbers are from the textbooks.
News can only lower a confidence. Stops come from the 1h ATR; the target is a fixed multiple of the
stop, so reward to risk holds by construction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from trading.council.decisions import Action, Proposal
from trading.council.question.facts import Facts, PositionView
from trading.domain.units import PositionSide
from trading.indicators.values import Indicators
from trading.market.candles import Interval

MIN_STOP_PCT = Decimal("0.6")
MAX_STOP_PCT = Decimal(5)
ATR_MULTIPLE = 1.5
"""The stop in 1h ATRs."""
REWARD_TO_RISK = Decimal("1.8")
"""Above the rule's 1.5, so that rounding to ticks can't break it."""

STRONG_ADX = 20.0
STRETCHED_RSI = 62.0
SPENT_RSI = 68.0
BUSY_VOLUME = 1.2
HOSTILE_MOOD = Decimal("-0.3")
MOOD_PENALTY = 15

MAX_CONFIDENCE = 90
HOLD_CONFIDENCE = 50
BASE_CHANCE = Decimal(36)
CHANCE_PER_CONFIDENCE = Decimal("0.2")
"""The win probability of a rule is assumed, not measured: 36, the chance without an edge at the
rules' reward to risk, and a fifth of the confidence; the scorecard judges the assumption."""
CLOSE_CONFIDENCE = 75

_PCT_STEP = Decimal("0.01")
_EMPTY = Indicators(close=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signal:
    """A voter's signal: FLAT for nothing; strength is the voter's confidence, 0..100."""

    side: PositionSide
    strength: float
    reasons: tuple[str, ...]
    would_change_mind: str


def vote_trend(facts: Facts, position: PositionView | None) -> Proposal:
    """Go with the 1h trend while 4h does not object and momentum is behind it."""
    return _vote(facts, position, signal=_find_trend(facts), find_exit=_find_trend_end)


def vote_mean_reversion(facts: Facts, position: PositionView | None) -> Proposal:
    """Buy 15m weakness while 4h is not falling; sell 15m strength while 4h is not rising."""
    return _vote(facts, position, signal=_find_stretch(facts), find_exit=_find_stretch_end)


def vote_breakout(facts: Facts, position: PositionView | None) -> Proposal:
    """Go with a close beyond the 1h range of 20 candles on more than usual volume."""
    return _vote(facts, position, signal=_find_breakout(facts), find_exit=_find_breakout_end)


def _vote(
    facts: Facts,
    position: PositionView | None,
    *,
    signal: _Signal,
    find_exit: Callable[[Facts, PositionSide], str | None],
) -> Proposal:
    if position is None:
        return _propose_entry(facts, signal)
    against = signal.side not in {position.side, PositionSide.FLAT}
    reason = signal.reasons[0] if against else find_exit(facts, position.side)
    if reason is None:
        return _hold(f"The reason for the {position.side} still holds.", signal)
    return Proposal(
        action=Action.CLOSE,
        confidence=Decimal(CLOSE_CONFIDENCE),
        reasons=(reason,),
        would_change_mind=f"A fresh signal for the {position.side}.",
    )


def _propose_entry(facts: Facts, signal: _Signal) -> Proposal:
    atr_ratio = _at(facts, Interval.H1).atr_ratio
    if signal.side is PositionSide.FLAT or atr_ratio is None:
        return _hold(signal.reasons[0], signal)
    stop_pct = _stop_from(atr_ratio)
    confidence = _confidence(facts, signal)
    return Proposal(
        action=_ENTRIES[signal.side],
        confidence=confidence,
        win_probability=BASE_CHANCE + CHANCE_PER_CONFIDENCE * confidence,
        stop_pct=stop_pct,
        target_pct=(stop_pct * REWARD_TO_RISK).quantize(_PCT_STEP, rounding=ROUND_CEILING),
        reasons=signal.reasons,
        would_change_mind=signal.would_change_mind,
    )


def _hold(reason: str, signal: _Signal) -> Proposal:
    return Proposal(
        action=Action.HOLD,
        confidence=Decimal(HOLD_CONFIDENCE),
        reasons=(reason,),
        would_change_mind=signal.would_change_mind,
    )


def _stop_from(atr_ratio: float) -> Decimal:
    wanted = Decimal(repr(float(atr_ratio))) * 100 * Decimal(ATR_MULTIPLE)
    return min(max(wanted, MIN_STOP_PCT), MAX_STOP_PCT).quantize(_PCT_STEP, rounding=ROUND_CEILING)


def _confidence(facts: Facts, signal: _Signal) -> Decimal:
    mood = facts.news.sentiment.score * signal.side.sign
    penalty = MOOD_PENALTY if mood <= HOSTILE_MOOD else 0
    return Decimal(round(min(signal.strength, MAX_CONFIDENCE)) - penalty)


def _find_trend(facts: Facts) -> _Signal:
    hour, four = _at(facts, Interval.H1), _at(facts, Interval.H4)
    numbers = _warm(hour.trend, four.trend, hour.adx, hour.macd_histogram, hour.ema_fast)
    if numbers is None:
        return _nothing("The 1h or 4h trend is not known yet.")
    trend, above, adx, histogram, ema_fast = numbers
    side = _side_of(trend)
    sign = side.sign
    if side is PositionSide.FLAT:
        return _nothing("1h has no trend.")
    if above * sign < 0:
        return _nothing("4h trends the other way than 1h.")
    if adx < STRONG_ADX or histogram * sign <= 0 or (hour.close - ema_fast) * sign <= 0:
        return _nothing(f"The 1h trend lacks strength: ADX {adx:.0f}.")
    return _Signal(
        side=side,
        strength=66 + 6 * abs(above) + min((adx - STRONG_ADX) * 0.6, 14),
        reasons=(
            f"1h trends {_word(side)} with ADX {adx:.0f} and MACD behind it.",
            f"4h {'agrees' if above else 'does not object'}.",
        ),
        would_change_mind="1h losing its trend, or 4h turning against it.",
    )


def _find_trend_end(facts: Facts, side: PositionSide) -> str | None:
    hour = _at(facts, Interval.H1)
    numbers = _warm(hour.trend, hour.ema_slow)
    if numbers is None:
        return None
    trend, ema_slow = numbers
    if trend * side.sign < 0:
        return f"1h now trends against the {side}."
    if (hour.close - ema_slow) * side.sign < 0:
        return f"1h closed beyond its slow average, against the {side}."
    return None


def _find_stretch(facts: Facts) -> _Signal:
    quarter, four = _at(facts, Interval.M15), _at(facts, Interval.H4)
    numbers = _warm(quarter.rsi, quarter.bollinger_position_ratio, four.trend)
    if numbers is None:
        return _nothing("The 15m bands or the 4h trend are not known yet.")
    rsi, band, above = numbers
    for side in (PositionSide.LONG, PositionSide.SHORT):
        stretch = _mirror(rsi, 100.0, side)
        reach = _mirror(band, 1.0, side)
        if stretch >= STRETCHED_RSI and reach >= 1.0 and above * side.sign >= 0:
            return _Signal(
                side=side,
                strength=64 + 5 * abs(above) + (stretch - STRETCHED_RSI) + (reach - 1.0) * 20,
                reasons=(
                    f"15m is stretched: RSI {rsi:.0f}, at {band:.2f} of its band.",
                    f"4h {'trends ' + _word(side) if above else 'does not object'}.",
                ),
                would_change_mind="The stretch going on for another hour on rising volume.",
            )
    return _nothing(f"15m is not stretched against 4h: RSI {rsi:.0f}, at {band:.2f} of its band.")


def _find_stretch_end(facts: Facts, side: PositionSide) -> str | None:
    quarter = _at(facts, Interval.M15)
    numbers = _warm(quarter.rsi, quarter.bollinger_position_ratio)
    if numbers is None:
        return None
    rsi, band = numbers
    if _mirror(rsi, 100.0, side) <= 100.0 - SPENT_RSI and _mirror(band, 1.0, side) <= 0.0:
        return f"The move is spent: 15m RSI {rsi:.0f}, at {band:.2f} of its band."
    return None


def _find_breakout(facts: Facts) -> _Signal:
    quarter, hour = _at(facts, Interval.M15), _at(facts, Interval.H1)
    numbers = _warm(hour.highest_20, hour.lowest_20, hour.atr, quarter.volume_ratio)
    if numbers is None:
        return _nothing("The 1h range or the volume is not known yet.")
    highest, lowest, atr, volume = numbers
    beyond = max(quarter.close - highest, lowest - quarter.close)
    if beyond <= 0:
        return _nothing(f"15m closed inside the 1h range, {lowest:g} to {highest:g}.")
    if volume < BUSY_VOLUME:
        return _nothing(f"15m left the 1h range on a volume of {volume:.1f} times the usual.")
    side = PositionSide.LONG if quarter.close > highest else PositionSide.SHORT
    edge = highest if side is PositionSide.LONG else lowest
    return _Signal(
        side=side,
        strength=68 + min((volume - BUSY_VOLUME) * 6, 14) + min(beyond / max(atr, 1e-12) * 8, 8),
        reasons=(f"15m closed beyond {edge:g} on {volume:.1f} times the usual volume.",),
        would_change_mind=f"A close back inside the range, beyond {edge:g}.",
    )


def _find_breakout_end(facts: Facts, side: PositionSide) -> str | None:
    hour = _at(facts, Interval.H1)
    middle = hour.bollinger_middle
    if middle is None or (hour.close - middle) * side.sign >= 0:
        return None
    return f"The breakout failed: 1h closed back beyond its middle, {middle:g}."


def _nothing(reason: str) -> _Signal:
    return _Signal(
        side=PositionSide.FLAT,
        strength=HOLD_CONFIDENCE,
        reasons=(reason,),
        would_change_mind="The rule's conditions coming true.",
    )


def _at(facts: Facts, interval: Interval) -> Indicators:
    return facts.indicators.get(interval, _EMPTY)


def _warm(*values: float | None) -> tuple[float, ...] | None:
    """All values, or None while any value is not warm."""
    known = tuple(value for value in values if value is not None)
    return known if len(known) == len(values) else None


def _side_of(trend: float) -> PositionSide:
    if not trend:
        return PositionSide.FLAT
    return PositionSide.LONG if trend > 0 else PositionSide.SHORT


def _mirror(value: float, top: float, side: PositionSide) -> float:
    """Distance of `value` from the good end for `side`: low for a long, high for a short."""
    return top - value if side is PositionSide.LONG else value


def _word(side: PositionSide) -> str:
    return "up" if side is PositionSide.LONG else "down"


_ENTRIES = {PositionSide.LONG: Action.OPEN_LONG, PositionSide.SHORT: Action.OPEN_SHORT}
