"""The evidence of a cycle before the decision, and the reasons that block a decision.

market, news, books -> Evidence -+-> build_question -> Prompt
                               +-> summarize_market -> receipt
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tasks.orders.position_sync import Books
from tasks.runtime.caching import MarketAnalysis, Unavailable
from trading.council.prompts import Prompt, build_prompt
from trading.council.question.evidence import build_facts, view_position
from trading.cycle import CycleOutcome, MarketSummary
from trading.domain.messages import Message, message
from trading.news.items import NewsDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """Why a cycle can't decide anything; `reason` is a sentence for people."""

    outcome: CycleOutcome
    reason: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The inputs of a decision."""

    market: MarketAnalysis | Unavailable
    books: Books | Unavailable
    news: NewsDigest

    @property
    def blocker(self) -> Blocker | None:
        """The reason for not deciding; None when the evidence is complete."""
        if isinstance(self.market, Unavailable):
            return Blocker(
                outcome=CycleOutcome.SKIPPED,
                reason=message("cycle-no-market", why=self.market.reason),
            )
        if isinstance(self.books, Unavailable):
            return Blocker(
                outcome=CycleOutcome.SKIPPED,
                reason=message("cycle-no-account", why=self.books.reason),
            )
        if reason := self.books.unknown_reason:
            return Blocker(outcome=CycleOutcome.SKIPPED, reason=reason)
        if self.market.findings:
            return Blocker(
                outcome=CycleOutcome.HELD,
                reason=message("cycle-bad-data", finding=self.market.findings[0]),
            )
        return None

    @property
    def complete(self) -> tuple[MarketAnalysis, Books]:
        """The market and the books of an unblocked cycle. Raises ValueError otherwise."""
        if isinstance(self.market, Unavailable) or isinstance(self.books, Unavailable):
            raise ValueError("a blocked cycle has no complete evidence")
        return self.market, self.books


def build_question(evidence: Evidence) -> Prompt:
    """The question to the council. Raises ValueError when the cycle is blocked."""
    market, books = evidence.complete
    snapshot = market.snapshot
    view = view_position(
        books.position,
        mark_price=snapshot.ticker.mark_price,
        as_of=snapshot.as_of,
        entry_reasons=books.entry_reasons,
    )
    facts = build_facts(
        snapshot,
        market.indicators,
        news=evidence.news,
        instrument=market.instrument,
        leader=market.leader,
    )
    return build_prompt(facts, view)


def summarize_market(evidence: Evidence, *, as_of: datetime) -> MarketSummary | None:
    """The receipt's summary of the market, with data ages at `as_of`; None without market data."""
    if isinstance(evidence.market, Unavailable):
        return None
    snapshot = evidence.market.snapshot
    ticker, book, funding = snapshot.ticker, snapshot.book, snapshot.funding
    looked_at = {
        "ticker": ticker.as_of,
        **({} if book is None else {"book": book.as_of}),
        **({} if funding is None else {"funding": funding.as_of}),
        **{f"candles {i}": s.closes_at for i, s in snapshot.candles.items() if s.closes_at},
    }
    return MarketSummary(
        source=snapshot.source,
        last_price=ticker.last_price,
        mark_price=ticker.mark_price,
        spread_ratio=ticker.spread_ratio,
        book_is_synthetic=None if book is None else book.is_synthetic,
        funding_rate=None if funding is None else funding.rate,
        ages_seconds={name: _age(at, as_of) for name, at in looked_at.items()},
        findings=evidence.market.findings,
    )


def _age(looked_at: datetime, as_of: datetime) -> Decimal:
    return Decimal(str(round((as_of - looked_at).total_seconds(), 1)))
