"""Risk: the council proposes, rules dispose.

    RiskInput -> rule, rule, rule ... -> RiskVerdict

Each rule answers for itself and the receipt shows all of them, passed ones too. A rule may only
shrink or deny, never enlarge. Exits, stops and cancels always pass.
"""

from trading.verdicts import RiskVerdict
from trading.verdicts import RuleResult
from trading.verdicts import TradePlan
from trading.verdicts import Verdict

__all__ = ["RiskVerdict", "RuleResult", "TradePlan", "Verdict"]
