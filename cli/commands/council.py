"""`quorum seats` and `quorum ask`: the council's models, and one question to all of them."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.base.output import JsonOption, UserOption, print_json
from cli.base.user_session import run_command
from trading.council.prompts import Edition
from trading.domain.messages import message
from trading.domain.units import Pair

if TYPE_CHECKING:
    from commands.caller import Caller
    from commands.council.ask import CouncilAnswer
    from commands.council.seats import SeatLine
    from trading.council.decisions import Decision, Proposal

commands = typer.Typer()

SAMPLE = "sample"
"""The market of the question of `seats --ask`: made-up prices."""
CHEAP = Pair("BTC", "USDT")


@commands.command()
def seats(
    with_question: Annotated[
        bool, typer.Option("--ask", help="Also send each seat one question on made-up prices.")
    ] = False,
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """List the council's seats: model, price, shutdown date, votes, money spent today."""
    from reports.texts.catalog import render

    lines = run_command(user, _list_seats, adds_local=True)
    answer = (
        run_command(user, lambda caller: _ask(caller, CHEAP, market=SAMPLE), adds_local=True)
        if with_question
        else None
    )
    if as_json:
        answers = _to_json(answer)["votes"] if answer else []
        print_json({"seats": [asdict(line) for line in lines], "answers": answers})
        return
    for line in lines:
        print(_render_seat(line))
    for line in (line for line in lines if line.is_closing):
        told = message("alert-model-closing", model=line.seat, day=f"{line.shutdown_on}")
        print(render(told))
    for decision in answer.decisions if answer else ():
        print(_render_vote(decision))


@commands.command()
def ask(
    pair: Annotated[str, typer.Argument(help="BTC/USDT")],
    market: Annotated[
        str, typer.Option(help="live, sample or recorded:FILE; else the running stack's.")
    ] = "",
    prompt: Annotated[Edition, typer.Option(help="Edition of the question.")] = Edition.V2,
    user: UserOption = "",
    as_json: JsonOption = False,
) -> None:
    """Ask the council about a pair once, within the budget; nothing is traded."""
    from reports.texts.catalog import render

    name = Pair.parse(pair)
    answer = run_command(
        user, lambda caller: _ask(caller, name, market=market, edition=prompt), adds_local=True
    )
    if as_json:
        print_json(_to_json(answer))
        return
    for decision in answer.decisions:
        print(_render_vote(decision))
        for reason in decision.proposal.reasons if decision.proposal else ():
            print(f"    {reason}")
    reason = render(answer.consensus.reason)
    print(f"{reason} ${answer.cost_usd}, question {answer.prompt_version}")


async def _list_seats(caller: "Caller") -> "tuple[SeatLine, ...]":
    from blocks.council import open_council, view_seats
    from commands.council.seats import list_seats

    views = view_seats(await open_council())
    return await list_seats(views, database=caller.services.database, now=caller.now)


async def _ask(
    caller: "Caller", pair: Pair, *, market: str, edition: Edition = Edition.V2
) -> "CouncilAnswer":
    from blocks.council import open_council
    from blocks.markets import open_market
    from commands.council.ask import ask_council

    opened = await open_market(_choose_market(market))
    try:
        models = await open_council()
        return await ask_council(caller, models, market=opened.market, pair=pair, edition=edition)
    finally:
        await opened.close()


def _choose_market(market: str) -> Any:
    """The named market; else the running stack's, else QUORUM_MARKET."""
    from blocks.settings import VenueSettings
    from cli.base.home import Home
    from cli.base.settings import CliSettings

    settings = VenueSettings()
    state = Home(root=CliSettings().home.absolute()).load_state()
    chosen = market or (str(state["market"]) if state else "")
    return settings.model_copy(update={"market": chosen}) if chosen else settings


def _to_json(answer: "CouncilAnswer") -> dict[str, Any]:
    from reports.texts.catalog import render

    consensus = asdict(answer.consensus) | {"reason": render(answer.consensus.reason)}
    return {
        "votes": list(map(_vote_to_json, answer.decisions)),
        "consensus": consensus,
        "cost_usd": answer.cost_usd,
        "prompt_version": answer.prompt_version,
    }


def _vote_to_json(decision: "Decision") -> dict[str, Any]:
    """A vote has an action; an abstention has a kind and a detail. The other fields are null."""
    proposal = decision.proposal
    return {
        "seat": decision.model.name,
        "vendor": decision.model.vendor,
        "action": proposal.action if proposal else None,
        "abstention": decision.abstention,
        "detail": decision.detail or None,
        "confidence": proposal.confidence if proposal else None,
        "win_probability": proposal.win_probability if proposal else None,
        "cost_usd": decision.usage.cost_usd,
        "latency_ms": decision.usage.latency_ms,
    }


def _render_seat(line: "SeatLine") -> str:
    state = {True: "exists", False: "GONE", None: line.note or "unknown"}[line.exists]
    until = f", shut down on {line.shutdown_on}" if line.shutdown_on else ""
    share = "no questions" if line.votes_share is None else f"{line.votes_share:.0%} votes in 7 d"
    last = "never" if line.last_vote_at is None else f"{line.last_vote_at:%Y-%m-%d %H:%M}"
    return (
        f"{line.seat:<40} {line.maker:<10} {state}{until}; $/M tokens {line.price}; "
        f"last vote {last}; {share}; ${line.spent_today_usd:.4f} today"
    )


def _render_chance(proposal: "Proposal") -> str:
    chance = proposal.win_probability
    return "" if chance is None else f", wins {chance:.0f} of 100"


def _render_vote(decision: "Decision") -> str:
    said = (
        f"{decision.proposal.action} {decision.proposal.confidence:.0f}"
        f"{_render_chance(decision.proposal)}"
        if decision.proposal
        else f"abstained ({decision.abstention}: {decision.detail})"
    )
    usage = decision.usage
    return f"{decision.model.name:<40} {said}  ${usage.cost_usd}  {usage.latency_ms} ms"
