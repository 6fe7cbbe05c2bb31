"""Alerts as messages: a headline in the person's language, the body, and what can be done now.

Alert -> render_alert -> Reply;  DigestView -> render_digest -> text of an alert

A body that has one of our forms is said in Russian too; another goes out as it was written.
"""

# ruff: noqa: RUF001  (Russian letters look like Latin ones: here they are meant)

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from telegram.views.formatting import Words, both, gain, money
from telegram.views.message import Reply, bold, build_reply, join_lines, plain, speak
from telegram.views.sentences import translate
from trading.domain.accounts import Language
from trading.domain.alerts import Alert, AlertKind, Severity

MAX_BODY_CHARACTERS = 3500
"""What escaping may add and the headline still fit into a message beside it."""

HEADLINES: Mapping[AlertKind, Words] = {
    AlertKind.TRADE_OPENED: both("Position opened", ru="Позиция открыта"),
    AlertKind.TRADE_CLOSED: both("Position closed", ru="Позиция закрыта"),
    AlertKind.STOP_HIT: both("Stop hit", ru="Сработал стоп"),
    AlertKind.TARGET_HIT: both("Target hit", ru="Цель достигнута"),
    AlertKind.LIQUIDATED: both("LIQUIDATED", ru="ЛИКВИДАЦИЯ"),
    AlertKind.PROTECTION_FAILED: both("Protection failed", ru="Защита не сработала"),
    AlertKind.BREAKER_OPENED: both("Breaker opened", ru="Защитная пауза"),
    AlertKind.BREAKER_CLOSED: both("Breaker closed", ru="Защитная пауза снята"),
    AlertKind.ORDER_IN_DOUBT: both("Order in doubt", ru="Судьба ордера неясна"),
    AlertKind.ORDER_RESOLVED: both("Order settled", ru="С ордером разобрались"),
    AlertKind.BOOKS_DIFFER: both("The books differ", ru="Учёт расходится с биржей"),
    AlertKind.VENUE_DOWN: both("Exchange down", ru="Биржа недоступна"),
    AlertKind.MODELS_DOWN: both("Models are silent", ru="Модели молчат"),
    AlertKind.BAD_DATA: both("Bad market data", ru="Плохие рыночные данные"),
    AlertKind.CYCLE_MISSED: both("Cycle missed", ru="Цикл пропущен"),
    AlertKind.CYCLE_FAILED: both("Cycle failed", ru="Сбой цикла"),
    AlertKind.BUDGET_REACHED: both("Budget reached", ru="Бюджет исчерпан"),
    AlertKind.WITHDRAWAL_DUE: both("Profit can be taken out", ru="Можно вывести прибыль"),
    AlertKind.STATE_CHANGED: both("Trading was switched", ru="Режим торговли изменён"),
    AlertKind.RESTARTED: both("Restarted", ru="Перезапуск"),
    AlertKind.DAILY_DIGEST: both("Your day", ru="Ваш день"),
    AlertKind.SYSTEM: both("Message from the operator", ru="Сообщение от оператора"),
}
_MARKS = {Severity.CRITICAL: "🔴 ", Severity.WARNING: "⚠️ ", Severity.INFO: ""}

AS_WRITTEN = frozenset({AlertKind.SYSTEM, AlertKind.DAILY_DIGEST})
"""A person's own words, and what is written in its reader's language already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLine:
    """
    One pair's day.

    Attributes:
        currency: with PAPER when it is no real money.
        equity, day_pnl, net_pnl: quote units as of the last cycle.
        trades: closed on that day.
    """

    pair: str
    currency: str
    equity: Decimal
    day_pnl: Decimal
    net_pnl: Decimal
    trades: int
    is_paused: bool


def render_alert(alert: Alert, *, language: Language) -> Reply:
    """The message that is sent; a digest is written in its language already."""
    is_ours = alert.kind not in AS_WRITTEN
    text = translate(alert.text, language=language) if is_ours else alert.text
    body = text[:MAX_BODY_CHARACTERS]
    return build_reply(
        join_lines(f"{_MARKS[alert.severity]}{bold(HEADLINES[alert.kind][language])}", _fit(body)),
        _suggest(alert),
        language=language,
    )


def render_digest(
    day: date, *, lines: tuple[DigestLine, ...], cycles: int, language: Language
) -> str:
    """Plain text of the digest alert: each pair's day, and that the council was at work."""
    head = speak(
        language,
        en=f"{day:%Y-%m-%d} (UTC): {cycles} cycles.",
        ru=f"{day:%Y-%m-%d} (UTC): циклов {cycles}.",
    )
    return "\n".join([head, *(_describe(line, language) for line in lines)])


def _describe(line: DigestLine, language: Language) -> str:
    paused = speak(language, en=" (paused)", ru=" (пауза)") if line.is_paused else ""
    day, net = gain(line.day_pnl, language=language), gain(line.net_pnl, language=language)
    equity = money(line.equity, language=language)
    return f"{line.pair}{paused}: " + speak(
        language,
        en=f"{day} {line.currency} on the day, equity {equity} {line.currency} "
        f"(net {net} {line.currency}), trades closed {line.trades}",
        ru=f"{day} {line.currency} за день, капитал {equity} {line.currency} "
        f"(итог {net} {line.currency}), закрыто сделок {line.trades}",
    )


def _fit(body: str) -> str:
    """Escaped, and short enough even when every character had to be."""
    text = plain(body)
    while len(text) > MAX_BODY_CHARACTERS:
        body = body[: len(body) * MAX_BODY_CHARACTERS // len(text) - 1]
        text = f"{plain(body)}…"
    return text


def _suggest(alert: Alert) -> str:
    """What a person would look at next; the operator's chat is no user's."""
    is_urgent = alert.severity is Severity.CRITICAL and alert.user_id is not None
    return "/status /positions" if is_urgent else ""
