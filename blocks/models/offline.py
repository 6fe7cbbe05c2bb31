"""Offline voters: rules behind the models' port, for a machine without any key.

Prompt.facts, Prompt.position -> trading.council.rule_models -> Decision

Rules are named as rules, cost nothing and count as separate vendors, so a quorum of rules means
agreement of two different rules.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from trading.council.decisions import Decision, ModelIdentity, Proposal
from trading.council.prompts import Prompt
from trading.council.question.facts import Facts, PositionView
from trading.council.rule_models import vote_breakout, vote_mean_reversion, vote_trend
from trading.domain.units import ZERO

type Rule = Callable[[Facts, PositionView | None], Proposal]


@dataclass(slots=True, kw_only=True)
class OfflineModel:
    """A voting rule: never abstains and never waits."""

    identity: ModelIdentity
    rule: Rule

    def compute_bound(self, prompt: Prompt) -> Decimal:  # noqa: ARG002, the port's
        return ZERO

    async def ask(self, prompt: Prompt) -> Decision:
        return Decision(
            model=self.identity,
            proposal=self.rule(prompt.facts, prompt.position),
            prompt_hash=prompt.digest,
            prompt_version=prompt.version,
        )


OFFLINE_MODELS: dict[str, Rule] = {
    "offline-trend": vote_trend,
    "offline-mean-reversion": vote_mean_reversion,
    "offline-breakout": vote_breakout,
}
"""Rules by the name of their seat."""


def build_offline_model(seat: str) -> OfflineModel:
    """
    The voter of a rule.

    Raises:
        KeyError: for a seat that is no rule's.
    """
    name = seat.removeprefix("offline-").replace("-", " ")
    return OfflineModel(
        identity=ModelIdentity(name=f"{name} (offline rules)", vendor=seat, is_offline=True),
        rule=OFFLINE_MODELS[seat],
    )


def build_offline_council() -> tuple[OfflineModel, ...]:
    """All three, always in the same order."""
    return tuple(build_offline_model(seat) for seat in OFFLINE_MODELS)
