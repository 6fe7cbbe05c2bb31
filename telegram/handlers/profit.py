"""/profit: move live profit to the user's own funding wallet, or show the setting. Off at first.

VENUE on|off -> commands.people.keys -> the next key check verifies the key's rights again
"""

from commands.people import keys
from telegram.request.request import Answer, Ask, Verb
from telegram.views.help import render_usage
from telegram.views.reports.profit import render_profit, render_profit_changed
from trading.requests import parse_venue

SWITCHES = {"on": True, "off": False}


async def profit(ask: Ask) -> Answer:
    """Show the setting of each connected venue, or change the setting of a venue."""
    if not ask.words:
        return render_profit(await keys.load_profit_settings(ask), language=ask.language)
    if len(ask.words) != 2 or ask.words[1].lower() not in SWITCHES:
        return render_usage("profit", language=ask.language)
    venue, is_moved = parse_venue(ask.words[0]), SWITCHES[ask.words[1].lower()]
    await keys.set_moves_profit(ask, venue, is_moved=is_moved, load_keys=ask.services.load_keys)
    return render_profit_changed(venue, is_moved=is_moved, language=ask.language)


VERBS = (Verb(name="profit", run=profit),)
