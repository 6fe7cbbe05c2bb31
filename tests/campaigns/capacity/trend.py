"""A straight line through samples, and how sure its slope is.

samples -> means of equal stretches -> ordinary least squares -> slope with 95 % confidence

Neighbouring samples of a memory are alike, which makes a naive interval too narrow; the means of
some thirty stretches are nearly independent. Slope and its standard error: any textbook, for
example Draper and Smith, Applied Regression Analysis, 1.4; Student's quantile from the normal one:
Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5 (here right to 0.1 % from five
samples on).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist, fmean

STRETCHES = 30
CONFIDENCE = 0.95
LEAST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """`slope` is within [`low`, `high`] with 95 % confidence; in units of y for each of x."""

    slope: float
    low: float
    high: float

    def scaled(self, factor: float, *, digits: int = 3) -> dict[str, float]:
        """The same for `factor` of x."""
        return {
            "slope": round(self.slope * factor, digits),
            "low": round(self.low * factor, digits),
            "high": round(self.high * factor, digits),
        }


def fit_trend(xs: Sequence[float], ys: Sequence[float]) -> Trend | None:
    """The line through the means of the stretches; None with too few of them."""
    count = min(STRETCHES, len(xs))
    if count < LEAST:
        return None
    return fit_line(_average(xs, count=count), _average(ys, count=count))


def fit_line(xs: Sequence[float], ys: Sequence[float]) -> Trend | None:
    """Ordinary least squares; None when all x are the same."""
    middle_x, middle_y = fmean(xs), fmean(ys)
    spread = sum((x - middle_x) ** 2 for x in xs)
    if spread == 0:
        return None
    slope = sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True)) / spread
    left = [y - middle_y - slope * (x - middle_x) for x, y in zip(xs, ys, strict=True)]
    freedom = len(xs) - 2
    error = math.sqrt(sum(r * r for r in left) / freedom / spread)
    width = error * compute_student(freedom)
    return Trend(slope=slope, low=slope - width, high=slope + width)


def compute_student(freedom: int) -> float:
    """The two-sided 95 % quantile of Student's distribution; `freedom` from 3 on."""
    z = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return float(sum(term / freedom**power for power, term in enumerate(terms)))


def _average(values: Sequence[float], *, count: int) -> list[float]:
    edges = [round(number * len(values) / count) for number in range(count + 1)]
    return [fmean(values[a:b]) for a, b in pairwise(edges)]
