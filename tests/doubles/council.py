"""Voters that say what they are told to: the Model port over a script.

votes -> ScriptedModel -> Decision (or whatever it is told to raise, or silence)
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from trading.council.decisions import Action, Decision, ModelIdentity, Proposal, Usage
from trading.council.prompts import Prompt

USAGE = Usage(input_tokens=900, output_tokens=100, cost_usd=Decimal("0.01"), latency_ms=40)


@dataclass(slots=True, kw_only=True)
class ScriptedModel:
    """
    One voter.

    Attributes:
        action: what it votes for.
        fail_with: raised instead of an answer.
        is_silent: never answers.
        on_question: told when it is asked.
        prompts: what it was asked, in order.
        bound_usd: what it says that an answer costs at most.
    """

    identity: ModelIdentity
    action: Action = Action.HOLD
    confidence: Decimal = Decimal(80)
    win_probability: Decimal = Decimal(60)
    stop_pct: Decimal = Decimal(1)
    target_pct: Decimal = Decimal(2)
    fail_with: Exception | None = None
    is_silent: bool = False
    on_question: Callable[[], None] = lambda: None
    prompts: list[Prompt] = field(default_factory=list)
    bound_usd: Decimal = 2 * USAGE.cost_usd

    def compute_bound(self, prompt: Prompt) -> Decimal:
        return self.bound_usd

    async def ask(self, prompt: Prompt) -> Decision:
        self.prompts.append(prompt)
        self.on_question()
        if self.is_silent:
            await asyncio.Event().wait()
        if self.fail_with is not None:
            raise self.fail_with
        is_entry = self.action.is_entry
        proposal = Proposal(
            action=self.action,
            confidence=self.confidence,
            win_probability=self.win_probability if is_entry else None,
            stop_pct=self.stop_pct if is_entry else None,
            target_pct=self.target_pct if is_entry else None,
            reasons=("the script says so",),
        )
        return Decision(
            model=self.identity, proposal=proposal, usage=USAGE, prompt_hash=prompt.digest
        )


def council(*actions: Action) -> tuple[ScriptedModel, ...]:
    """One voter, a vendor of its own, for each action."""
    names = [f"model-{number}" for number, _ in enumerate(actions)]
    return tuple(
        ScriptedModel(
            identity=ModelIdentity(name=name, vendor=name, is_offline=False), action=action
        )
        for name, action in zip(names, actions, strict=True)
    )
