"""How it went: results after every cost, beside doing nothing and beside buying and holding.

PairStats ... -> Reply (text, or the caption of the picture)
"""

from collections.abc import Sequence
from datetime import timedelta

from commands.stats import PairStats
from telegram.views.formatting import age, gain, money, show_mode, unit
from telegram.views.message import (
    MAX_CAPTION_CHARACTERS,
    MAX_TEXT_CHARACTERS,
    Reply,
    bold,
    build_reply,
    join_lines,
    speak,
)
from telegram.views.reports.pairs import render_no_pairs
from trading.domain.accounts import Language
from trading.reporting.formatting import UNKNOWN, show_figure, show_percent


def render_stats(found: Sequence[PairStats], *, language: Language) -> Reply:
    """Every pair's results."""
    return _render(found, limit=MAX_TEXT_CHARACTERS, language=language)


def render_stats_caption(one: PairStats, *, language: Language) -> Reply:
    """The same of one pair, short enough to stand below its picture."""
    return _render([one], limit=MAX_CAPTION_CHARACTERS, language=language)


def _render(found: Sequence[PairStats], *, limit: int, language: Language) -> Reply:
    if not found:
        return render_no_pairs(language=language)
    note = speak(
        language,
        en="After fees and funding; an open position counts at the last cycle's mark price.",
        ru="После комиссий и фандинга; открытая позиция — по маркировочной цене последнего цикла.",
    )
    return build_reply(
        *(_describe(one, language) for one in found), note, language=language, limit=limit
    )


def _describe(one: PairStats, language: Language) -> str:
    pair, mode = one.config.pair, one.config.mode
    latest, trades = one.latest, one.statistics
    head = f"{bold(str(pair))} · {show_mode(mode)}"
    if latest is None:
        yet = speak(language, en="no finished cycle yet", ru="завершённых циклов пока нет")
        return join_lines(head, yet)
    currency = unit(pair, mode)
    net, hold = gain(latest.net_pnl, language=language), gain(latest.hold_pnl, language=language)
    market = gain(latest.buy_and_hold_pnl, language=language)
    equity, capital = money(latest.equity, language=language), one.config.capital
    fees, funding = money(latest.fees, language=language), money(latest.funding, language=language)
    whole = money(capital, language=language)
    return join_lines(
        head,
        speak(
            language,
            en=f"Equity {equity} of {whole} {currency}",
            ru=f"Капитал {equity} из {whole} {currency}",
        ),
        speak(
            language,
            en=f"Net <b>{net}</b> {currency} · HOLD {hold} · buy-and-hold {market} {currency}",
            ru=f"Итог <b>{net}</b> {currency} · ничего не делать {hold} · купить и держать "
            f"{market} {currency}",
        ),
        speak(
            language,
            en=f"Fees {fees} {currency}, funding {funding} {currency}",
            ru=f"Комиссии {fees} {currency}, фандинг {funding} {currency}",
        ),
        speak(
            language,
            en=f"Drawdown {show_percent(latest.drawdown)}, deepest "
            f"{show_percent(trades.max_drawdown)}",
            ru=f"Просадка {show_percent(latest.drawdown)}, наибольшая "
            f"{show_percent(trades.max_drawdown)}",
        ),
        _describe_trades(one, currency, language),
    )


def _describe_trades(one: PairStats, currency: str, language: Language) -> str:
    trades = one.statistics
    if not trades.trades:
        return speak(
            language,
            en=f"No closed trade in {one.cycles} cycles",
            ru=f"Закрытых сделок нет, циклов: {one.cycles}",
        )
    won = show_percent(trades.win_rate, decimals=0)
    best, worst = (
        gain(trades.best_trade, language=language),
        gain(trades.worst_trade, language=language),
    )
    factor = show_figure(trades.profit_factor) if trades.profit_factor is not None else UNKNOWN
    held = age(trades.average_holding or timedelta(0), language=language)
    return join_lines(
        speak(
            language,
            en=f"Closed trades {trades.trades}: won {trades.wins} ({won}), lost {trades.losses}, "
            f"profit factor {factor}",
            ru=f"Закрытых сделок {trades.trades}: в плюс {trades.wins} ({won}), в минус "
            f"{trades.losses}, профит-фактор {factor}",
        ),
        speak(
            language,
            en=f"Best {best}, worst {worst} {currency}; held {held} on average",
            ru=f"Лучшая {best}, худшая {worst} {currency}; в среднем держим {held}",
        ),
    )
