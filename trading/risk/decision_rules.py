"""Rules about the council's decision: agreement, confidence and reward to risk.

Answers of models are compared with limits; no answer can change a limit.
"""

from decimal import Decimal

from trading.domain.instruments import Instrument
from trading.domain.units import HUNDRED, ZERO
from trading.market.snapshot import Ticker
from trading.risk.context import RiskInput
from trading.risk.limits import RiskLimits
from trading.risk.results import DenialReason, RuleResult, judge


def check_quorum(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """Enough distinct vendors agree, by the user's own count too."""
    return judge(
        "quorum",
        passes=inputs.consensus.agreement >= limits.quorum,
        code=DenialReason.QUORUM_MISSING,
        agreement=inputs.consensus.agreement,
        answers=inputs.consensus.answers,
        limit=limits.quorum,
    )


def check_confidence(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """The lowest confidence among the agreeing models reaches the limit."""
    return judge(
        "confidence",
        passes=inputs.consensus.confidence >= limits.min_confidence,
        code=DenialReason.CONFIDENCE_TOO_LOW,
        confidence=inputs.consensus.confidence,
        limit=limits.min_confidence,
    )


def check_stop_distance(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """There is a stop, beyond the noise and not beyond reason."""
    stop = inputs.consensus.stop_pct
    if stop is None:
        return judge("stop_distance", passes=False, code=DenialReason.STOP_MISSING)
    near = stop < limits.min_stop_pct
    return judge(
        "stop_distance",
        passes=not near and stop <= limits.max_stop_pct,
        code=DenialReason.STOP_TOO_CLOSE if near else DenialReason.STOP_TOO_FAR,
        stop_pct=stop,
        min=limits.min_stop_pct,
        max=limits.max_stop_pct,
    )


def check_target_distance(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """There is a target, far enough to be worth a trade."""
    target = inputs.consensus.target_pct
    if target is None:
        return judge("target_distance", passes=False, code=DenialReason.TARGET_MISSING)
    return judge(
        "target_distance",
        passes=target >= limits.min_target_pct,
        code=DenialReason.TARGET_TOO_CLOSE,
        target_pct=target,
        limit=limits.min_target_pct,
    )


def check_reward_to_risk(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """The target is worth the stop; without either, the rules above have said so."""
    stop, target = inputs.consensus.stop_pct, inputs.consensus.target_pct
    known = stop is not None and target is not None
    ratio = target / stop if stop and target else ZERO
    return judge(
        "reward_to_risk",
        passes=not known or ratio >= limits.min_reward_to_risk,
        code=DenialReason.REWARD_TOO_SMALL,
        reward_to_risk=ratio,
        limit=limits.min_reward_to_risk,
    )


def check_expected_value(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """The stated win probability pays for the losses and the costs, by a margin of the stop."""
    view = inputs.consensus
    if view.win_probability is None:
        return judge("expected_value", passes=False, code=DenialReason.WIN_PROBABILITY_MISSING)
    if not view.stop_pct or not view.target_pct:  # the rules above have said so
        return judge("expected_value", passes=True, code=DenialReason.EXPECTED_VALUE_TOO_LOW)
    costs = compute_cost_ratio(inputs.instrument, inputs.market.ticker) * HUNDRED
    worth = compute_expected_value(
        view.win_probability, stop_pct=view.stop_pct, target_pct=view.target_pct, cost_pct=costs
    )
    margin = limits.min_expected_value_ratio * view.stop_pct
    return judge(
        "expected_value",
        passes=worth >= margin,
        code=DenialReason.EXPECTED_VALUE_TOO_LOW,
        win_probability=view.win_probability,
        expected_value_pct=worth,
        costs_pct=costs,
        limit_pct=margin,
    )


def compute_expected_value(
    win_probability: Decimal, *, stop_pct: Decimal, target_pct: Decimal, cost_pct: Decimal
) -> Decimal:
    """
    Mean result of a trade in percent of the price: wins earn the target, losses cost the stop.

    Exits after 12 h lie between the stop and the target and are not modeled apart.
    """
    chance = win_probability / HUNDRED
    return chance * target_pct - (1 - chance) * stop_pct - cost_pct


def check_costs(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """Fees both ways and the spread leave most of the target."""
    target = inputs.consensus.target_pct
    costs = compute_cost_ratio(inputs.instrument, inputs.market.ticker)
    share = costs / (target / HUNDRED) if target else ZERO
    return judge(
        "costs",
        passes=share <= limits.max_cost_ratio,
        code=DenialReason.COSTS_TOO_HIGH,
        costs_ratio=costs,
        share_of_target=share,
        limit=limits.max_cost_ratio,
    )


def compute_cost_ratio(instrument: Instrument, ticker: Ticker) -> Decimal:
    """Costs of a round trip, of the price: the taker's fee twice, and the spread."""
    return 2 * instrument.taker_fee_rate + ticker.spread_ratio


def check_news_veto(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """News may stop an entry against the mood; news can never cause or enlarge an entry."""
    mood = inputs.market.sentiment.score * inputs.side.sign
    return judge(
        "news_veto",
        passes=mood > -limits.news_veto_score,
        code=DenialReason.NEWS_VETO,
        sentiment=inputs.market.sentiment.score,
        items=inputs.market.sentiment.item_count,
        limit=limits.news_veto_score,
    )
