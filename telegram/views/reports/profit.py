"""Destination of profit: profit stays in the trading account, or moves to the funding wallet.

venue -> is profit moved? -> Reply
"""

from collections.abc import Mapping

from reports.texts.catalog import say
from telegram.views.message import Reply, bold, build_reply, code, join_lines
from trading.domain.accounts import Language
from trading.domain.units import VenueName

RIGHTS: Mapping[VenueName, str] = {
    VenueName.BINANCE: "Permits Universal Transfer",
    VenueName.BYBIT: "Wallet: Account Transfer",
}
"""The one more right that a key needs for it, as the venue calls it."""


def render_profit(moved: Mapping[VenueName, bool], *, language: Language) -> Reply:
    """The setting of each connected venue, and the command to change the setting."""
    on = say(language, "profit-is-moved")
    off = say(language, "profit-stays")
    none = say(language, "profit-no-venue")
    lines = [f"{bold(venue.title())}: {on if is_so else off}" for venue, is_so in moved.items()]
    return build_reply(
        say(language, "profit-explained"),
        join_lines(*lines) or none,
        code("/profit binance on"),
        language=language,
    )


def render_profit_changed(venue: VenueName, *, is_moved: bool, language: Language) -> Reply:
    """The new setting, and the transfer right to add to or remove from the API key."""
    name, right = bold(venue.title()), bold(RIGHTS[venue])
    if not is_moved:
        return build_reply(
            say(language, "profit-now-stays", name=name, right=right),
            language=language,
        )
    return build_reply(
        say(language, "profit-now-moved", name=name, right=right),
        language=language,
    )
