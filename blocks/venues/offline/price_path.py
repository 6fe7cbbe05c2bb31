"""The path of a made-up price: a pure function of (seed, pair, day), in integers only.

seed, pair -> anchors at midnight -> regimes, jumps and gaps of the day -> ticks of 288 candles

Prices at midnight come from midpoint displacement between random anchors 128 days apart, so any
day is reached in eight draws whatever the earlier requests, and the price stays around its scale.
Between two midnights the day walks through three regimes of 8 h and is bent to end on the next
midnight's price. The whole path is 64-bit integer arithmetic on SHAKE-256 output: the same candles
on every machine and with every release of numpy.
"""

import hashlib
import math
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

type Integers = NDArray[np.int64]

UNIT = 10**9
"""A displacement of `UNIT` doubles the price, one of `-UNIT` halves it."""

CANDLES_PER_DAY = 288
STEPS_PER_CANDLE = 4
POINTS_PER_CANDLE = STEPS_PER_CANDLE + 1  # the open, then the price after each step

_ANCHOR_DAYS = 128
_ANCHOR_SIGMA = 18 * UNIT // 100  # 128 days of 2.2 % a day are 25 %, the anchors' difference
_DAY_SIGMA = 22 * UNIT // 1000

_SPELLS_PER_DAY = 3
_SPELL_CANDLES = CANDLES_PER_DAY // _SPELLS_PER_DAY
_SPELL_STEPS = _SPELL_CANDLES * STEPS_PER_CANDLE
_STEP_SIGMA = 55 * UNIT // 100_000  # 5.5 bp in 75 s: about 1.9 % a day before regimes
_TREND = 30 * UNIT // 1000  # move of a trend over 8 h before the day is bent
_SWING = 6 * UNIT // 1000  # half height of a range
_SWING_STEPS = 96  # 2 h from low to low

_JUMP_ODDS = 57  # of 65,536 a step: 1 step in 1,150, once a day
_JUMP_SIGMA = 8 * UNIT // 1000
_GAP_ODDS = 682  # of 65,536 a candle: three a day
_GAP_SIGMA = 12 * UNIT // 10_000

_SCORE = 37_837
"""Standard deviation of the sum of four uniform 16-bit integers."""


class Regime(IntEnum):
    """How a spell of 8 h moves."""

    UP = 0
    DOWN = 1
    RANGE = 2
    VOLATILE = 3


_REGIMES = (Regime.UP,) * 5 + (Regime.DOWN,) * 5 + (Regime.RANGE,) * 4 + (Regime.VOLATILE,) * 2
_STEP_PERCENT = {Regime.UP: 70, Regime.DOWN: 70, Regime.RANGE: 60, Regime.VOLATILE: 200}


@dataclass(frozen=True, slots=True)
class SampleDay:
    """
    A UTC day of 5m candles.

    Attributes:
        points: (288, 5) ticks: each candle's open and the price after each quarter of the candle.
        activity: (288,) how busy each candle is, 1,000 = usual.
        regimes: of the three spells of 8 h.
    """

    points: Integers
    activity: Integers
    regimes: tuple[Regime, ...]


@lru_cache(maxsize=128)
def build_sample_day(seed: int, slug: str, *, day: int, scale: int) -> SampleDay:
    """
    Build a day's path; the arrays are read-only.

    Args:
        seed: any integer.
        slug: the pair, BTC-USDT.
        day: days since 1970-01-01, may be negative.
        scale: typical price in ticks, > 0.
    """
    steps, regimes = _walk(seed, slug, day=day)
    start = _midnight(seed, slug, day=day)
    correction = _midnight(seed, slug, day=day + 1) - start - int(steps.sum())
    # The bend falls on steps, not on opens: a candle opens at the last candle's close unless the
    # day has a gap there.
    ordinal = np.arange(CANDLES_PER_DAY * POINTS_PER_CANDLE, dtype=np.int64)
    passed = ordinal - ordinal // POINTS_PER_CANDLE
    bend = correction * passed // int(passed[-1])
    displacement = start + np.cumsum(steps.reshape(-1)) + bend
    points = _to_ticks(displacement, scale=scale).reshape(CANDLES_PER_DAY, POINTS_PER_CANDLE)
    activity = _measure_activity(steps, seed=seed, slug=slug, day=day)
    points.setflags(write=False)
    activity.setflags(write=False)
    return SampleDay(points, activity, regimes)


def draw_score(*key: object) -> int:
    """A draw for `key`: bell-shaped, mean 0, standard deviation 37,837, within 131,070."""
    return int(_draw_scores(1, *key)[0])


def _walk(seed: int, slug: str, *, day: int) -> tuple[Integers, tuple[Regime, ...]]:
    """Displacements (288, 5): column 0 the gap before the candle, then the candle's four steps."""
    draws = _draw_words(_SPELLS_PER_DAY, seed, slug, "regime", day)
    regimes = tuple(_REGIMES[int(word) % len(_REGIMES)] for word in draws)
    noise = _draw_scores(CANDLES_PER_DAY * STEPS_PER_CANDLE, seed, slug, "steps", day)
    noise = noise.reshape(_SPELLS_PER_DAY, _SPELL_STEPS)
    walked = np.concatenate([_shape_spell(*pair) for pair in zip(regimes, noise, strict=True)])
    jumps = _draw_rare(walked.size, seed, slug, "jump", day, odds=_JUMP_ODDS)
    walked += jumps * _JUMP_SIGMA // _SCORE
    gaps = _draw_rare(CANDLES_PER_DAY, seed, slug, "gap", day, odds=_GAP_ODDS)
    steps = np.empty((CANDLES_PER_DAY, POINTS_PER_CANDLE), dtype=np.int64)
    steps[:, 0] = gaps * _GAP_SIGMA // _SCORE
    steps[:, 1:] = walked.reshape(CANDLES_PER_DAY, STEPS_PER_CANDLE)
    return steps, regimes


def _shape_spell(regime: Regime, noise: Integers) -> Integers:
    """Turn scores into the steps of a spell."""
    steps: Integers = noise * (_STEP_SIGMA * _STEP_PERCENT[regime] // 100) // _SCORE
    if regime is Regime.UP:
        steps = steps + _TREND // _SPELL_STEPS
    elif regime is Regime.DOWN:
        steps = steps - _TREND // _SPELL_STEPS
    elif regime is Regime.RANGE:
        # Without the mean the walk ends at the start, as a range does.
        phase = np.arange(_SPELL_STEPS, dtype=np.int64) // (_SWING_STEPS // 4) % 4
        swing = np.where((phase == 0) | (phase == 3), 1, -1) * (_SWING * 4 // _SWING_STEPS)
        steps = steps - int(steps.sum()) // _SPELL_STEPS + swing
    return steps


@lru_cache(maxsize=4096)
def _midnight(seed: int, slug: str, *, day: int) -> int:
    """Displacement at 00:00 of the day, by midpoint displacement."""
    first = day // _ANCHOR_DAYS * _ANCHOR_DAYS
    span = _ANCHOR_DAYS
    left = draw_score(seed, slug, "anchor", first) * _ANCHOR_SIGMA // _SCORE
    right = draw_score(seed, slug, "anchor", first + span) * _ANCHOR_SIGMA // _SCORE
    variance = _DAY_SIGMA**2 * _ANCHOR_DAYS // 4  # a bridge's variance at half way is span / 4
    while first != day:
        span //= 2
        middle = first + span
        score = draw_score(seed, slug, "middle", middle)
        height = (left + right) // 2 + score * math.isqrt(variance) // _SCORE
        variance //= 2
        if day >= middle:
            first, left = middle, height
        else:
            right = height
    return left


def _to_ticks(displacement: Integers, *, scale: int) -> Integers:
    """Positive for any displacement, smooth at 0, the same up as down: an integer's `exp`."""
    rising = np.maximum(displacement, 0) + UNIT
    falling = UNIT - np.minimum(displacement, 0)
    ticks: Integers = np.maximum(scale * rising // falling, 2)
    return ticks


def _measure_activity(steps: Integers, *, seed: int, slug: str, day: int) -> Integers:
    """Volume follows movement, with separate noise; 1,000 = usual, never below 100."""
    moved = np.abs(steps).sum(axis=1) * 1000 // (STEPS_PER_CANDLE * _STEP_SIGMA)
    words = _draw_words(CANDLES_PER_DAY, seed, slug, "volume", day).astype(np.int64)
    activity: Integers = 100 + (200 + moved) * (500 + words % 1001) // 1000
    return activity


def _draw_rare(count: int, *key: object, odds: int) -> Integers:
    """Scores with odds of 1 in (65,536 / odds), 0 elsewhere."""
    happens = _draw_words(count, *key, "happens") < odds
    return np.where(happens, _draw_scores(count, *key, "size"), 0)


def _draw_scores(count: int, *key: object) -> Integers:
    words = _draw_words(count * 4, *key).reshape(count, 4)
    scores: Integers = words.sum(axis=1, dtype=np.int64) - 131_070
    return scores


def _draw_words(count: int, *key: object) -> NDArray[np.uint16]:
    """16-bit words, dependent on nothing but the key."""
    name = "/".join(str(part) for part in key).encode()
    return np.frombuffer(hashlib.shake_256(name).digest(count * 2), dtype="<u2")
