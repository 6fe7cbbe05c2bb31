"""/adopt: a question, then the command.

question -> button -> commands.positions
"""

from commands import positions
from telegram.request.request import Answer, Ask, Verb
from telegram.views.dialogs.confirmations import render_adopt_begun, render_adopt_question
from telegram.views.help import render_usage
from trading.domain.units import Pair


async def adopt(ask: Ask) -> Answer:
    """Take over a position that Quorum did not open."""
    if len(ask.words) != 1:
        return render_usage("adopt", language=ask.language)
    pair = Pair.parse(ask.argument)
    if not ask.is_confirmed:
        return render_adopt_question(await positions.load_offer(ask, pair), language=ask.language)
    return render_adopt_begun(await positions.adopt(ask, pair), language=ask.language)


VERBS = (Verb(name="adopt", run=adopt),)
