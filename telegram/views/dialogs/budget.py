"""Today's cost of the models' answers, and the caps at which models are no longer asked.

BudgetView -> Reply
"""

from commands.people.preferences import BudgetView
from reports.texts.catalog import say
from telegram.views.message import Reply, bold, build_reply, join_lines
from trading.domain.accounts import Language
from trading.domain.units import HUNDRED
from trading.reporting.formatting import show_dollars


def render_budget(view: BudgetView, *, language: Language) -> Reply:
    """Dollars spent and left, and the consequence of an exhausted budget."""
    spent = show_dollars(view.spent_usd)
    return build_reply(
        join_lines(
            bold(say(language, "budget-title")) + f" · {view.day:%Y-%m-%d} UTC",
            say(language, "budget-spent-today", spent=spent),
            _describe_limit(view, language),
        ),
        say(language, "budget-shared"),
        say(language, "budget-when-used-up"),
        language=language,
    )


def _describe_limit(view: BudgetView, language: Language) -> str:
    if view.limit_usd is None:
        return say(language, "budget-no-limit")
    limit = show_dollars(view.limit_usd)
    used = f"{HUNDRED * view.spent_usd / view.limit_usd:.0f} %" if view.limit_usd else "100 %"
    return say(language, "budget-limit", limit=limit, used=used)
