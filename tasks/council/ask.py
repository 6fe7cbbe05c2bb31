"""Asks every model of the council at the same time, with a common deadline.

    Prompt -> the budget -> ask_model, ask_model, ask_model (shared by prompt) -> Decision, ...
    an entry or an open position -> the same seats again, with headlines -> NewsCheck

A model that is slow, down, over budget or answers nonsense abstains; the cycle continues. While
flat, all users of a pair ask the same question, so each model is asked once and the users share
the price.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from prefect import task

from tasks.council.inputs import Evidence, build_question
from tasks.council.llm_budget import (
    begin_call,
    build_call_key,
    find_quorum,
    reserve_calls,
    settle_call,
)
from tasks.council.polling import Poll
from tasks.runtime.caching import ShareKey, shared
from tasks.runtime.container import Services, get_services
from tasks.runtime.cycle_context import Cycle, quoted
from tasks.runtime.states import as_awaitable
from trading.council.cassette import record_exchange
from trading.council.consensus import Consensus, reach_consensus
from trading.council.decisions import Abstention, Decision, ModelIdentity, Usage
from trading.council.news_check import NewsCheck, is_due, weigh_news
from trading.council.news_question import NewsUse, build_news_question, choose_headlines
from trading.council.prompts import Prompt
from trading.domain.units import PositionSide
from trading.ports import Model
from trading.risk.entry_gate import EntryGate

VOTE_LIFE = timedelta(minutes=30)
LEAST_SECONDS = 1.0
"""With less time left, the question with headlines is not asked: no answer could be in time."""
LATE_GRACE_SECONDS = 5.0
"""An answer that is too late to count is paid for: it is waited for so long, for the record."""


class Question:
    """A question that is being asked; every call is open until `finish` or `cancel`."""

    def __init__(
        self,
        services: Services,
        *,
        cycle: Cycle,
        prompt: Prompt,
        gate: EntryGate,
        granted: frozenset[str],
    ) -> None:
        self.prompt = prompt
        self._gate = gate
        self._quorum = find_quorum(services, cycle)
        # A replay waits for all models, so that two replays give the same numbers; rules answer at
        # once.
        self._is_early = not services.is_replay and not all(
            m.identity.is_offline for m in services.models
        )
        self._poll = Poll(
            {
                m.identity: ask_model(
                    cycle, m.identity, prompt=prompt, is_granted=m.identity.name in granted
                )
                for m in services.models
            }
        )

    async def settle(self, *, deadline_seconds: float) -> Consensus:
        """The combined view, as soon as no open vote can change the outcome."""
        decisions = await self._poll.settle(
            quorum=self._quorum,
            deadline_seconds=deadline_seconds,
            is_early=self._is_early,
            gate=self._gate,
        )
        return reach_consensus(decisions, quorum=self._quorum, gate=self._gate)

    async def finish(self) -> tuple[Decision, ...]:
        """The decisions for the receipt, with late answers in place of abstentions."""
        return await self._poll.finish(grace_seconds=LATE_GRACE_SECONDS)

    def cancel(self) -> None:
        """Cancel the open calls."""
        self._poll.cancel()


class Council:
    """
    The questions of a cycle; call `decide`, then `finish`.

    The market question first. The same seats are asked again with the headlines when the answer
    wants an entry or leaves a position open (`trading.council.news_check`). Both questions share
    the deadline of the cycle.
    """

    def __init__(
        self, services: Services, *, cycle: Cycle, market: Question, gate: EntryGate
    ) -> None:
        self._services = services
        self._cycle = cycle
        self._gate = gate
        self._market = market
        self._news: Question | None = None
        self._check: NewsCheck | None = None
        deadline = services.settings.council_deadline_seconds
        self._ends_at = asyncio.get_running_loop().time() + deadline

    async def decide(self) -> Consensus:
        """The consensus to act on, after both questions."""
        market = await self._market.settle(deadline_seconds=self._seconds_left)
        position = self._market.prompt.position
        side = PositionSide.FLAT if position is None else position.side
        use = self._services.settings.news
        if use is not NewsUse.CONFIRM or not is_due(market, position_side=side):
            return market
        prompt = build_news_question(self._market.prompt, action=market.action)
        if prompt is None:
            return market
        answer = await self._ask_about_news(prompt)
        headlines = len(choose_headlines(prompt.facts.news))
        acted, effect = weigh_news(market, answer, position_side=side, headlines=headlines)
        self._check = NewsCheck(
            effect=effect, market=market, answer=answer, decisions=(), headlines=headlines
        )
        return acted

    async def finish(self) -> tuple[tuple[Decision, ...], NewsCheck | None]:
        """The market's decisions and the second question, for the receipt."""
        decisions = await self._market.finish()
        if self._check is None or self._news is None:
            return decisions, self._check
        return decisions, replace(self._check, decisions=await self._news.finish())

    def cancel(self) -> None:
        """Cancel the open calls."""
        self._market.cancel()
        if self._news is not None:
            self._news.cancel()

    @property
    def _seconds_left(self) -> float:
        return self._ends_at - asyncio.get_running_loop().time()

    async def _ask_about_news(self, prompt: Prompt) -> Consensus:
        """The answer with headlines; without time left nobody is asked, and nobody answers."""
        if self._seconds_left < LEAST_SECONDS:
            return reach_consensus((), quorum=find_quorum(self._services, self._cycle))
        self._news = await _open_question(
            self._services, self._cycle, prompt=prompt, gate=self._gate
        )
        return await self._news.settle(deadline_seconds=self._seconds_left)


@asynccontextmanager
async def ask_council(cycle: Cycle, evidence: Evidence) -> AsyncIterator[Council]:
    """
    Ask every model within the budget; the end of the block cancels open calls.

    Raises ValueError when the evidence blocks the cycle.
    """
    services = await get_services()
    market, _ = evidence.complete
    gate = EntryGate(
        limits=cycle.limits, instrument=market.instrument, ticker=market.snapshot.ticker
    )
    question = await _open_question(services, cycle, prompt=build_question(evidence), gate=gate)
    council = Council(services, cycle=cycle, market=question, gate=gate)
    try:
        yield council
    finally:
        council.cancel()


async def _open_question(
    services: Services, cycle: Cycle, *, prompt: Prompt, gate: EntryGate
) -> Question:
    """Reserve the money, then ask the granted models."""
    granted = await reserve_calls(services, cycle, prompt=prompt)
    return Question(services, cycle=cycle, prompt=prompt, gate=gate, granted=granted)


async def ask_model(
    cycle: Cycle, identity: ModelIdentity, *, prompt: Prompt, is_granted: bool
) -> Decision:
    """The vote of a model on the prompt, asked now or shared by another run."""
    if not is_granted:
        return _abstain(identity, prompt, abstention=Abstention.BUDGET)
    services = await get_services()
    key = build_call_key(cycle, identity, digest=prompt.digest)
    try:
        async with asyncio.timeout(services.settings.council_deadline_seconds):
            asked = _ask(key, identity.name, quoted(prompt), return_state=True)
            state = await as_awaitable(asked)
    except TimeoutError:
        return _abstain(identity, prompt, abstention=Abstention.DEADLINE)
    if not state.is_completed():
        return _abstain(identity, prompt, abstention=Abstention.UNAVAILABLE)
    return await state.aresult()


@task(name="ask_model", task_run_name="ask_model {name}", **shared("decision", life=VOTE_LIFE))
async def _ask(key: ShareKey, name: str, prompt: Prompt) -> Decision:
    services = await get_services()
    model = _find(services.models, name)
    bound = model.compute_bound(prompt)
    if not bound:
        free = await _ask_in_time(services, model, prompt=prompt)
        return await _keep_exchange(services, free, prompt=prompt)
    if not await begin_call(services, key):
        lost = _abstain(model.identity, prompt, abstention=Abstention.UNAVAILABLE)
        return replace(lost, detail="it was asked before, and its answer was lost")
    decision = await _ask_in_time(services, model, prompt=prompt)
    await settle_call(services, key, cost_usd=decision.usage.cost_usd)
    return await _keep_exchange(services, decision, prompt=prompt)


async def _keep_exchange(services: Services, decision: Decision, *, prompt: Prompt) -> Decision:
    """Store the raw answer in the cassette; the decision without the raw answer."""
    entry = record_exchange(prompt, decision, now=services.clock())
    if entry is not None:
        async with services.database.operator() as operator:
            await operator.cassette.add(entry)
    return replace(decision, exchange=None)


async def _ask_in_time(services: Services, model: Model, *, prompt: Prompt) -> Decision:
    # Shorter than the deadline of the waiting run, so that the abstention is stored and shared.
    deadline = services.settings.council_deadline_seconds * 0.9
    started = time.monotonic()
    try:
        async with asyncio.timeout(deadline):
            return await model.ask(prompt)
    except TimeoutError:
        late = _abstain(model.identity, prompt, abstention=Abstention.DEADLINE)
        usage = Usage(
            cost_usd=model.compute_bound(prompt),
            latency_ms=round((time.monotonic() - started) * 1000),
        )
        return replace(late, usage=usage)


def _find(models: tuple[Model, ...], name: str) -> Model:
    return next(model for model in models if model.identity.name == name)


def _abstain(identity: ModelIdentity, prompt: Prompt, *, abstention: Abstention) -> Decision:
    return Decision(
        model=identity,
        proposal=None,
        abstention=abstention,
        prompt_hash=prompt.digest,
        prompt_version=prompt.version,
    )
