"""Open positions and executions.

OpenPosition ..., Trade ... -> Reply
"""

from collections.abc import Sequence

from commands.positions import OpenPosition, Trade
from reports.texts.catalog import say
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
from telegram.views.message import Button, Reply, bold, build_reply, join_lines
from trading.domain.accounts import Language
from trading.reporting.formatting import show_instant


def render_positions(found: Sequence[OpenPosition], *, language: Language) -> Reply:
    """Open positions, each with a button to close the position."""
    if not found:
        return build_reply(
            say(language, "positions-none"),
            language=language,
        )
    marked = max((one.marked_at for one in found if one.marked_at), default=None)
    of = show_instant(marked) if marked else ""
    return build_reply(
        bold(say(language, "positions-title")),
        *(_describe(one, language) for one in found),
        say(language, "positions-prices-of", of=of) if of else "",
        language=language,
        buttons=tuple((_ask_to_close(one, language),) for one in found[:12]),
    )


def render_trades(found: Sequence[Trade], *, language: Language) -> Reply:
    """Executions in the given order, newest first."""
    if not found:
        return build_reply(
            say(language, "trades-none"),
            language=language,
        )
    title = bold(say(language, "trades-title"))
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
    bare = say(language, "common-no-stop")
    return join_lines(
        f"{bold(str(held.pair))} · {show_mode(one.mode)} · {size}",
        say(language, "positions-from", entry=entry)
        if now is None
        else say(
            language,
            "positions-from-marked",
            entry=entry,
            mark=mark,
            now=gain(now, language=language),
            currency=currency,
        ),
        bare
        if held.stop_price is None
        else say(
            language,
            "positions-protection",
            stop=stop,
            target=target,
            leverage=f"{held.leverage:g}",
        ),
        say(language, "positions-since", since=since),
    )


def _describe_trade(one: Trade, language: Language) -> str:
    fill = one.fill
    done = order_side(fill.side, language=language)
    at = day_hour(fill.filled_at, language=language)
    forced = f" {say(language, 'trades-liquidation')}"
    fee = f"{money(fill.fee, language=language)} {unit(fill.pair, one.mode)}"
    return join_lines(
        f"{at} · {bold(str(fill.pair))} · {show_mode(one.mode)}",
        say(
            language,
            "trades-fill",
            done=done,
            quantity=price(fill.quantity),
            fill_price=price(fill.fill_price),
            fee=fee,
        )
        + (forced if fill.is_liquidation else ""),
    )


def _ask_to_close(one: OpenPosition, language: Language) -> Button:
    pair = str(one.position.pair)
    return Button(
        label=say(language, "positions-close-button", pair=pair),
        action="ask_close",
        argument=pair,
    )
