"""`quorum config`: every setting, its value, where the value comes from, and what it does.

catalog, environment, .env -> a table, JSON, or the page docs/configuration.md
"""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from cli.base.output import JsonOption, print_json, print_table

if TYPE_CHECKING:
    from cli.config.catalog import Setting

HIDDEN = "(set, not shown)"
PAGE_HEAD = """# Configuration

Settings are environment variables, or lines of a file `.env` in the folder where Quorum starts.
The environment counts more than the file. `quorum config` shows the values of your installation
and where each comes from. An unknown name or a value out of bounds stops `quorum up` with a
sentence.

This page is made from the definitions in the code (`quorum config --page`); a test compares both.
"""
TABLE_HEAD = "| setting | default | bounds | meaning |\n|---|---|---|---|\n"

commands = typer.Typer()


@commands.command("config")
def show_config(
    page: Annotated[
        bool, typer.Option("--page", hidden=True, help="Print docs/configuration.md.")
    ] = False,
    only_set: Annotated[
        bool, typer.Option("--set", help="Only the settings that somebody has set.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List every setting: value, source, meaning; exit code 2 for a wrong one."""
    from cli.config.catalog import list_settings
    from cli.config.checks import check_settings

    if page:
        print(render_page(list_settings()), end="")
        return
    rows = [_look_up(one) for one in list_settings()]
    rows = [row for row in rows if row["source"] != "default" or not only_set]
    problems = check_settings()
    if as_json:
        print_json({"settings": rows, "problems": problems})
    else:
        _print_rows(rows)
        for one in problems:
            print(one.sentence)
    if any(not one.is_warning for one in problems):
        raise typer.Exit(2)


def render_page(settings: "Iterable[Setting]") -> str:
    """The reference page in Markdown."""
    lines, group = [PAGE_HEAD], ""
    for one in settings:
        if one.group != group:
            group = one.group
            lines.append(f"\n## {group}\n\n{TABLE_HEAD}")
        default = f"`{one.default}`" if one.default else ""
        lines.append(f"| `{one.variable}` | {default} | {one.bounds} | {one.meaning} |\n")
    return "".join(lines)


def _look_up(setting: "Setting") -> dict[str, str]:
    """Value and source of a setting, for people; a secret's value stays hidden."""
    from dotenv import dotenv_values

    source, value = "default", setting.default
    file = {name.upper(): text or "" for name, text in dotenv_values(".env").items()}
    environment = {name.upper(): text for name, text in os.environ.items()}
    for name, given in ((".env", file), ("environment", environment)):
        if setting.variable in given:
            source, value = name, given[setting.variable]
    if setting.is_secret and source != "default":
        value = HIDDEN if value else ""
    return {
        "setting": setting.variable,
        "value": value,
        "source": source,
        "default": setting.default,
        "bounds": setting.bounds,
        "meaning": setting.meaning,
        "group": setting.group,
    }


def _print_rows(rows: list[dict[str, str]]) -> None:
    names = ("setting", "value", "source", "meaning")
    print_table(
        "Settings",
        columns=["setting", "value~", "source", "meaning~"],
        rows=[[row[name] for name in names] for row in rows],
    )
