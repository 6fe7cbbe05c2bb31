"""Results after every cost, beside doing nothing and beside buying and holding.

PairStats ... -> Reply (text, or the caption of the picture)
"""

from collections.abc import Sequence
from datetime import timedelta

from commands.stats import PairStats
from reports.texts.catalog import say
from telegram.views.formatting import age, gain, money, price, show_mode, unit
from telegram.views.message import (
    MAX_CAPTION_CHARACTERS,
    MAX_TEXT_CHARACTERS,
    Reply,
    bold,
    build_reply,
    join_lines,
)
from telegram.views.reports.pairs import render_no_pairs
from trading.domain.accounts import Language
from trading.reporting.formatting import UNKNOWN, show_figure, show_percent


def render_stats(found: Sequence[PairStats], *, language: Language) -> Reply:
    """Every pair's results."""
    return _render(found, limit=MAX_TEXT_CHARACTERS, language=language)


def render_stats_caption(one: PairStats, *, language: Language) -> Reply:
    """Results of a single pair, short enough for a picture's caption."""
    return _render([one], limit=MAX_CAPTION_CHARACTERS, language=language)


def _render(found: Sequence[PairStats], *, limit: int, language: Language) -> Reply:
    if not found:
        return render_no_pairs(language=language)
    note = say(language, "stats-note")
    return build_reply(
        *(_describe(one, language) for one in found), note, language=language, limit=limit
    )


def _describe(one: PairStats, language: Language) -> str:
    pair, mode = one.config.pair, one.config.mode
    latest, trades = one.latest, one.statistics
    head = f"{bold(str(pair))} · {show_mode(mode)}"
    if latest is None:
        yet = say(language, "stats-no-cycle")
        return join_lines(head, yet)
    currency = unit(pair, mode)
    net, hold = gain(latest.net_pnl, language=language), gain(latest.hold_pnl, language=language)
    market = gain(latest.buy_and_hold_pnl, language=language)
    equity, capital = money(latest.equity, language=language), one.config.capital
    fees, funding = money(latest.fees, language=language), money(latest.funding, language=language)
    whole = money(capital, language=language)
    return join_lines(
        head,
        say(language, "stats-equity", equity=equity, whole=whole, currency=currency),
        say(language, "stats-net", net=net, currency=currency, hold=hold, market=market),
        say(language, "stats-costs", fees=fees, currency=currency, funding=funding),
        *(
            say(
                language,
                "stats-other-fees",
                amount=price(fee.amount),
                asset=fee.asset,
                value=money(fee.value, language=language),
                currency=currency,
            )
            for fee in one.other_fees
        ),
        say(
            language,
            "stats-drawdown",
            drawdown=show_percent(latest.drawdown),
            max_drawdown=show_percent(trades.max_drawdown),
        ),
        _describe_trades(one, currency, language),
    )


def _describe_trades(one: PairStats, currency: str, language: Language) -> str:
    trades = one.statistics
    if not trades.trades:
        return say(language, "stats-no-trade", cycles=one.cycles)
    won = show_percent(trades.win_rate, decimals=0)
    best, worst = (
        gain(trades.best_trade, language=language),
        gain(trades.worst_trade, language=language),
    )
    factor = show_figure(trades.profit_factor) if trades.profit_factor is not None else UNKNOWN
    held = age(trades.average_holding or timedelta(0), language=language)
    return join_lines(
        say(
            language,
            "stats-trades",
            trades=trades.trades,
            wins=trades.wins,
            won=won,
            losses=trades.losses,
            factor=factor,
        ),
        say(language, "stats-best-worst", best=best, worst=worst, currency=currency, held=held),
    )
