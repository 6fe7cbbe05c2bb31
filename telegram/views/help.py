"""Commands of the bot: the help, the command menu, and the usage of a single command.

COMMANDS -> render_help | build_menu | render_usage
"""

import re
from dataclasses import dataclass

from reports.texts.catalog import say
from telegram.views.command_list import COMMANDS, CommandText, Group
from telegram.views.message import Reply, bold, build_reply, code, join_lines, plain, quote
from trading.domain.accounts import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """A line of Telegram's own command menu; the description has at most 256 characters."""

    command: str
    description: str


def render_help(*, is_admin: bool, language: Language) -> Reply:
    """Every command by subject."""
    blocks = [
        join_lines(
            bold(say(language, f"help-group-{group}")),
            *(_describe(one, language) for one in COMMANDS if one.group is group),
        )
        for group in Group
        if group is not Group.ADMIN or is_admin
    ]
    money = say(language, "help-paper")
    return build_reply(*blocks, money, language=language)


def render_usage(command: str, *, language: Language) -> Reply:
    """Usage of a command; the help for an unknown command."""
    known = next((one for one in COMMANDS if one.name == command), None)
    if known is None:
        return render_help(is_admin=False, language=language)
    form = say(language, "help-form")
    example = say(language, "help-example")
    return build_reply(
        join_lines(
            plain(say(language, f"command-{known.name}")),
            f"{form} {code(f'/{known.name} {_form(known, language)}'.strip())}",
            f"{example} {code(f'/{known.name} {known.example}')}" if known.example else "",
        ),
        language=language,
    )


def render_unknown_command(text: str, *, language: Language) -> Reply:
    """The text is no command of the bot."""
    said = quote(text, limit=40)
    return build_reply(
        say(language, "help-unknown-command", said=said),
        language=language,
    )


def build_menu(*, is_admin: bool, language: Language) -> tuple[MenuItem, ...]:
    """The commands for Telegram's menu, in the order of the help."""
    return tuple(
        MenuItem(command=one.name, description=say(language, f"command-{one.name}"))
        for group in Group
        for one in COMMANDS
        if one.group is group and (group is not Group.ADMIN or is_admin)
    )


def _form(one: CommandText, language: Language) -> str:
    """The form with its placeholders in the person's language."""
    return re.sub("[A-Z]+", lambda found: say(language, f"place-{found[0]}"), one.form)


def _describe(one: CommandText, language: Language) -> str:
    form = f" {code(_form(one, language))}" if one.form else ""
    return f"/{one.name}{form} — {plain(say(language, f'command-{one.name}'))}"
