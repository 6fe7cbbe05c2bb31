"""Risk: the council proposes, rules dispose.

    RiskInput -> rule, rule, rule ... -> sizing -> RiskVerdict

Rules are independent and the receipt shows every result, passed rules included. A rule may only
shrink or deny, never enlarge. Exits, stops and cancels always pass: no rule is asked.

An entry against the open position closes the position and opens nothing; a later cycle decides
with a flat pair. An entry in the direction of the open position is denied: no pyramiding.
"""

from collections.abc import Callable

from trading.council.decisions import Action
from trading.domain.positions import Position
from trading.risk import account_rules, decision_rules, market_rules
from trading.risk.context import RiskInput
from trading.risk.limits import RiskLimits
from trading.risk.results import DenialReason, RiskVerdict, RuleResult, Verdict, judge
from trading.risk.sizing import size_entry

type Rule = Callable[[RiskInput, RiskLimits], RuleResult]

RULES: tuple[Rule, ...] = (
    account_rules.check_trading_state,
    account_rules.check_pair_running,
    account_rules.check_reconciled,
    account_rules.check_orders_in_doubt,
    account_rules.check_protection,
    account_rules.check_pair_breaker,
    account_rules.check_user_breaker,
    account_rules.check_clock_offset,
    market_rules.check_market_quality,
    market_rules.check_market_freshness,
    market_rules.check_instrument_rules,
    market_rules.check_order_book,
    market_rules.check_liquidity,
    market_rules.check_spread,
    market_rules.check_price_agreement,
    market_rules.check_bollinger_width,
    market_rules.check_volatility,
    market_rules.check_funding,
    account_rules.check_drawdown,
    account_rules.check_day_loss,
    account_rules.check_loss_cooldown,
    account_rules.check_entry_rate,
    account_rules.check_duplicate_order,
    account_rules.check_rejections,
    account_rules.check_open_positions,
    account_rules.check_position,
    decision_rules.check_quorum,
    decision_rules.check_confidence,
    decision_rules.check_stop_distance,
    decision_rules.check_target_distance,
    decision_rules.check_reward_to_risk,
    decision_rules.check_costs,
    decision_rules.check_expected_value,
    decision_rules.check_news_veto,
)
"""Every rule that an entry has to pass, in the order of the receipt; the sizing's follow."""


def check_risk(inputs: RiskInput, *, limits: RiskLimits) -> RiskVerdict:
    """
    Decide on the action after the council's consensus.

    Args:
        inputs: The complete input of the rules, read under the user's risk lock.
        limits: The user's (`trading.risk.limits.tighten`).

    Returns:
        A plan, a close, or nothing, with the result of every rule asked: all of `RULES` for an
        entry, plus the sizing without a denial; HOLD asks no rule.
    """
    action = inputs.consensus.action
    if action is Action.HOLD:
        return RiskVerdict(plan=None, close=False)
    position = inputs.open_position
    if position is not None and inputs.side is not position.side:
        return RiskVerdict(plan=None, close=True, results=(_pass_exit(position),))
    if action is Action.CLOSE:
        return RiskVerdict(plan=None, close=False, results=(_find_nothing_to_close(),))
    results = tuple(rule(inputs, limits) for rule in RULES)
    if any(result.verdict is Verdict.DENIED for result in results):
        return RiskVerdict(plan=None, close=False, results=results)
    sizing = size_entry(inputs, limits=limits)
    return RiskVerdict(plan=sizing.plan, close=False, results=results + sizing.results)


def _pass_exit(position: Position) -> RuleResult:
    return judge(
        "exit",
        passes=True,
        code=DenialReason.NOTHING_TO_CLOSE,
        side=position.side,
        quantity=position.quantity,
    )


def _find_nothing_to_close() -> RuleResult:
    return judge("exit", passes=False, code=DenialReason.NOTHING_TO_CLOSE)
