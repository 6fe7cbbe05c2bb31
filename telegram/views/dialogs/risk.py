"""Limits: what holds, what a person may set, and raises that wait for their hour.

RiskView -> Reply
"""

# ruff: noqa: RUF001  (Russian letters look like Latin ones: here they are meant)

from collections.abc import Mapping

from commands.limits import LimitLine, PendingRaise, RiskView
from telegram.views.formatting import Words, both
from telegram.views.message import Button, Reply, bold, build_reply, code, join_lines, plain, speak
from trading.domain.accounts import Language
from trading.reporting.formatting import show_instant

LIMITS: Mapping[str, Words] = {
    "max_position_ratio": both("position, share of equity", ru="позиция, доля капитала"),
    "risk_per_trade_ratio": both("loss at the stop, share", ru="потеря на стопе, доля"),
    "max_leverage": both("leverage", ru="плечо"),
    "max_drawdown_ratio": both("drawdown", ru="просадка"),
    "max_day_loss_ratio": both("loss in a day", ru="убыток за день"),
    "max_losses_in_a_row": both("losses in a row", ru="убытков подряд"),
    "max_open_positions": both("open positions", ru="открытых позиций"),
    "max_entries_per_day": both("entries in a day", ru="входов за сутки"),
    "max_order_notional": both("size of an order", ru="размер ордера"),
    "min_confidence": both("confidence of the council", ru="уверенность совета"),
    "min_reward_to_risk": both("target to stop", ru="цель к стопу"),
    "max_spread_ratio": both("spread", ru="спред"),
    "profit_withdrawal_ratio": both("notice of profit, of capital", ru="напомнить о прибыли"),
}
"""Limits that people set, in the order of the list; the others can be set, too."""


def render_risk(view: RiskView, *, language: Language) -> Reply:
    """What holds, what could hold, and how to change it."""
    of = f" · {view.pair}" if view.pair else ""
    title = bold(speak(language, en=f"Your limits{of}", ru=f"Ваши лимиты{of}"))
    example = code("/risk max_leverage 2")
    return build_reply(
        title,
        join_lines(*(_describe(line, language) for line in view.lines)),
        speak(
            language,
            en=f"Stricter holds at once: {example}. Looser needs your confirmation and waits an "
            "hour; looser than the operator's limit is not possible.",
            ru=f"Строже — сразу: {example}. Мягче — с подтверждением и через час; мягче, чем "
            "разрешил оператор, нельзя.",
        ),
        language=language,
    )


def render_limit_changed(name: str, *, value: str, language: Language) -> Reply:
    """A stricter limit holds."""
    return build_reply(
        speak(
            language,
            en=f"{code(name)} is {bold(value)} from now on.",
            ru=f"{code(name)}: теперь {bold(value)}.",
        ),
        language=language,
    )


def render_raise_question(name: str, *, value: str, current: str, language: Language) -> Reply:
    """A looser limit: sure?"""
    argument = f"{name} {value}"
    return build_reply(
        speak(
            language,
            en=f"Loosen {code(name)} from {bold(current)} to {bold(value)}? More can be lost "
            "then. It would hold in an hour; until then you can take it back.",
            ru=f"Смягчить {code(name)} с {bold(current)} до {bold(value)}? Так можно потерять "
            "больше. Начнёт действовать через час; до этого можно передумать.",
        ),
        language=language,
        buttons=(
            (
                Button(
                    label=speak(language, en="Yes, in an hour", ru="Да, через час"),
                    action="risk_raise",
                    argument=argument,
                ),
            ),
            (Button(label=speak(language, en="Cancel", ru="Отмена"), action="cancel"),),
        ),
    )


def render_raise_scheduled(pending: PendingRaise, *, language: Language) -> Reply:
    """It waits; it can be taken back."""
    due = show_instant(pending.due_at)
    name, value = code(pending.name), bold(pending.value)
    return build_reply(
        speak(
            language,
            en=f"{name} becomes {value} at {due}.",
            ru=f"{name} станет {value} в {due}.",
        ),
        language=language,
        buttons=(
            (
                Button(
                    label=speak(language, en="Take it back", ru="Передумать"),
                    action="risk_cancel",
                    argument=pending.name,
                ),
            ),
        ),
    )


def render_raise_canceled(name: str, *, language: Language) -> Reply:
    """The stricter limit stays."""
    return build_reply(
        speak(
            language,
            en=f"{code(name)} stays as it is.",
            ru=f"{code(name)} остаётся прежним.",
        ),
        language=language,
    )


def _describe(line: LimitLine, language: Language) -> str:
    words = LIMITS[line.name][language] if line.name in LIMITS else ""
    most = (
        speak(language, en=f" (allowed {line.allowed})", ru=f" (разрешено {line.allowed})")
        if line.allowed != line.value
        else ""
    )
    waits = line.pending
    soon = f" → {plain(waits.value)}, {show_instant(waits.due_at)}" if waits else ""
    about = f" — {plain(words)}" if words else ""
    return f"{code(line.name)} <b>{plain(line.value)}</b>{plain(most)}{soon}{about}"
