"""The council's present view of a pair: one question to every seat; nothing is traded.

market, models (ports) -> the budget of the user -> answers -> the cassette, CouncilAnswer

The question costs money like a question of a cycle: reserved at the maximum cost before a model is
asked, settled at the actual cost afterwards, within the caps of the pair, the user and the
installation. A seat above a cap abstains.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial

from commands.caller import Caller
from db.engine.settings import BudgetSettings
from trading.council.cassette import record_exchange
from trading.council.consensus import Consensus, majority, reach_consensus
from trading.council.decisions import Abstention, Decision
from trading.council.llm_budget import CallWish
from trading.council.prompts import Edition, Prompt, build_prompt
from trading.council.question.evidence import build_facts
from trading.cycle import CycleKey
from trading.domain.errors import QuorumError
from trading.domain.units import Pair, sum_money
from trading.indicators.formulas import compute_indicators
from trading.market.candles import Interval
from trading.market.snapshot import MarketSnapshot, OpenInterest
from trading.news.items import NewsDigest
from trading.ports import MarketData, Model
from trading.risk.entry_gate import EntryGate

CANDLE_LIMIT = 300
"""Candles per interval, as a cycle collects them."""
ANY_SEAT = 1
"""Voices that make the question worth its price: every answer is shown, with a quorum or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CouncilAnswer:
    """
    The council's view of a pair now.

    Attributes:
        prompt_version: the edition of the question.
    """

    pair: Pair
    decisions: tuple[Decision, ...]
    consensus: Consensus
    prompt_version: str

    @property
    def cost_usd(self) -> Decimal:
        """Dollars of all answers."""
        return sum_money(decision.usage.cost_usd for decision in self.decisions)


async def ask_council(
    caller: Caller,
    models: Sequence[Model],
    *,
    market: MarketData,
    pair: Pair,
    edition: Edition = Edition.V2,
) -> CouncilAnswer:
    """
    Ask every model once, as a cycle without a position and without news would.

    Args:
        caller: the user who pays.
        models: the seats; a seat above a cap of the budget is not asked.
        market: source of the facts.
        pair: any pair of the market.
        edition: of the question; the first for comparison.

    Raises:
        QuorumError: when the market data can't be collected, or the database does not answer.
    """
    snapshot = await _collect(market, pair=pair, as_of=caller.now)
    indicators = {i: compute_indicators(s) for i, s in snapshot.candles.items() if s.candles}
    rules = await market.fetch_instrument(pair, as_of=caller.now)
    facts = build_facts(snapshot, indicators, news=NewsDigest(), instrument=rules)
    prompt = build_prompt(facts, None, edition=edition)
    # The first edition asks for no win probability, which the gate needs.
    gate = None if edition is Edition.V1 else EntryGate(limits=caller.services.settings.limits)
    wishes = [_wish(caller, model, prompt=prompt) for model in models]
    granted = await _reserve(caller, wishes, pair=pair)
    decisions = await asyncio.gather(
        *(
            _ask(caller, model, wish=wish, prompt=prompt)
            if wish.call_id in granted
            else _refuse(model, prompt)
            for model, wish in zip(models, wishes, strict=True)
        )
    )
    quorum = majority(model.identity.vendor for model in models)
    return CouncilAnswer(
        pair=pair,
        decisions=tuple(decisions),
        consensus=reach_consensus(decisions, quorum=quorum, gate=gate),
        prompt_version=prompt.version,
    )


def _wish(caller: Caller, model: Model, *, prompt: Prompt) -> CallWish:
    """The wish of a question that no other run shares."""
    asked = f"{caller.user.user_id}:{caller.now.isoformat()}"
    return CallWish(
        call_id=f"ask:{asked}:{model.identity.name}:{prompt.digest}",
        model=model.identity,
        bound_usd=model.compute_bound(prompt),
    )


async def _reserve(caller: Caller, wishes: Sequence[CallWish], *, pair: Pair) -> frozenset[str]:
    key = CycleKey(user_id=caller.user.user_id, pair=pair, cycle_time=caller.now)
    async with caller.tenant() as tenant:
        reservation = await tenant.spend.reserve(
            key, wishes=wishes, caps=BudgetSettings().caps, quorum=ANY_SEAT, at=caller.now
        )
    return reservation.call_ids


async def _ask(caller: Caller, model: Model, *, wish: CallWish, prompt: Prompt) -> Decision:
    """One answer, paid for and kept; an exception costs the reserved maximum."""
    if wish.bound_usd:
        async with caller.operator() as operator:
            await operator.spend.mark_sent(wish.call_id, at=caller.now)
    (decision,) = await asyncio.gather(model.ask(prompt), return_exceptions=True)
    if isinstance(decision, BaseException):
        return _abstain(model, prompt, abstention=Abstention.UNAVAILABLE)
    entry = record_exchange(prompt, decision, now=caller.now)
    async with caller.operator() as operator:
        if wish.bound_usd:
            cost = decision.usage.cost_usd
            await operator.spend.settle_call(wish.call_id, cost_usd=cost, at=caller.now)
        if entry is not None:
            await operator.cassette.add(entry)
    return replace(decision, exchange=None)


async def _refuse(model: Model, prompt: Prompt) -> Decision:
    return _abstain(model, prompt, abstention=Abstention.BUDGET)


def _abstain(model: Model, prompt: Prompt, *, abstention: Abstention) -> Decision:
    return Decision(
        model=model.identity,
        proposal=None,
        abstention=abstention,
        prompt_hash=prompt.digest,
        prompt_version=prompt.version,
    )


async def _collect(market: MarketData, *, pair: Pair, as_of: datetime) -> MarketSnapshot:
    fetch = partial(market.fetch_candles, pair, limit=CANDLE_LIMIT, as_of=as_of)
    series = await asyncio.gather(*(fetch(interval) for interval in Interval))
    return MarketSnapshot(
        venue=market.venue,
        pair=pair,
        source=market.source,
        as_of=as_of,
        ticker=await market.fetch_ticker(pair, as_of=as_of),
        book=await market.fetch_order_book(pair, as_of=as_of),
        funding=await market.fetch_funding_rate(pair, as_of=as_of),
        candles=dict(zip(Interval, series, strict=True)),
        open_interest=await _look_at_interest(market, pair=pair, as_of=as_of),
    )


async def _look_at_interest(
    market: MarketData, *, pair: Pair, as_of: datetime
) -> OpenInterest | None:
    """Open interest, which no answer needs; None without an answer."""
    try:
        return await market.fetch_open_interest(pair, as_of=as_of)
    except QuorumError:
        return None
