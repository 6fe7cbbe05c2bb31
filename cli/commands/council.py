"""`quorum seats` and `quorum ask`: the council's models, and one question to all of them."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.base.clock import now_utc
from cli.base.output import JsonOption, print_json
from cli.commands.user_session import run_for_all
from trading.domain.units import Pair

if TYPE_CHECKING:
    from cli.base.session import Session
    from commands.council.ask import CouncilAnswer
    from commands.council.seats import SeatLine, SeatView
    from trading.ports import Model

commands = typer.Typer()


SAMPLE = "sample"
"""The market of the question of `seats --ask`: made-up prices."""


@commands.command()
def seats(
    with_question: Annotated[
        bool, typer.Option("--ask", help="Also send each seat one question on made-up prices.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List the council's seats: model, price, shutdown date, votes, money spent today."""
    import asyncio

    from commands.council.seats import find_closing_seats, list_seats

    async def run(session: "Session") -> "tuple[SeatLine, ...]":
        return await list_seats(await _view_seats(), database=session.database, now=now_utc())

    lines = run_for_all(run)
    answers = (
        _to_json(asyncio.run(_ask(Pair("BTC", "USDT"), market=SAMPLE)))["votes"]
        if with_question
        else []
    )
    if as_json:
        print_json({"seats": [asdict(line) for line in lines], "answers": answers})
        return
    for line in lines:
        print(_render_seat(line))
    for line in find_closing_seats(lines, today=now_utc().date()):
        print(f"{line.seat} is shut down on {line.shutdown_on}: choose another in QUORUM_COUNCIL.")
    for vote in answers:
        print(f"{vote['seat']:<40} {vote['action'] or vote['detail']}  ${vote['cost_usd']}")


@commands.command()
def ask(
    pair: Annotated[str, typer.Argument(help="BTC/USDT")],
    market: Annotated[
        str, typer.Option(help="live, sample or recorded:FILE; else QUORUM_MARKET.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Ask the council about a pair once; nothing is traded, nothing is stored."""
    import asyncio

    answer = asyncio.run(_ask(Pair.parse(pair), market=market))
    if as_json:
        print_json(_to_json(answer))
        return
    for vote in _to_json(answer)["votes"]:
        said = vote["action"] or f"abstained ({vote['abstention']}: {vote['detail']})"
        print(f"{vote['seat']:<40} {said}  ${vote['cost_usd']}  {vote['latency_ms']} ms")
        for reason in vote["reasons"]:
            print(f"    {reason}")
    print(f"{answer.consensus.reason}  ${answer.cost_usd}, question {answer.prompt_version}")


async def _ask(pair: Pair, *, market: str) -> "CouncilAnswer":
    from blocks.council import open_council
    from blocks.markets import open_market
    from blocks.settings import VenueSettings
    from commands.council.ask import ask_council

    opened = await open_market(VenueSettings(market=market) if market else VenueSettings())
    try:
        return await ask_council(
            await open_council(), market=opened.market, pair=pair, as_of=now_utc()
        )
    finally:
        await opened.close()


def _to_json(answer: "CouncilAnswer") -> dict[str, Any]:
    votes = [
        {
            "seat": decision.model.name,
            "vendor": decision.model.vendor,
            "action": decision.proposal.action if decision.proposal else None,
            "abstention": decision.abstention,
            "detail": decision.detail,
            "confidence": decision.proposal.confidence if decision.proposal else None,
            "reasons": decision.proposal.reasons if decision.proposal else (),
            "cost_usd": decision.usage.cost_usd,
            "latency_ms": decision.usage.latency_ms,
        }
        for decision in answer.decisions
    ]
    return {
        "pair": str(answer.pair),
        "votes": votes,
        "consensus": asdict(answer.consensus),
        "cost_usd": answer.cost_usd,
        "prompt_version": answer.prompt_version,
    }


async def _view_seats() -> "list[SeatView]":
    from blocks.council import open_council

    return [_view_seat(model) for model in await open_council()]


def _view_seat(model: "Model") -> "SeatView":
    from blocks.models.offline import OfflineModel
    from commands.council.seats import SeatView

    if isinstance(model, OfflineModel):
        return SeatView(identity=model.identity, price="free", catalog=None)
    return SeatView(
        identity=model.identity, price=_show_price(model), catalog=_VendorCatalog(model)
    )


class _VendorCatalog:
    """The vendor's catalog behind the port of `commands.council.seats`."""

    def __init__(self, model: Any) -> None:
        self._seat = model.seat

    async def look_up(self) -> Any:
        from blocks.models.catalog import look_up
        from blocks.models.dialects import find_provider
        from commands.council.seats import Listing

        provider = find_provider(self._seat.identity.name.partition(":")[0])
        entry = await look_up(self._seat, is_messages=provider.is_messages)
        return Listing(exists=entry.exists, shutdown_on=entry.shutdown_on, note=entry.note)


def _show_price(model: Any) -> str:
    """Dollars per million tokens of input and output at the dearest hour."""
    from blocks.models.prices import MILLION, Tokens

    size = 1000  # below every tier
    scale = MILLION / size
    prices = model.seat.prices
    asked = prices.compute_highest(Tokens(input=size)) * scale
    answered = prices.compute_highest(Tokens(input=0, output=size)) * scale
    return f"{asked.normalize():f}/{answered.normalize():f}"


def _render_seat(line: "SeatLine") -> str:
    state = {True: "exists", False: "GONE", None: line.note or "unknown"}[line.exists]
    until = f", shut down on {line.shutdown_on}" if line.shutdown_on else ""
    share = "no questions" if line.votes_share is None else f"{line.votes_share:.0%} votes in 7 d"
    last = "never" if line.last_vote_at is None else f"{line.last_vote_at:%Y-%m-%d %H:%M}"
    return (
        f"{line.seat:<40} {line.maker:<10} {state}{until}; $/M tokens {line.price}; "
        f"last vote {last}; {share}; ${line.spent_today_usd:.4f} today"
    )
