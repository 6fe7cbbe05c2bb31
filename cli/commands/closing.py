"""`quorum close` and `quorum panic`: positions end now, by a flow that the gateway starts.

confirmation -> (panic: every pair paused in the database) -> gateway -> flow close-positions

The flow closes reduce-only and takes stops and targets away after. It needs a running worker, so
without Quorum running nothing is promised: the stops stay where they are.
"""

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.base.output import JsonOption, UserOption, print_json
from trading.domain.errors import BadInput, PermanentError
from trading.domain.units import Pair
from trading.requests import find_pair, select_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from cli.commands.user_session import Scope

CLOSE_POSITIONS = "close-positions/close-positions"
NO_WORKER = (
    "Quorum is not running, so nothing can be closed: start it with `quorum up`, or close at the "
    "venue yourself. Stops and targets stay where they are."
)

YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

commands = typer.Typer()


@commands.command("close")
def close_pair(
    pair: Annotated[str, typer.Argument(metavar="PAIR", help="A pair like BTC/USDT.")],
    yes: YesOption = False,
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Close one pair's position at the market, now."""
    wanted = Pair.parse(pair)
    _confirm(f"Close {wanted} at the market now?", yes=yes)
    run_id = asyncio.run(_close(user, wanted))
    _show(f"Closing {wanted} has begun", [str(wanted)], run_id=run_id, as_json=as_json)


@commands.command()
def panic(yes: YesOption = False, user: UserOption = "", as_json: JsonOption = False) -> None:
    """Pause every pair and close every position at the market, now."""
    _confirm("Pause everything and close every position at the market now?", yes=yes)
    names, run_id = asyncio.run(_panic(user))
    _show("Everything is paused and being closed", names, run_id=run_id, as_json=as_json)


def _confirm(question: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadInput("Nobody is here to ask: add --yes.")
    typer.confirm(question, abort=True)


def _show(sentence: str, names: list[str], *, run_id: "UUID", as_json: bool) -> None:
    if as_json:
        print_json({"closing": names, "flow_run": str(run_id)})
        return
    print(f"{sentence} ({', '.join(names)}). Look again with: quorum positions")


async def _close(user: str, pair: Pair) -> "UUID":
    from cli.base.clock import now_utc
    from cli.commands.user_session import open_scope

    async with open_scope(user, needs_prefect=True) as scope:
        find_pair(pair, existing=await scope.list_pairs())
        run_id = await _start(scope, {"user_id": int(scope.user.user_id), "pair": str(pair)})
        async with scope.tenant() as tenant:
            detail = {"pair": str(pair), "flow_run": str(run_id)}
            await tenant.audit.append(
                scope.user.name, action="close", detail=detail, now=now_utc()
            )
        return run_id


async def _panic(user: str) -> "tuple[list[str], UUID]":
    from cli.commands.pairs import switch_pair
    from cli.commands.user_session import open_scope

    async with open_scope(user, needs_prefect=True) as scope:
        configs = select_pairs("", existing=await scope.list_pairs())
        for config in configs:
            await switch_pair(scope, config, is_paused=True)
        if scope.session.deployments is None:
            raise PermanentError(f"Every pair is paused. {NO_WORKER}")
        run_id = await _start(scope, {"user_id": int(scope.user.user_id)})
        return [str(config.pair) for config in configs], run_id


async def _start(scope: "Scope", parameters: "Mapping[str, object]") -> "UUID":
    gateway = scope.session.deployments
    if gateway is None:
        raise PermanentError(NO_WORKER)
    return await gateway.run_now(CLOSE_POSITIONS, parameters=parameters)
