"""Offline voters: rules behind the models' port, for a machine without any key.

Prompt.facts, Prompt.position -> trading.council.rule_models -> Decision

They are named as what they are, cost nothing and are each a vendor of their own, so that a quorum
of them means that two different rules agree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from trading.council.decisions import Decision, ModelIdentity, Proposal
from trading.council.prompts import Facts, PositionView, Prompt
from trading.council.rule_models import vote_breakout, vote_mean_reversion, vote_trend
from trading.domain.units import ZERO

type Rule = Callable[[Facts, PositionView | None], Proposal]


@dataclass(slots=True, kw_only=True)
class OfflineModel:
    """A rule that votes. It never abstains and never waits."""

    identity: ModelIdentity
    rule: Rule

    def compute_bound(self, prompt: Prompt) -> Decimal:  # noqa: ARG002, the port's
        return ZERO

    async def ask(self, prompt: Prompt) -> Decision:
        return Decision(
            model=self.identity,
            proposal=self.rule(prompt.facts, prompt.position),
            prompt_hash=prompt.digest,
        )


def build_offline_model(name: str) -> OfflineModel:
    """
    The voter of one rule: trend, mean-reversion or breakout.

    Raises:
        KeyError: for another name.
    """
    return OfflineModel(
        identity=ModelIdentity(
            name=f"{name.replace('-', ' ')} (offline rules)",
            vendor=f"offline-{name}",
            is_offline=True,
        ),
        rule=_RULES[name],
    )


def build_offline_council() -> tuple[OfflineModel, ...]:
    """All three, always in the same order."""
    return tuple(build_offline_model(name) for name in _RULES)


_RULES: dict[str, Rule] = {
    "trend": vote_trend,
    "mean-reversion": vote_mean_reversion,
    "breakout": vote_breakout,
}
