"""Decisions of single models: votes and abstentions.

A model that is down, slow, over budget, refusing or malformed abstains. An abstention is recorded
like a vote and never counts as a vote.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from trading.domain.units import HUNDRED, ZERO, require_not_negative, require_positive

MAX_REASON_CHARACTERS = 200
MAX_REASONS = 5

LATE = "late"
"""Beginning of the detail of an answer after the outcome was settled."""


class Action(StrEnum):
    """Actions of a vote."""

    OPEN_LONG = "open_long"
    OPEN_SHORT = "open_short"
    CLOSE = "close"
    HOLD = "hold"

    @property
    def is_entry(self) -> bool:
        """Whether the action opens a position."""
        return self in {Action.OPEN_LONG, Action.OPEN_SHORT}


class Abstention(StrEnum):
    """Causes of an abstention."""

    DEADLINE = "deadline"
    UNAVAILABLE = "unavailable"
    BUDGET = "budget"
    REFUSED = "refused"
    MALFORMED = "malformed"
    FABRICATED = "fabricated"
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelIdentity:
    """
    Identity of a model.

    Attributes:
        name: unique among the configured models; "trend (offline rules)" is a rule.
        vendor: two models of one vendor count as one voice.
        is_offline: a rule-based voter, not a language model; labelled wherever a person sees it.
    """

    name: str
    vendor: str
    is_offline: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Resources of an answer: tokens, dollars (> = 0) and milliseconds."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = ZERO
    latency_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """
    A model's view of one market.

    Attributes:
        confidence: 0..100, how clearly the facts favor the action.
        win_probability: 0..100, of an entry: the trade ends with a profit after costs; None for
            other actions and in the first edition.
        stop_pct, target_pct: distance from the entry price in percent, > 0 for entries, else None.
        reasons: short sentences, shown to people as quotations, never parsed again.
        would_change_mind: one short sentence.

    Raises:
        ValueError: when a number is missing, not finite or out of range.
    """

    action: Action
    confidence: Decimal
    win_probability: Decimal | None = None
    stop_pct: Decimal | None = None
    target_pct: Decimal | None = None
    reasons: tuple[str, ...] = ()
    would_change_mind: str = ""

    def __post_init__(self) -> None:
        require_not_negative(confidence=self.confidence)
        if self.confidence > HUNDRED:
            raise ValueError(f"confidence must be at most 100, got {self.confidence}")
        if self.win_probability is not None:
            require_not_negative(win_probability=self.win_probability)
            if self.win_probability > HUNDRED:
                raise ValueError(f"win_probability is {self.win_probability}, at most 100")
        if self.action.is_entry:
            if self.stop_pct is None or self.target_pct is None:
                raise ValueError("an entry needs a stop and a target")
            require_positive(stop_pct=self.stop_pct, target_pct=self.target_pct)
            if self.stop_pct >= HUNDRED or self.target_pct >= HUNDRED:
                raise ValueError("stop and target must be below 100 percent")
        if len(self.reasons) > MAX_REASONS:
            raise ValueError(f"at most {MAX_REASONS} reasons, got {len(self.reasons)}")
        for text in (*self.reasons, self.would_change_mind):
            if len(text) > MAX_REASON_CHARACTERS:
                raise ValueError(f"a reason has at most {MAX_REASON_CHARACTERS} characters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """
    A call's raw answer, for the cassette.

    Attributes:
        options: the request without the question, as JSON.
        answer: the body as the vendor sent it.
        answered_by: the model that the vendor says has answered; empty when not told.
        request_id: the vendor's name for the call; empty when not told.
    """

    options: str
    answer: str
    answered_by: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """
    A model's vote or abstention: exactly one of `proposal` and `abstention` is set.

    Attributes:
        prompt_version: edition of the question, as in "v2-1a2b3c4d"; empty in older records.
        exchange: the raw answer; only until the cassette has stored the answer.
    """

    model: ModelIdentity
    proposal: Proposal | None
    abstention: Abstention | None = None
    detail: str = ""
    usage: Usage = Usage()
    prompt_hash: str = ""
    prompt_version: str = ""
    exchange: Exchange | None = None

    def __post_init__(self) -> None:
        if (self.proposal is None) == (self.abstention is None):
            raise ValueError("a decision is either a vote or an abstention")

    @property
    def abstained(self) -> bool:
        """Whether the decision is an abstention."""
        return self.proposal is None

    @property
    def is_late(self) -> bool:
        """Whether the decision is on record only: the answer came after the outcome settled."""
        return self.detail.startswith(LATE)
