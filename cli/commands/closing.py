"""`quorum close` and `quorum panic`: close positions at the market, by a flow.

confirmation -> commands.closing -> sentence or JSON

Without a running Quorum the pairs are paused and the request is stored: the first worker that
runs closes the positions. Until then stops and targets stay at the venue.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.base.confirmation import YesOption, confirm
from cli.base.output import JsonOption, UserOption, print_json
from cli.base.user_session import run_command
from trading.domain.errors import PermanentError
from trading.domain.units import Pair

if TYPE_CHECKING:
    from commands.closing import Closing

NO_WORKER = (
    "Quorum is not running, so nothing is closed yet. The request is stored: a worker closes "
    "the positions as soon as `quorum up` runs. Stops and targets stay at the venue, and you can "
    "close there yourself."
)

commands = typer.Typer()


@commands.command("close")
def close_pair(
    pair: Annotated[str, typer.Argument(metavar="PAIR", help="A pair like BTC/USDT.")],
    yes: YesOption = False,
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Pause a pair and close the position at the market, now."""
    from commands import closing

    wanted = Pair.parse(pair)
    confirm(f"Close {wanted} at the market now?", yes=yes)
    closed = run_command(user, lambda one: closing.close(one, wanted), needs_prefect=True)
    _show(closed, as_json=as_json)


@commands.command()
def panic(yes: YesOption = False, user: UserOption = "", as_json: JsonOption = False) -> None:
    """Pause every pair and close every position at the market, now."""
    from commands import closing

    confirm("Pause everything and close every position at the market now?", yes=yes)
    _show(run_command(user, closing.panic, needs_prefect=True), as_json=as_json)


def _show(closed: "Closing", *, as_json: bool) -> None:
    names = [str(config.pair) for config in closed.configs]
    if closed.flow_run is None:
        raise PermanentError(f"Paused {', '.join(names)}. {NO_WORKER}")
    if as_json:
        print_json({"closing": names, "flow_run": str(closed.flow_run)})
        return
    print(
        f"Paused {', '.join(names)}; closing at the market has begun. Look again with: quorum "
        "positions"
    )
