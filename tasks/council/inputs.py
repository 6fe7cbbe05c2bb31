"""Evidence: everything a cycle has gathered before it decides, and what keeps it from deciding.

look, news, books -> Evidence -+-> build_question -> Prompt
                               +-> summarize_market -> receipt
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tasks.orders.position_sync import Books
from tasks.runtime.caching import MarketLook, Unavailable
from trading.council.prompts import Prompt, build_facts, build_prompt, view_position
from trading.cycle import CycleOutcome, MarketSummary
from trading.news.items import NewsDigest


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """Why a cycle can't decide anything; `reason` is a sentence for people."""

    outcome: CycleOutcome
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one cycle knows."""

    look: MarketLook | Unavailable
    books: Books | Unavailable
    news: NewsDigest

    @property
    def blocker(self) -> Blocker | None:
        """What keeps the cycle from deciding; None when nothing does."""
        if isinstance(self.look, Unavailable):
            return Blocker(
                outcome=CycleOutcome.SKIPPED, reason=f"No market data: {self.look.sentence}"
            )
        if isinstance(self.books, Unavailable):
            return Blocker(
                outcome=CycleOutcome.SKIPPED,
                reason=f"The account could not be read: {self.books.sentence}",
            )
        if self.look.findings:
            return Blocker(
                outcome=CycleOutcome.HELD, reason=f"Bad market data, hold: {self.look.findings[0]}"
            )
        return None

    @property
    def sure(self) -> tuple[MarketLook, Books]:
        """The look and the books of a cycle that nothing blocks. Raises ValueError otherwise."""
        if isinstance(self.look, Unavailable) or isinstance(self.books, Unavailable):
            raise ValueError("a blocked cycle has no complete evidence")
        return self.look, self.books


def build_question(evidence: Evidence) -> Prompt:
    """What the council is asked. Raises ValueError when the cycle is blocked."""
    look, books = evidence.sure
    snapshot = look.snapshot
    view = view_position(
        books.position, mark_price=snapshot.ticker.mark_price, as_of=snapshot.as_of
    )
    return build_prompt(build_facts(snapshot, look.indicators, news=evidence.news), view)


def summarize_market(evidence: Evidence, *, as_of: datetime) -> MarketSummary | None:
    """What the receipt keeps of the look, with ages as of `as_of`; None without one."""
    if isinstance(evidence.look, Unavailable):
        return None
    snapshot = evidence.look.snapshot
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
        findings=evidence.look.findings,
    )


def _age(looked_at: datetime, as_of: datetime) -> Decimal:
    return Decimal(str(round((as_of - looked_at).total_seconds(), 1)))
