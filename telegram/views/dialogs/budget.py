"""What the models' answers cost today, and when they fall silent.

BudgetView -> Reply
"""

from commands.preferences import BudgetView
from telegram.views.message import Reply, bold, build_reply, join_lines, speak
from trading.domain.accounts import Language
from trading.domain.units import HUNDRED
from trading.reporting.formatting import show_dollars


def render_budget(view: BudgetView, *, language: Language) -> Reply:
    """Spent and left, and what happens when nothing is left."""
    spent = show_dollars(view.spent_usd)
    return build_reply(
        join_lines(
            bold(speak(language, en="Models' budget", ru="Бюджет на модели"))
            + f" · {view.day:%Y-%m-%d} UTC",
            speak(language, en=f"Spent today: {spent}", ru=f"Потрачено сегодня: {spent}"),
            _describe_limit(view, language),
        ),
        speak(
            language,
            en="One answer serves everybody who trades the pair while flat, so it is paid once. "
            "These are real dollars of the operator, not of your capital.",
            ru="Один ответ служит всем, кто торгует пару и стоит вне рынка, поэтому оплачен один "
            "раз. Это настоящие доллары оператора, не ваш капитал.",
        ),
        speak(
            language,
            en="With the budget used up the models abstain: nothing is entered, stops and exits "
            "work on.",
            ru="Когда бюджет исчерпан, модели молчат: входов нет, стопы и выходы работают.",
        ),
        language=language,
    )


def _describe_limit(view: BudgetView, language: Language) -> str:
    if view.limit_usd is None:
        return speak(language, en="No daily limit is set.", ru="Дневной лимит не установлен.")
    limit = show_dollars(view.limit_usd)
    used = f"{HUNDRED * view.spent_usd / view.limit_usd:.0f} %" if view.limit_usd else "100 %"
    return speak(
        language,
        en=f"Daily limit: {limit}, {used} used",
        ru=f"Дневной лимит: {limit}, израсходовано {used}",
    )
