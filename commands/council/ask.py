"""The council's present view of a pair: one question to every seat; nothing is traded or stored.

market, models (ports) -> ask_council -> CouncilAnswer
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from trading.council.consensus import Consensus, majority, reach_consensus
from trading.council.decisions import Abstention, Decision
from trading.council.prompts import build_facts, build_prompt, name_edition
from trading.domain.units import Pair, sum_money
from trading.indicators.formulas import compute_indicators
from trading.market.candles import Interval
from trading.market.snapshot import MarketSnapshot
from trading.news.items import NewsDigest
from trading.ports import MarketData, Model
from trading.risk.limits import RiskLimits

CANDLE_LIMIT = 300
"""Candles per interval, as a cycle collects them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CouncilAnswer:
    """
    What the council says of a pair now.

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
    models: Sequence[Model], *, market: MarketData, pair: Pair, as_of: datetime
) -> CouncilAnswer:
    """
    Ask every model once, as a cycle without a position and without news would.

    Raises:
        QuorumError: when the market data can't be collected.
    """
    snapshot = await _collect(market, pair=pair, as_of=as_of)
    indicators = {i: compute_indicators(s) for i, s in snapshot.candles.items() if s.candles}
    prompt = build_prompt(build_facts(snapshot, indicators, news=NewsDigest()), None)
    asked = await asyncio.gather(*(model.ask(prompt) for model in models), return_exceptions=True)
    decisions = tuple(
        answer
        if isinstance(answer, Decision)
        else Decision(
            model=model.identity,
            proposal=None,
            abstention=Abstention.UNAVAILABLE,
            detail="failed unexpectedly",
        )
        for model, answer in zip(models, asked, strict=True)
    )
    quorum = majority(model.identity.vendor for model in models)
    return CouncilAnswer(
        pair=pair,
        decisions=decisions,
        consensus=reach_consensus(decisions, quorum=quorum, limits=RiskLimits()),
        prompt_version=name_edition(prompt),
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
    )
