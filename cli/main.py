"""The command line: all commands of Quorum, and the conversion of failures into sentences.

arguments -> typer app -> a command -> exit code 0, 1 (failure) or 2 (wrong usage)

`--help` imports every command's module, so a module imports only typer, the standard library and
values of `trading` at the top; the command function imports Prefect, the database, pandas and
ccxt. `tests/cli/test_main.py` measures the time.
"""

import logging
import secrets
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.exceptions import TyperException

from cli.bench import chaos
from cli.bench import commands as bench
from cli.commands import (
    adoption,
    backups,
    closing,
    council,
    halting,
    mood,
    pairs,
    receipts,
    stats,
    status,
)
from cli.commands import positions as books
from cli.config import commands as config
from cli.data import commands as data
from cli.demo import commands as demo
from cli.doctor import commands as doctor
from cli.people import audit, chat, keys, preferences
from cli.people import users as people
from cli.stack import commands as stack
from cli.stack import containers as services
from cli.stack import role_passwords
from trading.domain.errors import BadInput, QuorumError

EXIT_FAILED = 1
EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="quorum",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Trade crypto perpetuals where a quorum of models agrees and every risk rule allows it.",
)

# Each module has `commands`, a typer app; the commands join the top level in this order.
MODULES: tuple[typer.Typer, ...] = (
    stack.commands,
    demo.commands,
    data.commands,
    doctor.commands,
    config.commands,
    services.commands,
    people.commands,
    pairs.commands,
    closing.commands,
    adoption.commands,
    halting.commands,
    status.commands,
    books.commands,
    receipts.commands,
    stats.commands,
    council.commands,
    mood.commands,
    preferences.commands,
    keys.commands,
    chat.commands,
    backups.commands,
    audit.commands,
    role_passwords.commands,
    bench.commands,
    chaos.commands,
)

for commands in MODULES:
    app.add_typer(commands)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        print(f"quorum {version('quorum')}")
        raise typer.Exit


@app.callback()
def quorum(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Trade crypto perpetuals where a quorum of models agrees and every risk rule allows it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run a command and return the exit code; `arguments` are the process's own when None.

    Every failure is a single sentence on stderr. An unexpected error goes to the log with its
    traceback, under a short id named in the sentence.
    """
    try:
        result = app(args=arguments, prog_name="quorum", standalone_mode=False)
    except KeyboardInterrupt:
        return _fail("Stopped.", code=EXIT_INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the edge: a sentence, not a traceback
        return _explain(error)
    return result if isinstance(result, int) else 0


def _explain(error: Exception) -> int:
    match error:
        case BadInput():
            return _fail(_render(error), code=EXIT_BAD_INPUT)
        case QuorumError():
            return _fail(_render(error))
        case TyperException():
            return _fail(error.format_message(), code=error.exit_code)
        case typer.Abort():
            return _fail("Stopped.", code=EXIT_INTERRUPTED)
        case BrokenPipeError():
            return EXIT_FAILED
        case _:
            return _fail(_log_unforeseen(error))


def _render(error: QuorumError) -> str:
    from reports.texts.catalog import render

    return render(error.message)


def _fail(sentence: str, *, code: int = EXIT_FAILED) -> int:
    if sentence:
        print(sentence, file=sys.stderr)
    return code


def _log_unforeseen(error: Exception) -> str:
    from cli.base.logs import log_to_home

    short_id = secrets.token_hex(3)
    path = log_to_home()
    logging.getLogger("quorum.cli").error("Unforeseen failure %s", short_id, exc_info=error)
    return f"Something unforeseen went wrong ({short_id}, {type(error).__name__}); see {path}."


if __name__ == "__main__":
    sys.exit(main())
