"""A council below its quorum: one alarm a streak, with cause and next step for each seat."""

from datetime import UTC, datetime, timedelta

import pytest

from reports.texts.catalog import render
from tests.trading.builders import make_decision
from trading.council.decisions import Abstention, Action, Decision, ModelIdentity
from trading.council.seat_faults import SeatFault
from trading.council.turnout import (
    Turnout,
    explain_lost_seats,
    explain_shortfall,
    find_lost_seats,
    has_fallen_short,
)
from trading.domain.units import Pair

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def seat(maker: str, abstention: Abstention | None = None, detail: str = "") -> Decision:
    """A vote to hold, or an abstention."""
    if abstention is None:
        return make_decision(Action.HOLD, vendor=maker)
    return Decision(
        model=ModelIdentity(name=f"{maker}:model", vendor=maker, is_offline=False),
        proposal=None,
        abstention=abstention,
        detail=detail,
    )


def turnouts(*voices: int, is_over_budget: bool = False) -> list[Turnout]:
    """Newest first."""
    poor = (seat("poor", Abstention.BUDGET),) if is_over_budget else ()
    return [
        Turnout(
            cycle_time=NOON - timedelta(minutes=30 * age),
            decisions=(*(seat(f"maker-{number}") for number in range(count)), *poor),
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
    gone = seat("openai", Abstention.UNAVAILABLE, SeatFault.GONE)
    text = explain_shortfall(Pair("BTC", "USDT"), [gone], quorum=2)
    assert render(text).splitlines()[1] == (
        "openai:model: the vendor knows no such model. Name a current model in "
        "QUORUM_COUNCIL: `quorum seats` shows them."
    )


def lost(*faults: SeatFault | None) -> list[Turnout]:
    """Cycles of two voting makers and a seat with these faults, newest first."""
    return [
        Turnout(
            cycle_time=NOON - timedelta(minutes=30 * age),
            decisions=(
                seat("anthropic"),
                seat("deepseek"),
                seat("openai", Abstention.UNAVAILABLE, fault) if fault else seat("openai"),
            ),
        )
        for age, fault in enumerate(faults)
    ]


@pytest.mark.parametrize(
    ("faults", "is_told"),
    [
        ((SeatFault.GONE, SeatFault.GONE), False),
        ((SeatFault.GONE, SeatFault.GONE, SeatFault.KEY), True),
        ((SeatFault.GONE, SeatFault.GONE, SeatFault.GONE, None), True),
        ((SeatFault.GONE, SeatFault.GONE, SeatFault.GONE, SeatFault.GONE), False),
        ((SeatFault.RATE, SeatFault.RATE, SeatFault.RATE), False),  # passes by itself
        ((None, SeatFault.GONE, SeatFault.GONE), False),
    ],
)
def test_a_seat_that_waits_for_the_operator_is_told_once_though_the_others_vote(
    faults: tuple[SeatFault | None, ...], is_told: bool
) -> None:
    cycles = lost(*faults)
    assert not has_fallen_short(cycles, quorum=2)
    found = find_lost_seats(cycles)
    assert bool(found) is is_told
    if is_told:
        told = render(explain_lost_seats(found))
        assert "openai:model: the vendor knows no such model. Name a current model" in told
