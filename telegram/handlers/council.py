"""Commands of the operator about the council: the table of the seats, one question to all seats.

command -> commands.council.flows (a flow in a worker) -> view
"""

from commands.council.flows import ask_by_flow, list_seats_by_flow
from telegram.request.request import Answer, Ask, Verb
from telegram.views.help import render_usage
from telegram.views.reports.council import render_council_answer, render_seats
from trading.domain.units import Pair


async def show_seats(ask: Ask) -> Answer:
    """Show every seat: model, maker, price, state at the vendor, votes."""
    return render_seats(await list_seats_by_flow(ask), language=ask.language)


async def ask_council(ask: Ask) -> Answer:
    """Ask the council about a pair once."""
    if not ask.argument:
        return render_usage("ask", language=ask.language)
    answer = await ask_by_flow(ask, Pair.parse(ask.argument))
    return render_council_answer(answer, language=ask.language)


VERBS = (
    Verb(name="seats", run=show_seats, is_for_admins=True),
    Verb(name="ask", run=ask_council, is_for_admins=True),
)
