"""How the bench comes to its figures."""

import pytest

from tests.capacity.figures import compute_quantile
from tests.capacity.figures import cover


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
