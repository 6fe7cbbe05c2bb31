"""What stands and what was done: open positions and executions.

OpenPosition ..., Trade ... -> Reply
"""

# ruff: noqa: RUF001  (Russian letters look like Latin ones: here they are meant)

from collections.abc import Sequence

from commands.positions import OpenPosition, Trade
from telegram.views.formatting import (
    day_hour,
    gain,
    money,
    order_side,
    price,
    show_mode,
    side,
    unit,
)
from telegram.views.message import Button, Reply, bold, build_reply, join_lines, speak
from trading.domain.accounts import Language
from trading.reporting.formatting import show_instant


def render_positions(found: Sequence[OpenPosition], *, language: Language) -> Reply:
    """Open positions, each with a button that asks to close it."""
    if not found:
        return build_reply(
            speak(language, en="No open positions.", ru="Открытых позиций нет."),
            language=language,
        )
    marked = max((one.marked_at for one in found if one.marked_at), default=None)
    of = show_instant(marked) if marked else ""
    return build_reply(
        bold(speak(language, en="Open positions", ru="Открытые позиции")),
        *(_describe(one, language) for one in found),
        speak(
            language,
            en=f"Prices are those of the last cycle, {of}.",
            ru=f"Цены — на последний цикл, {of}.",
        )
        if of
        else "",
        language=language,
        buttons=tuple((_ask_to_close(one, language),) for one in found[:12]),
    )


def render_trades(found: Sequence[Trade], *, language: Language) -> Reply:
    """Executions, newest first as they come."""
    if not found:
        return build_reply(
            speak(language, en="No executions yet.", ru="Сделок пока не было."),
            language=language,
        )
    title = bold(speak(language, en="Latest executions", ru="Последние исполнения"))
    return build_reply(
        title, *(_describe_trade(one, language) for one in found), language=language
    )


def _describe(one: OpenPosition, language: Language) -> str:
    held = one.position
    currency = unit(held.pair, one.mode)
    size = f"{side(held.side, language=language)} {price(held.quantity)} {held.pair.base}"
    since = day_hour(held.opened_at, language=language)
    entry, mark = price(held.average_entry_price), price(one.mark_price)
    now = None if one.mark_price is None else held.unrealized_pnl(mark_price=one.mark_price)
    stop, target = price(held.stop_price), price(held.target_price)
    bare = speak(language, en="⚠️ <b>no stop</b>", ru="⚠️ <b>без стопа</b>")
    return join_lines(
        f"{bold(str(held.pair))} · {show_mode(one.mode)} · {size}",
        speak(language, en=f"from {entry}", ru=f"вход {entry}")
        if now is None
        else speak(
            language,
            en=f"from {entry}, now {mark}: {gain(now, language=language)} {currency}",
            ru=f"вход {entry}, сейчас {mark}: {gain(now, language=language)} {currency}",
        ),
        bare
        if held.stop_price is None
        else speak(
            language,
            en=f"stop {stop}, target {target}, leverage {held.leverage:g}",
            ru=f"стоп {stop}, цель {target}, плечо {held.leverage:g}",
        ),
        speak(language, en=f"since {since}", ru=f"с {since}"),
    )


def _describe_trade(one: Trade, language: Language) -> str:
    fill = one.fill
    done = order_side(fill.side, language=language)
    at = day_hour(fill.filled_at, language=language)
    forced = speak(language, en=" (liquidation)", ru=" (ликвидация)")
    fee = f"{money(fill.fee, language=language)} {unit(fill.pair, one.mode)}"
    return join_lines(
        f"{at} · {bold(str(fill.pair))} · {show_mode(one.mode)}",
        speak(
            language,
            en=f"{done} {price(fill.quantity)} at {price(fill.fill_price)}, fee {fee}",
            ru=f"{done} {price(fill.quantity)} по {price(fill.fill_price)}, комиссия {fee}",
        )
        + (forced if fill.is_liquidation else ""),
    )


def _ask_to_close(one: OpenPosition, language: Language) -> Button:
    pair = str(one.position.pair)
    return Button(
        label=speak(language, en=f"Close {pair} …", ru=f"Закрыть {pair} …"),
        action="ask_close",
        argument=pair,
    )
