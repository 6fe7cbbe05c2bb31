"""`quorum adopt`: take over a position at the venue that Quorum did not open.

confirmation -> commands.positions -> sentence or JSON
"""

from typing import Annotated

import typer

from cli.base.confirmation import YesOption, confirm
from cli.base.output import JsonOption, UserOption, print_json
from cli.base.user_session import run_command
from trading.domain.units import Pair

commands = typer.Typer()


@commands.command("adopt")
def adopt_position(
    pair: Annotated[str, typer.Argument(metavar="PAIR", help="A pair like BTC/USDT.")],
    yes: YesOption = False,
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Let Quorum take over a position that was opened by hand, with a stop."""
    from commands import positions

    wanted = Pair.parse(pair)
    seen = run_command(user, lambda one: positions.load_offer(one, wanted)).position
    held = f"{seen.side} {seen.quantity} {wanted.base} at {seen.average_entry_price}"
    confirm(f"Hand the position in {wanted} to Quorum: {held}?", yes=yes)
    offer = run_command(user, lambda one: positions.adopt(one, wanted))
    if as_json:
        print_json({"adopting": str(wanted), "held": held, "stop_pct": str(offer.stop_pct)})
        return
    print(
        f"A worker takes over {wanted} within seconds while `quorum up` runs: {held}, with a stop "
        f"{offer.stop_pct} % from the mark price. Look again with: quorum positions"
    )
