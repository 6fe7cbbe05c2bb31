"""Faults of seats: each names the operator's next step."""

import pytest

from trading.council.seat_faults import SeatFault, find_next_step


@pytest.mark.parametrize(
    ("fault", "step"),
    [
        (SeatFault.KEY, "Set a valid key in .env and restart."),
        (SeatFault.GONE, "Name a current model in QUORUM_COUNCIL: `quorum seats` shows them."),
    ],
)
def test_a_fault_within_the_detail_decides_the_step(fault: SeatFault, step: str) -> None:
    assert find_next_step(f"openai: {fault}") == step


def test_an_unknown_detail_leads_to_the_vendor_and_the_network() -> None:
    assert find_next_step("no answer in 20 s").startswith("Look at the vendor's status page")
