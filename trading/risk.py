"""Risk: the council proposes, rules dispose.

    TradeProposal -> rule, rule, rule ... -> RiskVerdict

Each rule answers for itself and the receipt shows all of them, passed ones too. A rule may only
shrink or deny, never enlarge. Exits, stops and cancels always pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from enum import StrEnum

from trading.units import PositionSide
from trading.units import require_positive


class Verdict(StrEnum):
    """What a rule says."""

    APPROVED = "approved"
    CLAMPED = "clamped"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """
    One rule's answer.

    Attributes:
        rule: its name, "position_size".
        code: a DenialReason such as POSITION_LIMIT when clamped or denied, else "".
        figures: the numbers it was decided on, as text by name, in reading order.
    """

    rule: str
    verdict: Verdict
    code: str = ""
    figures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TradePlan:
    """
    An entry that may be sent: sized, rounded, protected.

    Attributes:
        quantity: base units, on the step, > 0.
        expected_price: quote per base that sizing assumed (ask for a long, bid for a short).
        stop_price, target_price: on the tick, on the right sides of the expected price.
        leverage: >= 1.
    """

    side: PositionSide
    quantity: Decimal
    expected_price: Decimal
    stop_price: Decimal
    target_price: Decimal
    leverage: Decimal

    def __post_init__(self) -> None:
        require_positive(
            quantity=self.quantity,
            expected_price=self.expected_price,
            stop_price=self.stop_price,
            target_price=self.target_price,
            leverage=self.leverage,
        )

    @property
    def notional(self) -> Decimal:
        """Quote units at the expected price."""
        return self.quantity * self.expected_price


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskVerdict:
    """
    What may be done: `plan` for an approved entry, `close` for an exit, neither for nothing.

    Attributes:
        results: every rule that was asked, in order.
    """

    plan: TradePlan | None
    close: bool
    results: tuple[RuleResult, ...] = ()

    @property
    def denials(self) -> tuple[RuleResult, ...]:
        """The rules that said no."""
        return tuple(r for r in self.results if r.verdict is Verdict.DENIED)
