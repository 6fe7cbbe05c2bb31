"""Which messages a person gets: a switch for each subject, none for what is critical.

AlertChoice ... -> Reply
"""

# ruff: noqa: RUF001  (Russian letters look like Latin ones: here they are meant)

from collections.abc import Collection, Mapping

from telegram.views.formatting import Words, both
from telegram.views.message import Button, Reply, bold, build_reply, join_lines, speak
from trading.domain.accounts import Language
from trading.domain.alert_topics import AlertGroup

NAMES: Mapping[AlertGroup, Words] = {
    AlertGroup.TRADES: both("trades opened and closed", ru="открытие и закрытие сделок"),
    AlertGroup.NOTICES: both("notices", ru="уведомления"),
    AlertGroup.DIGEST: both("daily digest", ru="сводка за день"),
}


def render_alert_choices(muted: Collection[AlertGroup], *, language: Language) -> Reply:
    """What is on and off, and a button for each to change it."""
    return build_reply(
        bold(speak(language, en="Messages", ru="Сообщения")),
        join_lines(*(f"{_mark(one in muted)} {NAMES[one][language]}" for one in AlertGroup)),
        speak(
            language,
            en="Breakers, failed protection, liquidations and orders in doubt are always told.",
            ru="О защитных паузах, неудачной защите, ликвидациях и ордерах с неясной судьбой "
            "сообщаем всегда.",
        ),
        language=language,
        buttons=tuple((_switch(one, one in muted, language),) for one in AlertGroup),
    )


def _mark(is_off: bool) -> str:
    return "○" if is_off else "●"


def _switch(group: AlertGroup, is_off: bool, language: Language) -> Button:
    name = NAMES[group][language]
    return Button(
        label=speak(
            language,
            en=f"Turn on: {name}" if is_off else f"Turn off: {name}",
            ru=f"Включить: {name}" if is_off else f"Выключить: {name}",
        ),
        action="alerts",
        argument=f"{group} {'on' if is_off else 'off'}",
    )
