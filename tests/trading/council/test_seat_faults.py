"""Faults of seats: each fault that lasts has a next step in every catalog."""

import pytest

from trading.council.seat_faults import SeatFault, find_fault


@pytest.mark.parametrize("fault", list(SeatFault))
def test_the_fault_is_found_within_the_detail(fault: SeatFault) -> None:
    assert find_fault(f"openai: {fault} (HTTP 400)") is fault


def test_a_detail_in_other_words_has_no_fault() -> None:
    assert find_fault("no answer in 20 s") is None
