"""The user's share of the cost of a cycle's answers.

CycleProgress, dollars by call -> price_answers -> CycleProgress
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from tasks.council.llm_budget import build_call_key
from tasks.cycle.progress import CycleProgress
from tasks.runtime.cycle_context import Cycle
from trading.council.decisions import Decision


def price_answers(
    cycle: Cycle, progress: CycleProgress, *, shares: Mapping[str, Decimal]
) -> CycleProgress:
    """The progress with the share of each answer to both questions; tokens stay unchanged."""

    def price(decision: Decision) -> Decision:
        key = build_call_key(cycle, decision.model, digest=decision.prompt_hash)
        cost_usd = shares.get(key.text, decision.usage.cost_usd)
        return replace(decision, usage=replace(decision.usage, cost_usd=cost_usd))

    check = progress.news_check
    if check is not None:
        check = replace(check, decisions=tuple(map(price, check.decisions)))
    return replace(progress, decisions=tuple(map(price, progress.decisions)), news_check=check)
