"""Hypothesis strategies for money: exact decimals of the sizes that markets really have."""

from decimal import Decimal

from hypothesis import strategies as st

STEPS = st.sampled_from(
    [Decimal(text) for text in ("0.00000001", "0.0001", "0.001", "0.01", "0.05", "0.5", "1", "10")]
)


def decimals(low: str, high: str, *, places: int = 8) -> st.SearchStrategy[Decimal]:
    """Decimals in [low, high] with at most `places` decimals."""
    return st.decimals(min_value=Decimal(low), max_value=Decimal(high), places=places)


prices = decimals("0.01", "250000", places=2)
quantities = decimals("0.001", "500", places=3)
fees = decimals("-5", "50", places=4)
ratios = decimals("0.0001", "1", places=4)
