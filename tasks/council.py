"""Council tasks: one question to every model at once, one deadline, abstentions instead of errors.

    Prompt -> ask_model, ask_model, ask_model (shared by model and prompt) -> Decision, ...

A model that is slow, down or talks nonsense abstains; the cycle goes on. While flat, all users of
a pair ask the same question, so each model is asked once. An answer that somebody else has paid
for costs this cycle nothing and is recorded so.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta

from prefect import task

from tasks.connections import connections
from tasks.cycles import Cycle
from tasks.cycles import sealed
from tasks.sharing import ShareKey
from tasks.sharing import shared
from tasks.states import as_awaitable
from trading.decisions import Abstention
from trading.decisions import Decision
from trading.decisions import ModelIdentity
from trading.decisions import Usage
from trading.ports import Model
from trading.prompts import Prompt

VOTE_LIFE = timedelta(minutes=30)
CACHED = "Cached"
"""Prefect's name for the state of a run that took another's result."""


async def ask_council(cycle: Cycle, prompt: Prompt) -> tuple[Decision, ...]:
    """Every model's vote or abstention, in the order of the council."""
    here = await connections()
    votes = (ask_model(cycle, model.identity, prompt=prompt) for model in here.models)
    return tuple(await asyncio.gather(*votes))


async def ask_model(cycle: Cycle, identity: ModelIdentity, *, prompt: Prompt) -> Decision:
    """One model's vote on the prompt, its own or one that another run got."""
    here = await connections()
    key = ShareKey(
        namespace=cycle.namespace, work="ask_model", subject=(identity.name, prompt.digest)
    )
    try:
        async with asyncio.timeout(here.settings.council_deadline_seconds):
            asked = _ask(key, identity.name, sealed(prompt), return_state=True)
            state = await as_awaitable(asked)
    except TimeoutError:
        return _abstain(identity, prompt, abstention=Abstention.DEADLINE)
    if not state.is_completed():
        return _abstain(identity, prompt, abstention=Abstention.UNAVAILABLE)
    decision = await state.aresult()
    return replace(decision, usage=Usage()) if state.name == CACHED else decision


@task(name="ask_model", task_run_name="ask_model {name}", **shared("decision", life=VOTE_LIFE))
async def _ask(key: ShareKey, name: str, prompt: Prompt) -> Decision:  # noqa: ARG001 (cache)
    here = await connections()
    model = _find(here.models, name)
    # Below the deadline of the one who waits for it, so that slowness is known and shared.
    deadline = here.settings.council_deadline_seconds * 0.9
    try:
        async with asyncio.timeout(deadline):
            return await model.ask(prompt)
    except TimeoutError:
        return _abstain(model.identity, prompt, abstention=Abstention.DEADLINE)


def _find(models: tuple[Model, ...], name: str) -> Model:
    return next(model for model in models if model.identity.name == name)


def _abstain(identity: ModelIdentity, prompt: Prompt, *, abstention: Abstention) -> Decision:
    return Decision(
        model=identity, proposal=None, abstention=abstention, prompt_hash=prompt.digest
    )
