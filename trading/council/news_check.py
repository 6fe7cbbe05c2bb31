"""The news check: weighs the answer to the question with headlines against the market's answer.

    Consensus on the market -> is_due -> Consensus with headlines -> weigh_news -> NewsCheck

An entry needs both answers: the same side twice. The stop and the target are the market's, the
confidence is the lower of both, and a lower confidence makes the entry smaller in proportion. A
position can be closed by the headlines, and nothing else. No answer with headlines opens, adds to
or flips a position, whatever the models say: only the market's action is ever kept.
"""

from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from trading.council.consensus import Consensus
from trading.council.decisions import Action, Decision
from trading.domain.messages import message
from trading.domain.units import ONE, ZERO, PositionSide

SHARE_STEP = Decimal("0.01")

_SIDES = {Action.OPEN_LONG: PositionSide.LONG, Action.OPEN_SHORT: PositionSide.SHORT}


class NewsEffect(StrEnum):
    """
    What the headlines changed.

    KEPT, WEAKENED, STOPPED and UNANSWERED are of an entry; CLOSED and UNMOVED of a position.
    """

    KEPT = "kept"
    WEAKENED = "weakened"
    STOPPED = "stopped"
    UNANSWERED = "unanswered"
    CLOSED = "closed"
    UNMOVED = "unmoved"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsCheck:
    """
    The second question of a cycle and its effect.

    Attributes:
        effect: what the headlines changed.
        market: the answer to the market question.
        answer: the answer to the question with headlines.
        decisions: votes and abstentions behind `answer`.
        headlines: number of headlines in the question.
    """

    effect: NewsEffect
    market: Consensus
    answer: Consensus
    decisions: tuple[Decision, ...]
    headlines: int


def is_due(market: Consensus, *, position_side: PositionSide) -> bool:
    """Whether headlines can change the outcome: an entry is near, or a position would stay."""
    if position_side is PositionSide.FLAT:
        return market.action.is_entry
    against = _SIDES.get(market.action, position_side) is not position_side
    return market.action is not Action.CLOSE and not against


def weigh_news(
    market: Consensus, answer: Consensus, *, position_side: PositionSide, headlines: int
) -> tuple[Consensus, NewsEffect]:
    """
    The consensus to act on, and what the headlines changed.

    Args:
        market: The answer on the market alone; `is_due` for it.
        answer: The answer with the headlines.
        position_side: Of the user's position; FLAT for an entry.
        headlines: Number of headlines shown, for the reason.
    """
    if position_side is not PositionSide.FLAT:
        return _weigh_position(market, answer, headlines=headlines)
    if answer.action is not market.action:
        is_silent = answer.answers < answer.quorum
        effect = NewsEffect.UNANSWERED if is_silent else NewsEffect.STOPPED
        return _hold(market, answer, effect=effect, headlines=headlines), effect
    confidence = min(market.confidence, answer.confidence)
    effect = NewsEffect.WEAKENED if confidence < market.confidence else NewsEffect.KEPT
    share = confidence / market.confidence if market.confidence else ONE
    told = message(
        f"news-entry-{effect}",
        said=market.reason,
        headlines=headlines,
        before=market.confidence,
        after=confidence,
    )
    kept = replace(
        market,
        agreement=min(market.agreement, answer.agreement),
        confidence=confidence,
        win_probability=_find_lower(market.win_probability, answer.win_probability),
        size_share=share.quantize(SHARE_STEP, rounding=ROUND_DOWN),
        reason=told,
    )
    return kept, effect


def _find_lower(market: Decimal | None, answer: Decimal | None) -> Decimal | None:
    """The lower chance; None where an answer states none, so that no unknown chance passes."""
    return None if market is None or answer is None else min(market, answer)


def _weigh_position(
    market: Consensus, answer: Consensus, *, headlines: int
) -> tuple[Consensus, NewsEffect]:
    if answer.action is not Action.CLOSE:
        return market, NewsEffect.UNMOVED
    told = message("news-closed", headlines=headlines, answer=answer.reason)
    return replace(answer, reason=told), NewsEffect.CLOSED


def _hold(
    market: Consensus, answer: Consensus, *, effect: NewsEffect, headlines: int
) -> Consensus:
    told = message(
        f"news-hold-{effect}", said=market.reason, headlines=headlines, answer=answer.reason
    )
    return replace(
        market,
        action=Action.HOLD,
        confidence=ZERO,
        stop_pct=None,
        target_pct=None,
        win_probability=None,
        reason=told,
        settled_by=(),
    )
