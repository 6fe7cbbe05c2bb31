"""`quorum halt` and `quorum unhalt`: the switch that stops entries, turned by a person.

scope, reason -> trading.domain.switches -> one transaction (state, audit, alerts) -> what holds
now

Nothing but the database is needed: it works while Prefect, the worker or the bot is down, and
whoever posts an entry reads it there. Exits, stops and cancels go on.
"""

import asyncio
import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from cli.base.output import JsonOption, print_json
from trading.domain.errors import BadInput
from trading.domain.switches import (
    SwitchScope,
    SwitchTurn,
    check_reason,
    describe_scope,
    parse_switch_venue,
)
from trading.domain.units import TradingState

if TYPE_CHECKING:
    from db.session import Operator

VenueOption = Annotated[
    str, typer.Option("--venue", help="Only what trades there or on its prices; or paper.")
]
WhoOption = Annotated[str, typer.Option("--user", metavar="NAME|ID", help="Only this user.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it is kept and told.")]

commands = typer.Typer()


@commands.command()
def halt(
    venue: VenueOption = "",
    user: WhoOption = "",
    reducing: Annotated[
        bool, typer.Option("--reducing", help="Say REDUCING: positions are being run down.")
    ] = False,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
) -> None:
    """Open nothing new, for everybody, a venue or a user, from now on; exits and stops go on."""
    state = TradingState.REDUCING if reducing else TradingState.HALTED
    _turn(venue, user, state=state, reason=reason, as_json=as_json)


@commands.command()
def unhalt(
    venue: VenueOption = "",
    user: WhoOption = "",
    reason: ReasonOption = "",
    as_json: JsonOption = False,
) -> None:
    """Allow entries again where a halt of the same scope has stopped them."""
    _turn(venue, user, state=TradingState.ACTIVE, reason=reason, as_json=as_json)


def _turn(venue: str, user: str, *, state: TradingState, reason: str, as_json: bool) -> None:
    if venue and user:
        raise BadInput("A halt is for a venue or for a user, not for both at once.")
    scope, others = asyncio.run(_write(venue, user, state=state, reason=check_reason(reason)))
    whom = describe_scope(scope)
    if as_json:
        print_json({"scope": whom, "state": state, "others": others})
        return
    if state is TradingState.ACTIVE:
        print(f"Entries are allowed again for {whom}.")
    else:
        print(f"Trading is {str(state).upper()} for {whom}. Exits, stops and cancels go on.")
    for name, other in others.items():
        print(f"Still {str(other).upper()}: {name}.")


async def _write(
    venue: str, user: str, *, state: TradingState, reason: str
) -> tuple[SwitchScope, dict[str, TradingState]]:
    from cli.base.clock import now_utc
    from cli.base.session import open_session
    from cli.commands.users import find_user
    from commands import pairs as changes

    venue_name = parse_switch_venue(venue) if venue else None
    async with (
        open_session(needs_prefect=False) as session,
        session.database.operator() as operator,
    ):
        scope: SwitchScope = venue_name
        if user:
            scope = (await find_user(operator, user)).user_id
        turn = SwitchTurn(scope=scope, state=state, reason=reason, actor=getpass.getuser())
        await changes.turn_switch(operator, turn, now=now_utc())
        return scope, await _list_others(operator, scope)


async def _list_others(operator: "Operator", scope: SwitchScope) -> dict[str, TradingState]:
    """The other switches that stop something."""
    switches = await operator.states.list_switches()
    return {
        describe_scope(one): state
        for one, state in switches.items()
        if one != scope and state is not TradingState.ACTIVE
    }
