"""Status overview: money, positions, breakers, the last cycle and the next.

StatusView -> Reply

The overview asks no venue: equity and marks come from the last cycle, with the time of the cycle.
"""

from datetime import datetime

from commands.status import PairStatus, StatusView
from reports.texts.catalog import render, say
from telegram.views.formatting import (
    breaker_cause,
    gain,
    hour,
    money,
    outcome,
    price,
    show_mode,
    show_pause,
    side,
    trading_state,
    unit,
)
from telegram.views.message import Button, Reply, Rows, bold, build_reply, join_lines, quote
from telegram.views.reports.pairs import render_no_pairs
from telegram.views.reports.receipt import tell_cycle
from trading.cycle import CycleRecord
from trading.domain.accounts import Language, PairConfig
from trading.domain.units import CYCLE_INTERVAL, TradingState, floor_time
from trading.reporting.formatting import show_instant
from trading.risk.circuit_breaker import Breaker

MAX_PAIRS = 12
MAX_REASON_CHARACTERS = 160


def render_status(view: StatusView, *, language: Language) -> Reply:
    """The answer to "how am I doing"."""
    if not view.pairs:
        return render_no_pairs(language=language)
    return build_reply(
        _describe_all(view, language),
        *(_describe(one, view.now, language) for one in view.pairs[:MAX_PAIRS]),
        _say_rest(len(view.pairs) - MAX_PAIRS, language),
        language=language,
        buttons=_buttons(language),
    )


def _describe_all(view: StatusView, language: Language) -> str:
    title = say(language, "common-status")
    return join_lines(
        f"{bold(title)} · {show_instant(view.now)}",
        trading_state(view.state, language=language).capitalize()
        if view.state is TradingState.ACTIVE
        else f"⚠️ <b>{trading_state(view.state, language=language)}</b>",
        _describe_breaker(view.breaker, language, for_all=True),
    )


def _describe(one: PairStatus, now: datetime, language: Language) -> str:
    config = one.config
    state = show_pause(config, language=language)
    currency = unit(config.pair, config.mode)
    equity, net = money(one.equity, language=language), gain(one.net_pnl, language=language)
    return join_lines(
        f"{bold(str(config.pair))} · {show_mode(config.mode)} · {state}",
        say(language, "status-equity", equity=equity, currency=currency, net=net),
        _describe_position(one, language),
        _describe_breaker(one.breaker, language, for_all=False),
        _describe_doubt(one.orders_in_doubt, language),
        _describe_last(one.last, language),
        _describe_next(config, now, language),
    )


def _describe_position(one: PairStatus, language: Language) -> str:
    held = one.position
    if held is None or held.quantity == 0:
        return say(language, "common-position-flat")
    currency = unit(one.config.pair, one.config.mode)
    size = f"{side(held.side, language=language)} {price(held.quantity)} {held.pair.base}"
    entry, stop = price(held.average_entry_price), price(held.stop_price)
    open_gain = (
        ""
        if one.mark_price is None
        else f", {gain(held.unrealized_pnl(mark_price=one.mark_price), language=language)} "
        f"{currency}"
    )
    protected = (
        say(language, "status-stop", stop=stop)
        if held.stop_price is not None
        else say(language, "common-no-stop")
    )
    return say(
        language,
        "status-position",
        size=size,
        entry=entry,
        open_gain=open_gain,
        protected=protected,
    )


def _describe_breaker(breaker: Breaker, language: Language, *, for_all: bool) -> str:
    if not breaker.is_open or breaker.until is None:
        return "" if for_all else say(language, "status-breaker-closed")
    cause = breaker_cause(breaker.code, language=language)
    until = show_instant(breaker.until)
    scope = f" {say(language, 'status-breaker-for-all')}" if for_all else ""
    return say(language, "status-breaker-open", scope=scope, until=until, cause=cause)


def _describe_doubt(count: int, language: Language) -> str:
    if not count:
        return ""
    return say(language, "status-orders-in-doubt", count=count)


def _describe_last(last: CycleRecord | None, language: Language) -> str:
    if last is None:
        return say(language, "status-no-cycle")
    word = outcome(last.outcome, language=language)
    why = tell_cycle(last, language=language)
    short = (
        why
        if len(why) <= MAX_REASON_CHARACTERS
        else quote(render(last.reason, language=language), limit=150)
    )
    at = hour(last.key.cycle_time)
    return say(language, "status-last-cycle", at=at, word=word, short=short)


def _describe_next(config: PairConfig, now: datetime, language: Language) -> str:
    if config.is_paused_in_prefect:
        return say(language, "status-next-cycle-paused-in-prefect")
    if config.is_paused:
        return say(language, "status-next-cycle-paused")
    at = hour(floor_time(now, CYCLE_INTERVAL) + CYCLE_INTERVAL)
    return say(language, "status-next-cycle", at=at)


def _say_rest(count: int, language: Language) -> str:
    if count <= 0:
        return ""
    return say(language, "status-more-pairs", count=count)


def _buttons(language: Language) -> Rows:
    return (
        (
            Button(label=say(language, "status-refresh"), action="status"),
            Button(label=say(language, "common-why"), action="why"),
            Button(label=say(language, "common-stats"), action="stats"),
        ),
    )
