"""`quorum halt` and `quorum unhalt`: stop and allow entries.

scope, reason -> commands.switches -> switches that hold now

A halt needs only the database and works while Prefect, the worker or the bot are down. Exits,
stops and cancels go on.
"""

import getpass
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from cli.base.clock import now_utc
from cli.base.output import JsonOption, print_json
from cli.base.user_session import run_for_all
from trading.domain.errors import BadInput
from trading.domain.switches import SwitchScope, describe_scope, parse_switch_venue
from trading.domain.units import TradingState

if TYPE_CHECKING:
    from cli.base.session import Session
    from commands.switches import Switched

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
    _run(venue, user, state=state, reason=reason, as_json=as_json)


@commands.command()
def unhalt(
    venue: VenueOption = "",
    user: WhoOption = "",
    reason: ReasonOption = "",
    as_json: JsonOption = False,
) -> None:
    """Allow entries again where a halt of the same scope has stopped them."""
    _run(venue, user, state=TradingState.ACTIVE, reason=reason, as_json=as_json)


def _run(venue: str, user: str, *, state: TradingState, reason: str, as_json: bool) -> None:
    switched = run_for_all(
        lambda session: _turn(session, venue=venue, user=user, state=state, reason=reason)
    )
    state, whom = switched.turn.state, describe_scope(switched.turn.scope)
    others = {describe_scope(scope): other for scope, other in switched.others.items()}
    if as_json:
        print_json({"scope": whom, "state": state, "others": others})
        return
    if state is TradingState.ACTIVE:
        print(f"Entries are allowed again for {whom}.")
    else:
        print(f"Trading is {str(state).upper()} for {whom}. Exits, stops and cancels go on.")
    for name, other in others.items():
        print(f"Still {str(other).upper()}: {name}.")


async def _turn(
    session: "Session", *, venue: str, user: str, state: TradingState, reason: str
) -> "Switched":
    from commands.people.users import find_user
    from commands.switches import build_turn, turn_switch

    if venue and user:
        raise BadInput("A halt is for a venue or for a user, not for both at once.")
    scope: SwitchScope = parse_switch_venue(venue) if venue else None
    turn = build_turn(scope, state=state, reason=reason, actor=getpass.getuser())
    if user:
        turn = replace(turn, scope=(await find_user(session.database, user)).user_id)
    return await turn_switch(session.database, turn, now=now_utc())
