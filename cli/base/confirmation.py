"""Confirmation of a command that can't be undone: a question, or the option `--yes`."""

import sys
from typing import Annotated

import typer

from trading.domain.errors import BadInput

YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def confirm(question: str, *, yes: bool) -> None:
    """Ask for a confirmation. Raises BadInput where nobody can answer."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadInput("Nobody is here to ask: add --yes.")
    typer.confirm(question, abort=True)
