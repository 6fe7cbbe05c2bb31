"""Figures of a demo, from the receipts and the books of the paper venue.

receipts, the venue's orders and fills -> build_summary -> DemoSummary

The venue's books, not ours, count orders and fills, and the time of a position without a stop:
from the opening fill to the acceptance of a stop for the whole position.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from trading.cycle import CycleOutcome, CycleRecord
from trading.domain.orders import Fill, Order, OrderStatus, OrderType
from trading.domain.units import ZERO, round_money

NEVER_RESTED = frozenset({OrderStatus.REJECTED, OrderStatus.DENIED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """
    Result of the replay.

    Attributes:
        planned: number of planned cycles.
        records: receipts in the order of time.
        errors: a sentence for each cycle with a failed run.
        orders: all orders of the paper venue.
        fills: all executions, oldest first.
        ended_at: the last cycle time.
    """

    planned: int
    records: tuple[CycleRecord, ...]
    errors: tuple[str, ...]
    orders: tuple[Order, ...]
    fills: tuple[Fill, ...]
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSummary:
    """
    The figures of a demo; money in quote units. `--json` keeps this order.

    Attributes:
        skipped: cycles not run; the receipt names the reason.
        holds: cycles without an entry or exit; `denials` of these had an entry wanted by the
            council and refused by risk.
        entries, exits: positions opened and closed, by the venue's fills.
        orders: orders received by the venue, including stops and targets.
        bare_seconds_max: longest time of a position without a stop for the whole quantity.
        completed: cycles run to the end and not skipped.
    """

    cycles: int
    skipped: int
    holds: int
    denials: int
    entries: int
    exits: int
    orders: int
    bare_seconds_max: float
    fees: Decimal
    funding: Decimal
    net_pnl: Decimal
    hold_pnl: Decimal
    buy_and_hold_pnl: Decimal
    market: str
    voters: tuple[str, ...]
    completed: int
    errors: int


def build_summary(played: Played, *, market: str, voters: tuple[str, ...]) -> DemoSummary:
    """Count. `market` is live, recorded or sample."""
    outcomes = [record.outcome for record in played.records]
    skipped = outcomes.count(CycleOutcome.SKIPPED)
    denials = outcomes.count(CycleOutcome.DENIED)
    entries, exits = count_turns(played.fills)
    portfolios = [record.portfolio for record in played.records if record.portfolio is not None]
    last = portfolios[-1] if portfolios else None
    return DemoSummary(
        cycles=played.planned,
        skipped=skipped,
        holds=outcomes.count(CycleOutcome.HELD) + denials,
        denials=denials,
        entries=entries,
        exits=exits,
        orders=len(played.orders),
        bare_seconds_max=measure_bare_seconds(
            played.fills, orders=played.orders, until=played.ended_at
        ),
        fees=round_money(last.fees) if last else ZERO,
        funding=round_money(last.funding) if last else ZERO,
        net_pnl=round_money(last.net_pnl) if last else ZERO,
        hold_pnl=round_money(last.hold_pnl) if last else ZERO,
        buy_and_hold_pnl=round_money(last.buy_and_hold_pnl) if last else ZERO,
        market=market,
        voters=voters,
        completed=played.planned - len(played.errors) - skipped,
        errors=len(played.errors),
    )


def count_turns(fills: Sequence[Fill]) -> tuple[int, int]:
    """Number of entries from flat and of exits to flat; fills oldest first."""
    entries = exits = 0
    held = ZERO
    for fill in fills:
        before, held = held, held + fill.quantity * fill.side.sign
        has_turned = before * held < 0
        entries += (before == 0 and held != 0) or has_turned
        exits += (before != 0 and held == 0) or has_turned
    return entries, exits


def measure_bare_seconds(
    fills: Sequence[Fill], *, orders: Sequence[Order], until: datetime
) -> float:
    """
    Longest venue time without stops for the whole position.

    Args:
        fills: oldest first, of a single pair.
        orders: of the same pair; only stops count, from acceptance to end.
        until: end of the period, for a position still open.
    """
    stops = [
        order
        for order in orders
        if order.order_type is OrderType.STOP_MARKET and order.status not in NEVER_RESTED
    ]
    moments = {until, *(fill.filled_at for fill in fills)}
    moments |= {order.created_at for order in stops}
    moments |= {order.updated_at for order in stops if order.status.is_final}
    ordered = sorted(moment for moment in moments if moment <= until)
    longest = current = timedelta(0)
    for begin, end in pairwise(ordered):
        held = sum((f.quantity * f.side.sign for f in fills if f.filled_at <= begin), ZERO)
        covered = sum((s.quantity for s in stops if _rests(s, begin)), ZERO)
        current = current + (end - begin) if covered < abs(held) else timedelta(0)
        longest = max(longest, current)
    seconds = longest.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds


def _rests(stop: Order, moment: datetime) -> bool:
    has_ended = stop.status.is_final and stop.updated_at <= moment
    return stop.created_at <= moment and not has_ended
