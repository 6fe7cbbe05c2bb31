"""The part of a receipt about money: risk rules, orders, the position, the portfolio.

RiskVerdict, Order ..., Position, Portfolio -> describe_... -> Section
"""

from datetime import datetime

from reports.documents.receipt_layout import Section, Table
from trading.cycle import MarketSummary
from trading.domain.accounts import Portfolio
from trading.domain.fees import PaidFee
from trading.domain.orders import Order
from trading.domain.positions import Position
from trading.domain.units import PositionSide
from trading.reporting.formatting import (
    UNKNOWN,
    show_age,
    show_gain,
    show_money,
    show_percent,
    show_price,
)
from trading.risk.results import RiskVerdict, TradePlan


def describe_risk(risk: RiskVerdict | None) -> Section:
    """Every checked rule with figures, passed rules too; then the resulting plan."""
    if risk is None or not risk.results:
        return Section(title="Risk rules", lines=("No rule was asked: nothing was proposed.",))
    rows = tuple(
        (
            result.rule,
            result.verdict.value,
            result.code or UNKNOWN,
            ", ".join(f"{name} {value}" for name, value in result.figures.items()),
        )
        for result in risk.results
    )
    head = ("rule", "verdict", "code", "figures")
    lines = () if risk.plan is None else (_describe_plan(risk.plan),)
    return Section(title="Risk rules", lines=lines, table=Table(head=head, rows=rows))


def _describe_plan(plan: TradePlan) -> str:
    return (
        f"Plan: {plan.side} {show_price(plan.quantity)} at {show_price(plan.expected_price)} "
        f"({show_money(plan.notional)}), stop {show_price(plan.stop_price)}, "
        f"target {show_price(plan.target_price)}, leverage {plan.leverage}."
    )


def describe_orders(orders: tuple[Order, ...], *, fees: tuple[PaidFee, ...]) -> Section:
    """Orders of this cycle, protective orders included, and the fees of their executions."""
    if not orders:
        return Section(title="Orders", lines=("None.",))
    rows = tuple(
        (
            f"{order.side.value} {order.order_type.value}",
            order.status.value,
            show_price(order.quantity),
            show_price(order.filled_quantity),
            show_price(order.average_fill_price),
            show_price(order.trigger_price),
            "yes" if order.reduce_only else "no",
            order.client_order_id or UNKNOWN,
        )
        for order in orders
    )
    head = ("order", "status", "quantity", "filled", "at", "trigger", "reduce only", "our id")
    lines = (f"Fees paid: {'; '.join(map(_describe_fee, fees))}.",) if fees else ()
    return Section(title="Orders", lines=lines, table=Table(head=head, rows=rows))


def _describe_fee(fee: PaidFee) -> str:
    amount = f"{show_price(fee.amount)} {fee.asset}"
    return amount if fee.amount == fee.value else f"{amount}, booked as {show_money(fee.value)}"


def describe_position(
    position: Position | None, *, market: MarketSummary | None, as_of: datetime
) -> Section:
    """The position after the cycle, with stop and target."""
    if position is None or position.side is PositionSide.FLAT:
        return Section(title="Position", lines=("Flat.",))
    lines = [
        (
            f"{position.side} {show_price(position.quantity)} from "
            f"{show_price(position.average_entry_price)}, "
            f"{show_age(as_of - position.opened_at)} old, leverage {position.leverage}."
        ),
        f"Stop {show_price(position.stop_price)}, target {show_price(position.target_price)}.",
    ]
    if market is not None:
        lines.append(_describe_unrealized(position, market))
    return Section(title="Position", lines=tuple(lines))


def _describe_unrealized(position: Position, market: MarketSummary) -> str:
    gain = position.unrealized_pnl(mark_price=market.mark_price)
    return f"Unrealized {show_gain(gain)} at mark {show_price(market.mark_price)}."


def describe_portfolio(portfolio: Portfolio | None) -> Section:
    """Money, beside the results of doing nothing and of buying and holding."""
    if portfolio is None:
        return Section(title="Portfolio", lines=("Not known in this cycle.",))
    return Section(
        title="Portfolio",
        lines=(
            (
                f"Equity {show_money(portfolio.equity)} of {show_money(portfolio.capital)}: "
                f"realized {show_gain(portfolio.realized_pnl)}, "
                f"unrealized {show_gain(portfolio.unrealized_pnl)}, "
                f"fees {show_money(portfolio.fees)}, funding {show_money(portfolio.funding)}"
                f"{_tell_aside(portfolio)}."
            ),
            (
                f"Net {show_gain(portfolio.net_pnl)} beside HOLD {show_gain(portfolio.hold_pnl)} "
                f"and buy-and-hold {show_gain(portfolio.buy_and_hold_pnl)}."
            ),
            (
                f"Today {show_gain(portfolio.day_pnl)}, "
                f"drawdown {show_percent(portfolio.drawdown)}, "
                f"exposure {show_money(portfolio.exposure)}."
            ),
        ),
    )


def _tell_aside(portfolio: Portfolio) -> str:
    return f", set aside {show_money(portfolio.set_aside)}" if portfolio.set_aside else ""
