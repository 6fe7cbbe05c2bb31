"""Pictures of the bot for the README, from made-up values: `python -m tests.telegram.pictures`.

a made-up week of PAPER trading -> the bot's own views -> docs/pictures/telegram-*.png
"""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from commands.stats import summarize
from commands.status import PairStatus, StatusView
from reports.texts.catalog import list_languages
from telegram.delivery.pictures import draw_stats
from telegram.views.reports.receipt import render_why
from telegram.views.reports.stats import render_stats_caption
from telegram.views.reports.status import render_status
from tests.telegram.chat_picture import draw_reply
from tests.telegram.views.view_values import (
    ETH,
    make_closed,
    make_config,
    make_denied_record,
    make_fill,
)
from tests.trading.council_cases import (
    BTC,
    NOW,
    make_entry_record,
    make_news,
    make_position,
    make_vote,
)
from trading.council.consensus import reach_consensus
from trading.council.decisions import Action
from trading.cycle import CycleKey, CycleRecord
from trading.domain.accounts import ENGLISH, Portfolio
from trading.domain.messages import plain
from trading.domain.units import Side, TradingState, VenueName
from trading.news.items import NewsDigest, SentimentScore
from trading.portfolio.performance import EquityPoint, compute_statistics
from trading.reporting.pair_report import PairReport
from trading.risk.circuit_breaker import Breaker

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
CAPITAL = Decimal(1000)
CYCLES = 7 * 48
CENT = Decimal("0.01")
VOTERS = ("trend (offline rules)", "mean reversion (offline rules)", "breakout (offline rules)")


def make_report() -> PairReport:
    """A week whose prices nobody ever paid."""
    portfolios = make_portfolios()
    closed = (make_closed("14.10", hours=40), make_closed("-4.60", hours=90))
    curve = [EquityPoint(as_of=one.as_of, equity=one.equity) for one in portfolios]
    times = (130, 124, 43, 37, 2)
    sides = (Side.SELL, Side.BUY, Side.BUY, Side.SELL, Side.BUY)
    return PairReport(
        config=make_config(created_at=NOW - timedelta(days=7)),
        portfolios=portfolios,
        closed=closed,
        fills=tuple(
            make_fill(side=side, filled_at=NOW - timedelta(hours=hours))
            for side, hours in zip(sides, times, strict=True)
        ),
        statistics=compute_statistics(closed, equity_curve=curve),
        latest_record=make_record(portfolios[-1]),
    )


def make_portfolios() -> tuple[Portfolio, ...]:
    """Flat most of the time, a loss and a gain of some hours, a position at the end."""
    chance = random.Random(11)
    made: list[Portfolio] = []
    equity = peak = CAPITAL
    market = Decimal(0)
    for number in range(CYCLES + 1):
        hours = (CYCLES - number) / 2
        drift = {124 < hours <= 130: -0.4, 37 < hours <= 43: 1.1, hours <= 2: 0.5}.get(True, 0)
        if drift:
            equity += Decimal(drift + chance.gauss(0, 0.35)).quantize(CENT)
        market += Decimal(chance.gauss(-0.02, 2.0)).quantize(CENT)
        peak = max(peak, equity)
        base = make_entry_record().portfolio
        assert base is not None
        made.append(
            replace(
                base,
                as_of=NOW - timedelta(hours=hours),
                capital=CAPITAL,
                equity=equity,
                peak_equity=peak,
                buy_and_hold_pnl=market,
            )
        )
    return tuple(made)


def make_record(portfolio: Portfolio) -> CycleRecord:
    """The entry that the week ends with."""
    said = (
        "EMA 20 above EMA 50 on 1h and 4h, ADX 31.",
        "Price is inside its bands: nothing to fade.",
        "Close above the 20-candle high on twice the volume.",
    )
    actions = (Action.OPEN_LONG, Action.HOLD, Action.OPEN_LONG)
    votes = tuple(
        make_vote(action, name=name, reasons=(words,))
        for action, name, words in zip(actions, VOTERS, said, strict=True)
    )
    record = make_entry_record()
    assert record.market is not None
    return replace(
        record,
        venue=VenueName.BINANCE,
        reason=plain("Bought 0.003 BTC at 84000.1."),
        consensus=reach_consensus(votes),
        decisions=votes,
        market=replace(record.market, findings=()),
        news=NewsDigest(
            items=(make_news("Spot Bitcoin ETFs take in 274 million dollars in a day"),),
            sentiment=SentimentScore(score=Decimal("0.31"), item_count=14),
            warnings=(),
        ),
        portfolio=portfolio,
    )


def make_status(report: PairReport) -> StatusView:
    """Two pairs: one in the market, one that risk kept out."""
    latest = report.portfolios[-1]
    held = PairStatus(
        config=report.config,
        equity=latest.equity,
        net_pnl=latest.net_pnl,
        as_of=NOW,
        position=make_position(opened_at=NOW - timedelta(hours=2)),
        mark_price=Decimal("84612.50"),
        breaker=Breaker(),
        orders_in_doubt=0,
        last=report.latest_record,
    )
    flat = replace(
        held,
        config=make_config(ETH, capital=Decimal(500)),
        equity=Decimal("496.20"),
        net_pnl=Decimal("-3.80"),
        position=None,
        last=replace(
            make_denied_record(),
            key=CycleKey(user_id=report.config.user_id, pair=ETH, cycle_time=NOW),
        ),
    )
    return StatusView(now=NOW, state=TradingState.ACTIVE, breaker=Breaker(), pairs=(held, flat))


async def main() -> None:
    """Draw all of them."""
    report = make_report()
    png = await draw_stats(report)
    assert report.latest_record is not None
    for language in list_languages():
        end = "" if language == ENGLISH else f"-{language}"
        draw_reply(
            FOLDER / f"telegram-status{end}.png",
            render_status(make_status(report), language=language),
            command="/status",
        )
        draw_reply(
            FOLDER / f"telegram-why{end}.png",
            render_why(report.latest_record, language=language),
            command=f"/why {BTC}",
        )
        draw_reply(
            FOLDER / f"telegram-stats{end}.png",
            render_stats_caption(summarize(report), language=language),
            command=f"/stats {BTC}",
            photo=png,
        )


if __name__ == "__main__":
    asyncio.run(main())
