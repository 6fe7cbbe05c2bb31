"""
A life under the limits: cycles that reserve, orders that fill or are refused, crashes, restarts.

The machine keeps what a database keeps (reservations and positions) and loses everything else at
a crash. Whatever happens: what is held and reserved never passes a limit, a crash forgets no
reservation, what is refused or closed makes room again, and exits pass always.
`tests/trading/risk/lives.py` says how many lives; the full size is 100,000.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.trading.builders import change_account, make_asked, make_open_breaker, make_position
from tests.trading.risk.lives import BLOCKS, live
from trading.council.decisions import Action
from trading.domain.units import TradingState
from trading.portfolio.valuation import Exposure
from trading.risk.engine import check_risk
from trading.risk.limits import RiskLimits
from trading.risk.results import RiskVerdict

STEPS = 30
LIMITS = RiskLimits()
EQUITY = Decimal(1000)
DUST = Decimal("0.000001")

OPEN_BREAKER = make_open_breaker()
POSITION = make_position()
QUESTIONS = {
    action: make_asked(action) for action in (Action.OPEN_LONG, Action.OPEN_SHORT, Action.CLOSE)
}
numbers = st.integers(min_value=0, max_value=STEPS - 1)
"""Which of those there are, counted round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is on the books: an entry that is reserved, or a position; signed notional."""

    notional: Decimal
    is_filled: bool = False


def is_waiting(life: "LimitsLife") -> bool:
    return any(not held.is_filled for held in life.books)


def has_position(life: "LimitsLife") -> bool:
    return any(held.is_filled for held in life.books)


class LimitsLife(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.books: list[Held] = []
        self.state = TradingState.ACTIVE
        self.is_open = False
        self.was_free = False

    def ask(self, action: Action, **extra: object) -> RiskVerdict:
        filled = [held.notional for held in self.books if held.is_filled]
        account = {
            "elsewhere": Exposure(
                gross=sum(map(abs, filled), Decimal(0)), net=sum(filled, Decimal(0))
            ),
            "reserved_notional": self.reserved,
            "user_equity": EQUITY,
            "trading_state": self.state,
            **({"user_breaker": OPEN_BREAKER} if self.is_open else {}),
            **extra,
        }
        return check_risk(change_account(QUESTIONS[action], **account), limits=LIMITS)

    @property
    def reserved(self) -> Decimal:
        open_intents = (abs(held.notional) for held in self.books if not held.is_filled)
        return sum(open_intents, Decimal(0))

    @rule(action=st.sampled_from([Action.OPEN_LONG, Action.OPEN_SHORT]))
    def a_cycle_wants_in(self, action: Action) -> None:
        verdict = self.ask(action)
        if verdict.plan is None:
            return
        assert self.state is TradingState.ACTIVE
        assert not self.is_open
        sign = 1 if action is Action.OPEN_LONG else -1
        net = sum((held.notional for held in self.books if held.is_filled), Decimal(0))
        one_way = net * sign + self.reserved + verdict.plan.notional
        assert one_way <= EQUITY * LIMITS.max_direction_ratio + DUST
        self.books.append(Held(notional=sign * verdict.plan.notional))

    @precondition(is_waiting)
    @rule(which=numbers, part=st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(1)]))
    def a_venue_answers(self, which: int, part: Decimal) -> None:
        """Refused, half filled, filled: the reservation goes, what filled is held."""
        waiting = [n for n, held in enumerate(self.books) if not held.is_filled]
        held = self.books.pop(waiting[which % len(waiting)])
        if part:
            self.books.append(replace(held, notional=held.notional * part, is_filled=True))

    @precondition(has_position)
    @rule(which=numbers)
    def a_position_ends(self, which: int) -> None:
        filled = [n for n, held in enumerate(self.books) if held.is_filled]
        self.books.pop(filled[which % len(filled)])

    @rule()
    def the_process_dies_and_starts_again(self) -> None:
        """A new process knows what the database kept: the same question, the same answer."""
        before = self.ask(Action.OPEN_LONG)
        self.books = [Held(notional=h.notional, is_filled=h.is_filled) for h in self.books]
        assert self.ask(Action.OPEN_LONG) == before

    @rule(state=st.sampled_from(list(TradingState)))
    def somebody_turns_the_switch(self, state: TradingState) -> None:
        self.state = state

    @rule(is_open=st.booleans())
    def the_breaker_changes(self, is_open: bool) -> None:
        self.is_open = is_open

    @invariant()
    def the_exposure_is_never_passed(self) -> None:
        gross = sum((abs(held.notional) for held in self.books), Decimal(0))
        assert gross <= EQUITY * LIMITS.max_exposure_ratio + DUST

    @invariant()
    def exits_pass_whatever_holds(self) -> None:
        assert self.ask(Action.CLOSE, position=POSITION).close

    @invariant()
    def nothing_is_stuck(self) -> None:
        """Asked when it becomes free: after that the same question has the same answer."""
        is_free = not self.books and self.state is TradingState.ACTIVE and not self.is_open
        if is_free and not self.was_free:
            assert self.ask(Action.OPEN_LONG).plan is not None
        self.was_free = is_free


@pytest.mark.parametrize("first", BLOCKS)
def test_no_limit_is_passed_forgotten_or_stuck(first: int) -> None:
    live(LimitsLife, first=first, steps=STEPS)
