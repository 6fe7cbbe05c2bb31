"""Results of the risk rules, and the permitted action.

    rule -> RuleResult, RuleResult ... -> RiskVerdict (a TradePlan, a close, or nothing)

Values only: `trading.risk.engine` decides. A denial is a value, never an exception.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from trading.domain.messages import Message, message, plain
from trading.domain.units import PositionSide, require_positive


class Verdict(StrEnum):
    """Result of a rule: approved, clamped or denied."""

    APPROVED = "approved"
    CLAMPED = "clamped"
    DENIED = "denied"


class DenialReason(StrEnum):
    """Cause of a shrunk or denied entry; the figures of the result tell the amount."""

    # system and account
    TRADING_REDUCING = "TRADING_REDUCING"
    TRADING_HALTED = "TRADING_HALTED"
    PAIR_PAUSED = "PAIR_PAUSED"
    NOT_RECONCILED = "NOT_RECONCILED"
    ORDER_IN_DOUBT = "ORDER_IN_DOUBT"
    BARE_POSITION = "BARE_POSITION"
    BREAKER_OPEN = "BREAKER_OPEN"
    USER_BREAKER_OPEN = "USER_BREAKER_OPEN"
    CLOCK_OFFSET = "CLOCK_OFFSET"
    DRAWDOWN_LIMIT = "DRAWDOWN_LIMIT"
    DAY_LOSS_LIMIT = "DAY_LOSS_LIMIT"
    DUPLICATE_ORDER = "DUPLICATE_ORDER"
    TOO_MANY_ENTRIES = "TOO_MANY_ENTRIES"
    TOO_MANY_REJECTIONS = "TOO_MANY_REJECTIONS"
    LOSS_COOLDOWN = "LOSS_COOLDOWN"
    TOO_MANY_POSITIONS = "TOO_MANY_POSITIONS"
    # market
    BAD_MARKET_DATA = "BAD_MARKET_DATA"
    STALE_MARKET_DATA = "STALE_MARKET_DATA"
    STALE_RULES = "STALE_RULES"
    BOOK_MISSING = "BOOK_MISSING"
    BOOK_TOO_THIN = "BOOK_TOO_THIN"
    SPREAD_TOO_WIDE = "SPREAD_TOO_WIDE"
    PRICE_DEVIATION = "PRICE_DEVIATION"
    INDICATOR_MISSING = "INDICATOR_MISSING"
    BOLLINGER_TOO_WIDE = "BOLLINGER_TOO_WIDE"
    FUNDING_TOO_HIGH = "FUNDING_TOO_HIGH"
    # decision
    QUORUM_MISSING = "QUORUM_MISSING"
    CONFIDENCE_TOO_LOW = "CONFIDENCE_TOO_LOW"
    STOP_MISSING = "STOP_MISSING"
    STOP_TOO_CLOSE = "STOP_TOO_CLOSE"
    STOP_TOO_FAR = "STOP_TOO_FAR"
    TARGET_MISSING = "TARGET_MISSING"
    TARGET_TOO_CLOSE = "TARGET_TOO_CLOSE"
    REWARD_TOO_SMALL = "REWARD_TOO_SMALL"
    COSTS_TOO_HIGH = "COSTS_TOO_HIGH"
    WIN_PROBABILITY_MISSING = "WIN_PROBABILITY_MISSING"
    EXPECTED_VALUE_TOO_LOW = "EXPECTED_VALUE_TOO_LOW"
    NEWS_VETO = "NEWS_VETO"
    NEWS_DOUBT = "NEWS_DOUBT"
    ALREADY_POSITIONED = "ALREADY_POSITIONED"
    NOTHING_TO_CLOSE = "NOTHING_TO_CLOSE"
    # sizing
    STOP_BEYOND_LIQUIDATION = "STOP_BEYOND_LIQUIDATION"
    LEVERAGE_LIMIT = "LEVERAGE_LIMIT"
    POSITION_LIMIT = "POSITION_LIMIT"
    EXPOSURE_LIMIT = "EXPOSURE_LIMIT"
    DIRECTION_LIMIT = "DIRECTION_LIMIT"
    BALANCE_LIMIT = "BALANCE_LIMIT"
    LOSS_ROOM_LIMIT = "LOSS_ROOM_LIMIT"
    BOOK_SHARE_LIMIT = "BOOK_SHARE_LIMIT"
    NOTIONAL_ABOVE_MAX = "NOTIONAL_ABOVE_MAX"
    QUANTITY_ABOVE_MAX = "QUANTITY_ABOVE_MAX"
    QUANTITY_BELOW_MIN = "QUANTITY_BELOW_MIN"
    NOTIONAL_BELOW_MIN = "NOTIONAL_BELOW_MIN"
    PROTECTION_TOO_CLOSE = "PROTECTION_TOO_CLOSE"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """
    Result of a rule.

    Attributes:
        rule: name of the rule, "position_size".
        code: a `DenialReason` such as POSITION_LIMIT when clamped or denied, else "".
        figures: the numbers behind the result, as text by name, in reading order.

    Raises:
        ValueError: for an approval with a code, or a clamp or denial without a code.
    """

    rule: str
    verdict: Verdict
    code: str = ""
    figures: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.verdict is Verdict.APPROVED) != (self.code == ""):
            raise ValueError(f"{self.rule}: {self.verdict} with code {self.code!r}")

    @property
    def told(self) -> Message:
        """Why the rule clamped or denied, with its figures; of an unknown code the code itself."""
        is_known = self.code in set(DenialReason)
        reason = message(f"denial-{self.code}") if is_known else plain(self.code)
        if not self.figures:
            return reason
        return message("denial", reason=reason, figures=list_figures(self.figures))


def list_figures(figures: Mapping[str, str]) -> tuple[Message, ...]:
    """Figures with their names, for people."""
    return tuple(message("figure", name=name, value=value) for name, value in figures.items())


def judge(rule: str, *, passes: bool, code: DenialReason, **figures: object) -> RuleResult:
    """Approve, or deny with the code; the figures are shown either way."""
    return RuleResult(
        rule=rule,
        verdict=Verdict.APPROVED if passes else Verdict.DENIED,
        code="" if passes else code,
        figures={name: show_figure(value) for name, value in figures.items()},
    )


def show_figure(value: object) -> str:
    """Text of a number for people: at most 8 decimals, no exponent, no idle zeros."""
    if isinstance(value, Decimal):
        text = f"{value:.8f}".rstrip("0").rstrip(".")
        return "0" if text == "-0" else text
    return str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class TradePlan:
    """
    A permitted entry: sized, rounded, protected.

    Attributes:
        side: LONG or SHORT.
        quantity: base units, on the step, > 0.
        expected_price: price assumed by the sizing, quote per base (ask for a long, bid for a
            short).
        stop_price, target_price: on the tick, on the right sides of the expected price.
        leverage: >= 1.

    Raises:
        ValueError: when a number is not above 0, the side is flat, or a price is on the wrong
            side.
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
        if self.leverage < 1:
            raise ValueError(f"leverage must be at least 1, got {self.leverage}")
        risk = (self.expected_price - self.stop_price) * self.side.sign
        reward = (self.target_price - self.expected_price) * self.side.sign
        if risk <= 0 or reward <= 0:
            raise ValueError(
                f"{self.side} at {self.expected_price} can't have its stop at {self.stop_price}"
                f" and its target at {self.target_price}"
            )

    @property
    def notional(self) -> Decimal:
        """Quote units at the expected price."""
        return self.quantity * self.expected_price


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskVerdict:
    """
    Permitted action: `plan` for an approved entry, `close` for an exit, neither for no action.

    Attributes:
        results: results of every rule asked, in order.

    Raises:
        ValueError: for both an entry and an exit, or an entry against a denial.
    """

    plan: TradePlan | None
    close: bool
    results: tuple[RuleResult, ...] = ()

    def __post_init__(self) -> None:
        if self.plan is not None and (self.close or self.denials):
            raise ValueError("a plan stands alone: no exit beside it and no denial against it")

    @property
    def denials(self) -> tuple[RuleResult, ...]:
        """Results of the denying rules."""
        return tuple(r for r in self.results if r.verdict is Verdict.DENIED)

    @property
    def clamps(self) -> tuple[RuleResult, ...]:
        """Results of the shrinking rules."""
        return tuple(r for r in self.results if r.verdict is Verdict.CLAMPED)
