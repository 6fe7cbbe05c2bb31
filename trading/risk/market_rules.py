"""Rules about the market before an entry: correct, fresh and tradable data.

A missing or stale reference is a denial, never a skipped check.
"""

from collections.abc import Sequence
from decimal import Decimal

from trading.domain.units import ZERO, sum_money
from trading.market.snapshot import BookLevel
from trading.risk.context import RISK_INTERVAL, RiskInput
from trading.risk.limits import RiskLimits
from trading.risk.results import DenialReason, RuleResult, judge

BOOK_REACH_RATIO = Decimal("0.005")
"""How far from the best price a resting order still counts as being there for us."""


def check_market_quality(inputs: RiskInput, _limits: RiskLimits) -> RuleResult:
    """The quality check of the candles objected to nothing."""
    findings = inputs.market.findings
    return judge(
        "market_quality",
        passes=not findings,
        code=DenialReason.BAD_MARKET_DATA,
        findings=len(findings),
        **({"first": findings[0]} if findings else {}),
    )


def check_market_freshness(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """Quote and book are fresh; a time in the future is as wrong as an old time."""
    quotes = [inputs.market.ticker.as_of]
    if inputs.market.book is not None:
        quotes.append(inputs.market.book.as_of)
    age = max(abs(inputs.as_of - quoted_at) for quoted_at in quotes)
    return judge(
        "market_freshness",
        passes=age <= limits.max_market_age,
        code=DenialReason.STALE_MARKET_DATA,
        age_seconds=age.total_seconds(),
        limit=limits.max_market_age.total_seconds(),
    )


def check_instrument_rules(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """Steps and minima were read lately enough to be the venue's."""
    age = inputs.as_of - inputs.instrument.fetched_at
    return judge(
        "instrument_rules",
        passes=age <= limits.max_rules_age,
        code=DenialReason.STALE_RULES,
        age_hours=round(age.total_seconds() / 3600, 1),
        limit=limits.max_rules_age.total_seconds() / 3600,
    )


def check_order_book(inputs: RiskInput, _limits: RiskLimits) -> RuleResult:
    """The order book exists and has both sides."""
    book = inputs.market.book
    return judge(
        "order_book",
        passes=book is not None and bool(book.bids) and bool(book.asks),
        code=DenialReason.BOOK_MISSING,
        bids=len(book.bids) if book else 0,
        asks=len(book.asks) if book else 0,
    )


def check_liquidity(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """Enough rests near the best price on both sides: accounts are drained in thin books."""
    book = inputs.market.book
    depth = min(compute_depth(book.bids), compute_depth(book.asks)) if book else ZERO
    return judge(
        "liquidity",
        # An empty side is the rule above's to deny.
        passes=depth == 0 or depth >= limits.min_book_notional,
        code=DenialReason.BOOK_TOO_THIN,
        depth=depth,
        limit=limits.min_book_notional,
    )


def compute_depth(levels: Sequence[BookLevel]) -> Decimal:
    """Resting quote units within `BOOK_REACH_RATIO` of the first (best) level; 0 for no level."""
    if not levels:
        return ZERO
    best = levels[0].price
    near = [level for level in levels if abs(level.price - best) <= best * BOOK_REACH_RATIO]
    return sum_money(level.price * level.quantity for level in near)


def check_spread(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """Bid and ask are close enough to trade."""
    spread = inputs.market.ticker.spread_ratio
    return judge(
        "spread",
        passes=spread <= limits.max_spread_ratio,
        code=DenialReason.SPREAD_TOO_WIDE,
        spread_ratio=spread,
        limit=limits.max_spread_ratio,
    )


def check_price_agreement(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """Last, mark and book price, three independent sources, are near the quote."""
    ticker = inputs.market.ticker
    witnesses = {"last_price": ticker.last_price, "mark_price": ticker.mark_price}
    book = inputs.market.book
    if book is not None and book.bids and book.asks:
        witnesses["book_price"] = (book.bids[0].price + book.asks[0].price) / 2
    mid = ticker.mid_price
    deviation = max(abs(price - mid) for price in witnesses.values()) / mid
    return judge(
        "price_agreement",
        passes=deviation <= limits.max_price_deviation_ratio,
        code=DenialReason.PRICE_DEVIATION,
        deviation_ratio=deviation,
        limit=limits.max_price_deviation_ratio,
        mid_price=mid,
        **witnesses,
    )


def check_bollinger_width(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """The Bollinger width is within the limit; an unknown width is denied."""
    width = inputs.market.bollinger_width_ratio
    if width is None:
        return _deny_missing("bollinger_width")
    return judge(
        "bollinger_width",
        passes=width <= limits.max_bollinger_width_ratio,
        code=DenialReason.BOLLINGER_TOO_WIDE,
        width_ratio=width,
        limit=limits.max_bollinger_width_ratio,
    )


def check_volatility(inputs: RiskInput, _limits: RiskLimits) -> RuleResult:
    """The average true range is known, as required by the sizing."""
    atr_ratio = inputs.market.atr_ratio
    if atr_ratio is None:
        return _deny_missing("volatility")
    return judge(
        "volatility", passes=True, code=DenialReason.INDICATOR_MISSING, atr_ratio=atr_ratio
    )


def _deny_missing(rule: str) -> RuleResult:
    return judge(
        rule, passes=False, code=DenialReason.INDICATOR_MISSING, interval=RISK_INTERVAL.value
    )


def check_funding(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """The next settlement does not cost the position too much; receiving is always fine."""
    funding = inputs.market.funding
    cost = funding.rate * inputs.side.sign if funding else ZERO
    return judge(
        "funding",
        passes=cost <= limits.max_funding_ratio,
        code=DenialReason.FUNDING_TOO_HIGH,
        cost_ratio=cost if funding else "unknown",
        limit=limits.max_funding_ratio,
    )
