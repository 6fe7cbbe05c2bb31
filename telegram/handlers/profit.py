"""/profit: whether live profit is moved to the person's own funding wallet. Off until he says so.

VENUE on|off -> account's setting, audited -> the key is checked again by the next look at keys
"""

from telegram.request.request import Answer, Ask, Verb
from telegram.views.dialogs.connect import render_not_connected
from telegram.views.help import render_usage
from telegram.views.reports.profit import render_profit, render_profit_changed
from trading.requests import parse_venue

SWITCHES = {"on": True, "off": False}


async def profit(ask: Ask) -> Answer:
    """Show what is done with profit at each venue, or change it."""
    if not ask.words:
        return await _show(ask)
    if len(ask.words) != 2 or ask.words[1].lower() not in SWITCHES:
        return render_usage("profit", language=ask.language)
    venue, is_moved = parse_venue(ask.words[0]), SWITCHES[ask.words[1].lower()]
    async with ask.tenant() as tenant:
        if not await tenant.accounts.set_moves_profit(venue, moves_profit=is_moved):
            return render_not_connected(venue, language=ask.language)
        await tenant.accounts.put_check_off(venue, until=ask.now)
        detail = {"venue": str(venue), "moves_profit": str(is_moved).lower()}
        await tenant.audit.append(ask.actor, action="set_profit", detail=detail, now=ask.now)
    return render_profit_changed(venue, is_moved=is_moved, language=ask.language)


async def _show(ask: Ask) -> Answer:
    async with ask.tenant() as tenant:
        accounts = await tenant.accounts.list_accounts()
        standings = {one.venue: await tenant.accounts.load_standing(one.venue) for one in accounts}
    moved = {venue: bool(one and one.moves_profit) for venue, one in standings.items()}
    return render_profit(moved, language=ask.language)


VERBS = (Verb(name="profit", run=profit),)
