"""Switches of a user's alerts: a switch for each subject, none for critical alerts.

AlertChoice ... -> Reply
"""

from collections.abc import Collection

from reports.texts.catalog import say
from telegram.views.message import Button, Reply, bold, build_reply, join_lines
from trading.domain.accounts import Language
from trading.domain.alert_topics import AlertGroup


def render_alert_choices(muted: Collection[AlertGroup], *, language: Language) -> Reply:
    """Each subject, on or off, with a button to change the switch."""
    return build_reply(
        bold(say(language, "alert-settings-title")),
        join_lines(
            *(f"{_mark(one in muted)} {say(language, f'topic-{one}')}" for one in AlertGroup)
        ),
        say(language, "alert-settings-always"),
        language=language,
        buttons=tuple((_switch(one, one in muted, language),) for one in AlertGroup),
    )


def _mark(is_off: bool) -> str:
    return "○" if is_off else "●"


def _switch(group: AlertGroup, is_off: bool, language: Language) -> Button:
    name = say(language, f"topic-{group}")
    return Button(
        label=(
            say(language, "alert-settings-turn-on", name=name)
            if is_off
            else say(language, "alert-settings-turn-off", name=name)
        ),
        action="alerts",
        argument=f"{group} {'on' if is_off else 'off'}",
    )
