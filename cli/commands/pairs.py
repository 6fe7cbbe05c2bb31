"""Verbs of pairs: addpair, removepair, setcapital, pairs, pause, resume.

words -> commands.pairs -> sentence or JSON
"""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.base.output import (
    JsonOption,
    UserOption,
    describe_pause,
    print_json,
    print_table,
    show_money,
    show_time,
)
from cli.base.user_session import NOT_RUNNING, run_command
from trading.domain.units import Pair
from trading.requests import parse_venue

if TYPE_CHECKING:
    from commands.pairs import PairChange

# A negative amount looks like an option; Typer must pass the amount to our own check.
NEGATIVE_IS_A_NUMBER = {"ignore_unknown_options": True}

PairArgument = Annotated[str, typer.Argument(metavar="PAIR", help="A pair like BTC/USDT.")]
PairsArgument = Annotated[str, typer.Argument(metavar="[PAIR|all]", help="All when left out.")]
AmountArgument = Annotated[str, typer.Argument(help="Capital in the quote currency, 1000.")]

commands = typer.Typer()


@commands.command("addpair", context_settings=NEGATIVE_IS_A_NUMBER)
def add_pair(
    pair: PairArgument,
    amount: AmountArgument,
    venue: Annotated[str, typer.Option(help="binance or bybit: whose market it is.")] = "",
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Trade a pair on paper with an amount set aside for it."""
    from commands import pairs

    wanted, name = Pair.parse(pair), parse_venue(venue) if venue else None
    added = run_command(
        user,
        lambda caller: pairs.add_pair(caller, wanted, amount=amount, venue=name),
        needs_prefect=True,
    )
    if as_json:
        print_json({"pair": added.config, "prefect_follows_later": not added.follows})
        return
    config = added.config
    print(
        f"Added {config.pair} on {config.venue} prices, paper, with "
        f"{show_money(config.capital)} {config.pair.quote}: a cycle every 30 minutes."
    )
    _say_if_later(added)


@commands.command("removepair")
def remove_pair(pair: PairArgument, user: UserOption = "", as_json: JsonOption = False) -> None:
    """Stop trading a pair; the history stays. Refused while a position is open."""
    from commands import pairs

    wanted = Pair.parse(pair)
    removed = run_command(
        user, lambda caller: pairs.remove_pair(caller, wanted), needs_prefect=True
    )
    if as_json:
        print_json({"removed": str(wanted), "prefect_follows_later": not removed.follows})
        return
    print(f"Removed {wanted}. Its trades and receipts stay.")
    _say_if_later(removed)


@commands.command("setcapital", context_settings=NEGATIVE_IS_A_NUMBER)
def set_capital(
    pair: PairArgument, amount: AmountArgument, user: UserOption = "", as_json: JsonOption = False
) -> None:
    """Set aside another amount for a pair; lowering needs a flat pair."""
    from commands import pairs

    wanted = Pair.parse(pair)
    changed = run_command(user, lambda caller: pairs.set_capital(caller, wanted, amount=amount))
    if as_json:
        print_json({"pair": changed.config, "before": changed.before})
        return
    print(
        f"{wanted} trades with {show_money(changed.config.capital)} {wanted.quote} from the next "
        f"cycle on, {show_money(changed.before)} before."
    )


@commands.command("pairs")
def list_pairs(user: UserOption = "", as_json: JsonOption = False) -> None:
    """List your pairs."""
    configs = run_command(user, lambda caller: caller.list_pairs())
    if as_json:
        print_json({"pairs": configs})
        return
    print_table(
        "Pairs",
        columns=("pair", "venue", "mode", "capital>", "state", "since (UTC)"),
        rows=[
            (
                str(c.pair),
                c.venue,
                c.mode,
                show_money(c.capital),
                describe_pause(c),
                show_time(c.created_at),
            )
            for c in configs
        ],
    )


@commands.command()
def pause(pair: PairsArgument = "", user: UserOption = "", as_json: JsonOption = False) -> None:
    """Open no new positions; stops and targets stay where they are."""
    from commands import pairs

    paused = run_command(user, lambda one: pairs.pause_pairs(one, pair), needs_prefect=True)
    _show_switched(paused, "paused", as_json=as_json)


@commands.command()
def resume(pair: PairsArgument = "", user: UserOption = "", as_json: JsonOption = False) -> None:
    """Trade again; also closes an open breaker, with an entry in the audit log."""
    from commands import pairs

    resumed = run_command(user, lambda one: pairs.resume_pairs(one, pair), needs_prefect=True)
    _show_switched(resumed, "resumed", as_json=as_json)


def _show_switched(switched: "PairChange", word: str, *, as_json: bool) -> None:
    names = [str(config.pair) for config in switched.configs]
    if as_json:
        print_json({word: names, "prefect_follows_later": not switched.follows})
        return
    rest = " Stops and targets stay." if word == "paused" else ""
    print(f"{word.capitalize()} {', '.join(names)}.{rest}")
    _say_if_later(switched)


def _say_if_later(change: "PairChange") -> None:
    if not change.follows:
        print(NOT_RUNNING)
