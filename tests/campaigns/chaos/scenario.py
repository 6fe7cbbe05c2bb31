"""What goes wrong in one run, drawn from a seed."""

from dataclasses import dataclass
from random import Random
from typing import Any

from trading.domain.units import VenueName

WRITES = {
    VenueName.BINANCE: r"POST /fapi/v1/(order|algoOrder)$",
    VenueName.BYBIT: r"POST /v5/order/create$",
}
READS = {
    VenueName.BINANCE: r"GET /fapi/v./(order|algoOrder|openAlgoOrders|userTrades|positionRisk)$",
    VenueName.BYBIT: r"GET /v5/(order/realtime|execution/list|position/list)$",
}
UNSURE = {
    VenueName.BINANCE: '{"code":-1007,"msg":"Timeout waiting for response from backend server."}',
    VenueName.BYBIT: '{"retCode":10016,"retMsg":"Internal system error","result":{},"time":1}',
}
REFUSED = {
    VenueName.BINANCE: '{"code":-2019,"msg":"Margin is insufficient."}',
    VenueName.BYBIT: '{"retCode":110007,"retMsg":"ab not enough","result":{},"time":1}',
}
HTML = "<html>502</html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """
    One run.

    Attributes:
        kill_at, pause_at: steps of the path; at most one of them.
        is_doubled: two workers walk the same cycle at once.
        late_ms: how long the venue hides a new order from queries.
    """

    kill_at: int | None = None
    pause_at: int | None = None
    is_doubled: bool = False
    faults: tuple[dict[str, Any], ...] = ()
    late_ms: int = 0
    pieces: int = 1


def draw(venue: VenueName, *, seed: int, steps: int) -> Scenario:
    """A scenario: one or two faults, and perhaps a kill, a pause or a double."""
    random = Random(seed)
    disaster = random.choice(["kill", "kill", "pause", "double", "none"])
    step = random.randrange(1, steps + 1)
    return Scenario(
        kill_at=step if disaster == "kill" else None,
        pause_at=step if disaster == "pause" else None,
        is_doubled=disaster == "double",
        faults=tuple(_draw_fault(random, venue) for _ in range(random.randrange(3))),
        late_ms=random.choice([0, 0, 0, 1_500, 30_000, 40 * 60_000]),
        pieces=random.choice([1, 1, 3]),
    )


def _draw_fault(random: Random, venue: VenueName) -> dict[str, Any]:
    where = random.choice([WRITES, WRITES, READS])[venue]
    is_done = random.random() < 0.5
    kinds: list[dict[str, Any]] = [
        {"action": "lose_request", "is_done": False},
        {"action": "lose_answer"},
        {"action": "cut_body"},
        {"action": "answer", "body": "", "is_done": is_done},
        {"action": "answer", "status": 502, "body": HTML, "is_done": is_done},
        {"action": "answer", "body": UNSURE[venue], "is_done": is_done},
        {"action": "answer", "status": 400, "body": REFUSED[venue], "is_done": False,
         "where": WRITES[venue]},
    ]  # fmt: skip
    return {"where": where, "skip": random.randrange(4), **random.choice(kinds)}
