"""What a run came to: our books against the venue's ledger."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from db.session import Database
from trading.domain.intents import IntentRecord
from trading.domain.orders import IntentStatus, Leg
from trading.domain.units import Pair, UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    One run's figures.

    Attributes:
        entries: most orders, and most posts, that one entry intent came to at the venue.
        exits: most posts of one exit intent.
        lost: intents that are open though nothing can come of them any more.
        bare_ms: spans in which a position had no stop.
        orphans: stops and targets that rest though there is no position.
        unresolved: intents that are still in doubt after 24 h.
        mismatches: what our books and the venue's ledger disagree on.
    """

    entries: int
    exits: int
    lost: int
    bare_ms: tuple[int, ...]
    orphans: int
    unresolved: int
    mismatches: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Whether the run kept the promise, time without a stop aside."""
        bad = self.lost or self.orphans or self.unresolved or self.mismatches
        return self.entries <= 1 and self.exits <= 1 and not bad


async def judge(
    database: Database, user_id: UserId, *, pair: Pair, ledger: dict[str, Any], start: Decimal
) -> Finding:
    """Compare after everything has been reconciled."""
    async with database.tenant(user_id) as tenant:
        open_intents = await tenant.intents.list_open_intents(pair)
        held = await tenant.positions.load_open_position(pair)
        closed = await tenant.positions.list_closed_positions(pair)
        fills = await tenant.trades.list_fills(pair, limit=1000)
        intents = {
            name: await tenant.intents.load_intent(name)
            for name in {*ledger["entries"], *ledger["posted"]}
        }
    signed = held.signed_quantity if held else Decimal(0)
    mismatches = []
    if signed != Decimal(ledger["signed"]):
        mismatches.append(f"position {signed} is {ledger['signed']} at the venue")
    if len(fills) != ledger["fills"]:
        mismatches.append(f"{len(fills)} fills are {ledger['fills']} at the venue")
    if held is None:
        net = sum((p.net_pnl for p in closed), Decimal(0))
        there = Decimal(ledger["balance"]) - start
        if abs(net - there) > Decimal("0.000001"):
            mismatches.append(f"net {net} is {there} at the venue")
    return Finding(
        entries=max([_count_posts(ledger, intents, leg=Leg.ENTRY), *_count_orders(ledger)]),
        exits=_count_posts(ledger, intents, leg=Leg.EXIT),
        lost=sum(_is_lost(record, ledger) for record in open_intents),
        bare_ms=tuple(ledger["bare_ms"]),
        orphans=len(ledger["resting"]) if Decimal(ledger["signed"]) == 0 else 0,
        unresolved=sum(r.status in _DOUBTS for r in open_intents),
        mismatches=tuple(mismatches),
    )


_DOUBTS = frozenset({IntentStatus.UNKNOWN, IntentStatus.SENDING})


def _count_orders(ledger: dict[str, Any]) -> list[int]:
    return list(Counter(ledger["entries"]).values())


def _count_posts(
    ledger: dict[str, Any], intents: dict[str, IntentRecord | None], *, leg: Leg
) -> int:
    """Most posts of one intent of a leg."""
    posts = Counter(name for name in ledger["posted"] if _has_leg(intents.get(name), leg))
    return max([0, *posts.values()])


def _has_leg(record: IntentRecord | None, leg: Leg) -> bool:
    return record is not None and record.intent.leg is leg


def _is_lost(record: IntentRecord, ledger: dict[str, Any]) -> bool:
    """Open, and yet not resting at the venue."""
    return record.intent.client_order_id not in ledger["resting"]
