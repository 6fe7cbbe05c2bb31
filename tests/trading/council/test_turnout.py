"""A council below its quorum: one alarm a streak, with cause and next step for each seat."""

from datetime import UTC, datetime, timedelta

import pytest

from reports.texts.catalog import render
from trading.council.decisions import Abstention, Decision, ModelIdentity
from trading.council.seat_faults import SeatFault
from trading.council.turnout import Turnout, explain_shortfall, has_fallen_short
from trading.domain.units import Pair

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def turnouts(*voices: int, is_over_budget: bool = False) -> list[Turnout]:
    """Newest first."""
    return [
        Turnout(
            cycle_time=NOON - timedelta(minutes=30 * age),
            voices=count,
            is_over_budget=is_over_budget,
        )
        for age, count in enumerate(voices)
    ]


@pytest.mark.parametrize(
    ("voices", "is_told"),
    [
        ((1, 1), False),
        ((1, 1, 1), True),
        ((0, 1, 1, 2), True),
        ((1, 1, 1, 1), False),  # told one cycle ago
        ((2, 1, 1, 1), False),
        ((1, 2, 1, 1), False),
    ],
)
def test_the_third_short_cycle_in_a_row_is_told_once(
    voices: tuple[int, ...], is_told: bool
) -> None:
    assert has_fallen_short(turnouts(*voices), quorum=2) is is_told
    assert not has_fallen_short(turnouts(*voices, is_over_budget=True), quorum=2)


def test_the_text_names_cause_and_next_step_of_each_seat() -> None:
    gone = Decision(
        model=ModelIdentity(name="openai:gpt-5-mini", vendor="openai", is_offline=False),
        proposal=None,
        abstention=Abstention.UNAVAILABLE,
        detail=SeatFault.GONE,
    )
    text = explain_shortfall(Pair("BTC", "USDT"), [gone], quorum=2)
    assert render(text).splitlines()[1] == (
        "openai:gpt-5-mini: the vendor knows no such model. Name a current model in "
        "QUORUM_COUNCIL: `quorum seats` shows them."
    )
