"""The council's commands for a process without models: the bot starts a flow and reads the result.

list_seats_by_flow | ask_by_flow -> flow in a worker -> JSON in the final state -> value
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from commands.caller import Caller
from commands.council.ask import CouncilAnswer
from commands.council.seats import SeatLine
from db.codecs.receipts import dump_json, load_json
from trading.domain.errors import BadInput, PermanentError, TransientError
from trading.domain.messages import message, read_state
from trading.domain.units import Pair

ASK = "ask-council/ask-council"
LIST_SEATS = "list-seats/list-seats"
LONGEST_SECONDS = 150.0
"""A model has 60 s; a worker may be busy for a while first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatTable:
    """The seats as a flow hands them over."""

    lines: tuple[SeatLine, ...]


async def list_seats_by_flow(caller: Caller) -> tuple[SeatLine, ...]:
    """List the seats; errors as of `ask_by_flow`."""
    return read_result(await _run(caller, LIST_SEATS, parameters={}), kind=SeatTable).lines


async def ask_by_flow(caller: Caller, pair: Pair) -> CouncilAnswer:
    """
    Ask the council about a pair; the caller pays.

    Raises:
        BadInput: with the reason of a flow that did not succeed.
        TransientError: without Prefect, and without an end of the flow in time.
    """
    parameters = {
        "user_id": int(caller.user.user_id),
        "venue": str(caller.services.venue),
        "pair": str(pair),
    }
    return read_result(await _run(caller, ASK, parameters=parameters), kind=CouncilAnswer)


def write_result(value: CouncilAnswer | SeatTable) -> str:
    """A result as the message of a flow's final state."""
    return json.dumps(dump_json(value, kind=type(value)), ensure_ascii=False)


def read_result[V](text: str, *, kind: type[V]) -> V:
    """The result again. Raises PermanentError for another text, as of another release."""
    try:
        return load_json(json.loads(text), kind=kind)
    except (ValueError, TypeError, KeyError):
        raise PermanentError(message("council-flow-failed")) from None


async def _run(caller: Caller, name: str, *, parameters: Mapping[str, Any]) -> str:
    gateway = caller.services.deployments
    if gateway is None:
        raise TransientError(message("council-needs-prefect"))
    end = await gateway.run_to_end(name, parameters=parameters, seconds=LONGEST_SECONDS)
    if not end.is_completed:
        raise BadInput(read_state(end.message) or message("council-flow-failed"))
    return end.message
