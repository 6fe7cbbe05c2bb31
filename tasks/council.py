"""Council tasks: one question to every model at once, one deadline, abstentions instead of errors.

    Prompt -> ask_model, ask_model, ask_model (shared by model and prompt) -> Decision, ...

A model that is slow, down or talks nonsense abstains; the cycle goes on. While flat, all users of
a pair ask the same question, so each model is asked once. An answer that somebody else has paid
for costs this cycle nothing and is recorded so.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from prefect import task

from tasks.connections import Connections
from tasks.connections import connections
from tasks.cycles import Cycle
from tasks.cycles import sealed
from tasks.polling import Poll
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
LATE_GRACE_SECONDS = 5.0
"""An answer that is too late to count is paid for: it is waited for so long, for the record."""
CACHED = "Cached"
"""Prefect's name for the state of a run that took another's result."""


class Council:
    """One question that every model is answering; `decide`, then `finish`."""

    def __init__(self, here: Connections, *, cycle: Cycle, prompt: Prompt) -> None:
        self._settings = here.settings
        self._quorum = cycle.limits.quorum
        # A replay gives the same numbers twice, so it waits for all; rules answer at once anyway.
        self._is_early = not here.is_replay and not all(m.identity.is_offline for m in here.models)
        self._poll = Poll(
            {m.identity: ask_model(cycle, m.identity, prompt=prompt) for m in here.models}
        )

    async def decide(self) -> tuple[Decision, ...]:
        """Votes and abstentions, as soon as nobody can change the outcome any more."""
        return await self._poll.settle(
            quorum=self._quorum,
            deadline_seconds=self._settings.council_deadline_seconds,
            is_early=self._is_early,
        )

    async def finish(self) -> tuple[Decision, ...]:
        """The same for the record, with answers that came late in place of abstentions."""
        return await self._poll.finish(grace_seconds=LATE_GRACE_SECONDS)

    def cancel(self) -> None:
        """Stop waiting for anybody."""
        self._poll.cancel()


@asynccontextmanager
async def ask_council(cycle: Cycle, prompt: Prompt) -> AsyncIterator[Council]:
    """Ask every model at once; who has not answered at the end of the block is not waited for."""
    council = Council(await connections(), cycle=cycle, prompt=prompt)
    try:
        yield council
    finally:
        council.cancel()


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
