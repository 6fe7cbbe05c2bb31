"""How the bench comes to its figures."""

import pytest

from tests.campaigns.capacity.figures import compute_quantile, cover
from tests.campaigns.capacity.trend import compute_student, fit_line, fit_trend


@pytest.mark.parametrize(
    ("spans", "seconds"),
    [
        ([], 0.0),
        ([(0.0, 1.0), (2.0, 3.5)], 2.5),
        ([(0.0, 2.0), (1.0, 3.0)], 3.0),
        ([(0.0, 5.0), (1.0, 2.0)], 5.0),
    ],
)
def test_waits_that_overlap_are_waited_for_once(
    spans: list[tuple[float, float]], seconds: float
) -> None:
    assert cover(spans) == seconds


def test_quantiles_of_few_values_are_values() -> None:
    assert compute_quantile([], 0.5) == 0
    assert compute_quantile([3.0], 0.99) == 3
    assert compute_quantile([1.0, 2.0, 3.0], 0.5) == 2
    assert compute_quantile([float(n) for n in range(101)], 0.99) == 99


def test_the_slope_and_its_interval_are_those_of_the_textbook() -> None:
    # scipy.stats.linregress says 0.625, standard error 0.24972; times t(0.975, 3) = 3.18245.
    trend = fit_line([1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 2.0, 1.3, 3.75, 3.25])
    assert trend is not None
    assert trend.slope == pytest.approx(0.625)
    assert trend.high - trend.slope == pytest.approx(0.79471, rel=0.01)
    assert trend.slope - trend.low == pytest.approx(trend.high - trend.slope)


@pytest.mark.parametrize(("freedom", "quantile"), [(3, 3.1824), (10, 2.2281), (28, 2.0484)])
def test_student_s_quantile_is_the_table_s(freedom: int, quantile: float) -> None:
    assert compute_student(freedom) == pytest.approx(quantile, rel=0.005)


def test_what_only_swings_does_not_grow() -> None:
    flat = fit_trend(range(300), [100.0 + number % 7 for number in range(300)])
    assert flat is not None
    assert flat.low < 0 < flat.high
    growing = fit_trend(range(300), [100.0 + number % 7 + number / 50 for number in range(300)])
    assert growing is not None
    assert 0.01 < growing.low < 0.02 < growing.high < 0.03
    assert fit_trend([1.0, 2.0], [1.0, 2.0]) is None
    assert fit_line([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]) is None
