"""`quorum stats`: results of a pair, beside doing nothing and beside buying and holding.

commands.stats -> PairReport -> a table, JSON, a PNG

Results count from the time when the pair was added; a pair that was removed and added again has a
new record.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from cli.base.output import JsonOption, UserOption, print_json, print_table, show_money, show_ratio
from cli.base.user_session import run_command
from cli.commands.scorecard import MODELS, show_scorecard
from trading.domain.errors import BadInput
from trading.domain.fees import PaidFee
from trading.domain.units import ZERO, Pair
from trading.reporting.pair_report import PairReport

commands = typer.Typer()


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """JSON object of a pair; quote units, ratios 0..1."""

    pair: Pair
    cycles: int
    capital: Decimal
    equity: Decimal
    net_pnl: Decimal
    hold_pnl: Decimal
    buy_and_hold_pnl: Decimal
    drawdown: Decimal
    max_drawdown: Decimal
    fees: Decimal
    funding: Decimal
    trades: int
    wins: int
    losses: int
    win_rate: Decimal | None
    profit_factor: Decimal | None
    best_trade: Decimal | None
    worst_trade: Decimal | None
    average_holding_seconds: float | None
    other_fees: tuple[PaidFee, ...]


@commands.command()
def stats(
    pair: Annotated[
        str, typer.Argument(metavar="[PAIR|all|models]", help="All when left out.")
    ] = "",
    png: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also draw the equity curve of a pair.")
    ] = None,
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show how your pairs, or the models, have done, beside doing nothing and buy-and-hold."""
    if pair.strip().lower() == MODELS:
        show_scorecard(user, as_json=as_json)
        return
    from commands.stats import load_reports

    reports = run_command(user, lambda one: load_reports(one, pair))
    if png is not None:
        _draw(reports, png.absolute())
    summaries = [summarize(report) for report in reports]
    if as_json:
        print_json({"pairs": summaries, "png": str(png.absolute()) if png else None})
        return
    _show(summaries)
    if png is not None:
        print(f"Drew {png.absolute()}.")


def summarize(report: PairReport) -> Summary:
    """The figures of a report; before the first cycle the equity is the capital."""
    latest, trades = report.latest, report.statistics
    held = trades.average_holding
    return Summary(
        pair=report.config.pair,
        cycles=len(report.portfolios),
        capital=report.config.capital,
        equity=latest.equity if latest else report.config.capital,
        net_pnl=latest.net_pnl if latest else ZERO,
        hold_pnl=latest.hold_pnl if latest else ZERO,
        buy_and_hold_pnl=latest.buy_and_hold_pnl if latest else ZERO,
        drawdown=latest.drawdown if latest else ZERO,
        max_drawdown=trades.max_drawdown,
        fees=latest.fees if latest else ZERO,
        funding=latest.funding if latest else ZERO,
        trades=trades.trades,
        wins=trades.wins,
        losses=trades.losses,
        win_rate=trades.win_rate,
        profit_factor=trades.profit_factor,
        best_trade=trades.best_trade,
        worst_trade=trades.worst_trade,
        average_holding_seconds=held.total_seconds() if held is not None else None,
        other_fees=report.other_fees,
    )


def _show(summaries: list[Summary]) -> None:
    print_table(
        "How it went",
        columns=(
            "pair", "equity>", "net PnL>", "HOLD>", "buy & hold>", "drawdown>", "deepest>",
            "fees>", "trades>", "won>",
        ),
        rows=[
            (
                str(one.pair),
                show_money(one.equity),
                show_money(one.net_pnl, signed=True),
                show_money(one.hold_pnl, signed=True),
                show_money(one.buy_and_hold_pnl, signed=True),
                show_ratio(one.drawdown),
                show_ratio(one.max_drawdown),
                show_money(one.fees),
                str(one.trades),
                show_ratio(one.win_rate),
            )
            for one in summaries
        ],
    )  # fmt: skip
    for one in summaries:
        for fee in one.other_fees:
            print(
                f"Fees of {one.pair} include {show_money(fee.value)} {one.pair.quote} paid as "
                f"{fee.amount} {fee.asset}."
            )
    print("Net of fees and funding; an open position counts at the last cycle's mark price.")


def _draw(reports: tuple[PairReport, ...], png: Path) -> None:
    from reports.equity_curve import draw_report

    if len(reports) != 1:
        raise BadInput("Name one pair to draw: quorum stats BTC/USDT --png FILE.")
    if not reports[0].portfolios:
        raise BadInput(f"There is no finished cycle of {reports[0].config.pair} to draw yet.")
    draw_report(reports[0], png)
