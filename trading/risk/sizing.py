"""Sizing: the permitted loss decides the quantity; every cap can only reduce the quantity.

    equity, stop distance, volatility -> wish -> cap, cap, cap ... -> step -> TradePlan or a denial

Every division and multiplication rounds towards zero, so rounding of the 28th digit never lifts an
amount over a cap.

The wanted notional loses `risk_per_trade_ratio` of the equity between the entry and the stop, fees
of both ways included. Prices jump over a stop closer than the average true range, so the range
replaces a smaller distance. The leverage set at the venue is the smallest whole leverage with a
margin within the balance: the smallest leverage has the farthest liquidation price.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_FLOOR, Context, Decimal, localcontext

from trading.domain.instruments import Instrument
from trading.domain.units import HUNDRED, ZERO, PositionSide, Side
from trading.market.snapshot import Ticker
from trading.risk.caps import CAPS, Entry
from trading.risk.context import RiskInput
from trading.risk.limits import RiskLimits
from trading.risk.margin import choose_leverage, find_safe_leverage
from trading.risk.market_rules import compute_depth
from trading.risk.results import DenialReason, RuleResult, TradePlan, Verdict, judge, show_figure

TOWARDS_ZERO = Context(prec=28, rounding=ROUND_DOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """A plan within every limit, or None with the denying rule; results of all rules asked."""

    plan: TradePlan | None
    results: tuple[RuleResult, ...]


def size_entry(inputs: RiskInput, *, limits: RiskLimits) -> Sizing:
    """
    Turn an entry into quantity, prices and leverage within every limit.

    Raises:
        ValueError: without a stop, a target, a known volatility or a book: the rules about the
            missing values have to be asked first.
    """
    with localcontext(TOWARDS_ZERO):
        return _size(_build_entry(inputs, limits))


def _build_entry(inputs: RiskInput, limits: RiskLimits) -> Entry:
    stop_pct, target_pct = inputs.consensus.stop_pct, inputs.consensus.target_pct
    atr_ratio, book = inputs.market.atr_ratio, inputs.market.book
    if stop_pct is None or target_pct is None or atr_ratio is None or book is None:
        raise ValueError("an entry can't be sized without its stop, target, volatility and book")
    ticker, instrument = inputs.market.ticker, inputs.instrument
    is_long = inputs.side is PositionSide.LONG
    stop_ratio = stop_pct / HUNDRED
    allowed_leverage = min(limits.max_leverage, instrument.max_leverage)
    return Entry(
        inputs=inputs,
        limits=limits,
        side=inputs.side,
        price=find_entry_price(ticker, side=inputs.side),
        stop_ratio=stop_ratio,
        target_ratio=target_pct / HUNDRED,
        loss_ratio=max(stop_ratio, atr_ratio) + 2 * instrument.taker_fee_rate,
        depth=compute_depth(book.asks if is_long else book.bids),
        max_leverage=allowed_leverage.to_integral_value(rounding=ROUND_FLOOR),
    )


def _size(entry: Entry) -> Sizing:
    entry, liquidation = _check_liquidation_distance(entry)
    if liquidation.verdict is Verdict.DENIED:
        return Sizing(plan=None, results=(liquidation,))
    notional = _wish(entry)
    results = [liquidation, _show_wish(entry, notional)]
    for rule, code, compute in CAPS:
        cap = compute(entry)
        results.append(_apply_cap(rule, code=code, notional=notional, cap=cap))
        notional = max(ZERO, min(notional, cap))
    if entry.inputs.consensus.size_share < 1:
        share = notional * entry.inputs.consensus.size_share
        results.append(
            _apply_cap("news_doubt", code=DenialReason.NEWS_DOUBT, notional=notional, cap=share)
        )
        notional = share
    quantity = entry.inputs.instrument.round_quantity(notional / entry.price)
    if not _has_denial(results):
        results += [_check_min_quantity(entry, quantity), _check_min_notional(entry, quantity)]
    stop_price, target_price = round_protection(
        entry.inputs.instrument,
        side=entry.side,
        price=entry.price,
        stop_ratio=entry.stop_ratio,
        target_ratio=entry.target_ratio,
    )
    results.append(_check_protection_prices(entry, stop_price, target_price))
    if _has_denial(results):
        return Sizing(plan=None, results=tuple(results))
    plan = TradePlan(
        side=entry.side,
        quantity=quantity,
        expected_price=entry.price,
        stop_price=stop_price,
        target_price=target_price,
        leverage=choose_leverage(
            quantity * entry.price + entry.inputs.account.reserved_notional,
            available=entry.inputs.account.balance.available,
            max_leverage=entry.max_leverage,
            fee_rate=entry.inputs.instrument.taker_fee_rate,
        ),
    )
    return Sizing(plan=plan, results=tuple(results))


def _has_denial(results: Sequence[RuleResult]) -> bool:
    return any(result.verdict is Verdict.DENIED for result in results)


def _check_liquidation_distance(entry: Entry) -> tuple[Entry, RuleResult]:
    """Lower the leverage until liquidation is `min_liquidation_gap` times as far as the stop."""
    safe = find_safe_leverage(
        side=entry.side,
        max_leverage=entry.max_leverage,
        min_distance_ratio=entry.limits.min_liquidation_gap * entry.stop_ratio,
        maintenance_margin_ratio=entry.inputs.instrument.maintenance_margin_ratio,
    )
    verdict = Verdict.APPROVED
    if safe < entry.max_leverage:
        verdict = Verdict.CLAMPED if safe else Verdict.DENIED
    result = RuleResult(
        rule="liquidation_distance",
        verdict=verdict,
        code="" if verdict is Verdict.APPROVED else DenialReason.STOP_BEYOND_LIQUIDATION,
        figures={
            "leverage": show_figure(entry.max_leverage),
            "limit": show_figure(safe),
            "stop_ratio": show_figure(entry.stop_ratio),
            "gap": show_figure(entry.limits.min_liquidation_gap),
        },
    )
    return replace(entry, max_leverage=safe), result


def _wish(entry: Entry) -> Decimal:
    risked = entry.inputs.account.portfolio.equity * entry.limits.risk_per_trade_ratio
    return max(ZERO, risked / entry.loss_ratio)


def _show_wish(entry: Entry, notional: Decimal) -> RuleResult:
    """Always approved: caps and minima judge the rest of the wanted notional."""
    figures = {
        "equity": entry.inputs.account.portfolio.equity,
        "risk_ratio": entry.limits.risk_per_trade_ratio,
        "loss_ratio": entry.loss_ratio,
        "notional": notional,
    }
    return RuleResult(
        rule="risk_per_trade",
        verdict=Verdict.APPROVED,
        figures={name: show_figure(value) for name, value in figures.items()},
    )


def _apply_cap(rule: str, *, code: DenialReason, notional: Decimal, cap: Decimal) -> RuleResult:
    """Approved within the cap, clamped above the cap, denied by a cap of zero or less."""
    verdict = Verdict.APPROVED
    if notional > cap:
        verdict = Verdict.CLAMPED if cap > 0 else Verdict.DENIED
    return RuleResult(
        rule=rule,
        verdict=verdict,
        code="" if verdict is Verdict.APPROVED else code,
        figures={"notional": show_figure(notional), "limit": show_figure(cap)},
    )


def _check_min_quantity(entry: Entry, quantity: Decimal) -> RuleResult:
    return judge(
        "min_quantity",
        passes=quantity >= entry.inputs.instrument.min_quantity,
        code=DenialReason.QUANTITY_BELOW_MIN,
        quantity=quantity,
        limit=entry.inputs.instrument.min_quantity,
    )


def _check_min_notional(entry: Entry, quantity: Decimal) -> RuleResult:
    """By the lower of expected and mark price: venues measure market orders at mark."""
    notional = quantity * min(entry.price, entry.inputs.market.ticker.mark_price)
    return judge(
        "min_notional",
        passes=notional >= entry.inputs.instrument.min_notional,
        code=DenialReason.NOTIONAL_BELOW_MIN,
        notional=notional,
        limit=entry.inputs.instrument.min_notional,
    )


def find_entry_price(ticker: Ticker, *, side: PositionSide) -> Decimal:
    """The price that a market order of an entry meets first."""
    return ticker.best_ask if side is PositionSide.LONG else ticker.best_bid


def round_protection(
    instrument: Instrument,
    *,
    side: PositionSide,
    price: Decimal,
    stop_ratio: Decimal,
    target_ratio: Decimal,
) -> tuple[Decimal, Decimal]:
    """Stop and target on the tick, both triggering no later than agreed."""
    exit_side: Side = side.exit_side
    stop = price * (1 - side.sign * stop_ratio)
    target = price * (1 + side.sign * target_ratio)
    return (
        instrument.round_stop_price(stop, side=exit_side),
        instrument.round_target_price(target, side=exit_side),
    )


def encloses_prices(
    side: PositionSide, *, stop: Decimal, target: Decimal, prices: Iterable[Decimal]
) -> bool:
    """Whether every price lies between stop and target, so that neither triggers at once."""
    sign = side.sign
    return target > 0 and all(stop * sign < price * sign < target * sign for price in prices)


def _check_protection_prices(entry: Entry, stop: Decimal, target: Decimal) -> RuleResult:
    """Stop and target enclose every trigger price of a venue, so neither triggers at once."""
    ticker = entry.inputs.market.ticker
    prices = (entry.price, ticker.mark_price, ticker.last_price)
    return judge(
        "protection_prices",
        passes=encloses_prices(entry.side, stop=stop, target=target, prices=prices),
        code=DenialReason.PROTECTION_TOO_CLOSE,
        stop_price=stop,
        target_price=target,
        expected_price=entry.price,
        mark_price=ticker.mark_price,
        last_price=ticker.last_price,
    )
