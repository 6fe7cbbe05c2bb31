"""`quorum status`: each pair at a glance, and whether Quorum is running.

one transaction of the user -> PairStatus ... -> a table or JSON

Nothing here asks a venue: equity is what the last cycle saw.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import typer

from cli.base.output import (
    JsonOption,
    UserOption,
    print_json,
    print_table,
    show_money,
    show_number,
    show_time,
)
from trading.cycle import CycleOutcome, CycleRecord
from trading.domain.accounts import PairConfig, User
from trading.domain.intents import IntentRecord
from trading.domain.orders import IntentStatus
from trading.domain.positions import Position
from trading.domain.units import ZERO, Pair
from trading.risk.circuit_breaker import Breaker

if TYPE_CHECKING:
    from db.session import Tenant

IN_DOUBT = frozenset({IntentStatus.SENDING, IntentStatus.UNKNOWN})

commands = typer.Typer()


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCycle:
    """How the newest closed cycle of a pair ended; `reason` is a sentence."""

    cycle_time: datetime
    outcome: CycleOutcome
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PairStatus:
    """
    One pair now.

    Attributes:
        equity, net_pnl: quote units as of `as_of`; the capital and 0 before the first cycle.
        open_orders: orders that the venue may still fill, protection included.
        orders_in_doubt: orders whose fate at the venue is not proven.
    """

    pair: Pair
    config: PairConfig
    equity: Decimal
    net_pnl: Decimal
    as_of: datetime | None
    position: Position | None
    breaker: Breaker
    open_orders: int
    orders_in_doubt: int
    last_cycle: LastCycle | None

    @property
    def state(self) -> str:
        """In one word or two, for people."""
        if self.config.is_paused:
            return "paused"
        if self.breaker.until is not None:
            return f"breaker until {self.breaker.until:%H:%M}"
        return "running"


@commands.command()
def status(user: UserOption = "", as_json: JsonOption = False) -> None:
    """Show each pair at a glance, and whether Quorum is running."""
    owner, pairs, stack = asyncio.run(_load_status(user))
    if as_json:
        print_json({"user": owner, "is_running": bool(stack), "stack": stack, "pairs": pairs})
        return
    print_table(
        f"Status of {owner.name}",
        columns=("pair", "state", "equity>", "net PnL>", "position", "last cycle (UTC)", "why~"),
        rows=[_status_row(one) for one in pairs],
    )
    if any(one.orders_in_doubt for one in pairs):
        print("Some orders are in doubt: they are looked up until their fate is proven.")
    where = f"running, UI at {stack['ui_url']}" if stack else "not running: `quorum up` starts it"
    print(f"Quorum is {where}.")


def _status_row(one: PairStatus) -> tuple[str, ...]:
    last = one.last_cycle
    position = one.position
    return (
        str(one.pair),
        one.state,
        show_money(one.equity),
        show_money(one.net_pnl, signed=True),
        f"{position.side} {show_number(position.quantity)}" if position else "flat",
        f"{show_time(last.cycle_time)} {last.outcome}" if last else "none yet",
        last.reason if last else "",
    )


async def _load_status(
    user: str,
) -> tuple[User, tuple[PairStatus, ...], Mapping[str, Any] | None]:
    from cli.commands.user_session import open_scope

    async with open_scope(user) as scope, scope.tenant() as tenant:
        intents = await tenant.intents.list_open_intents()
        pairs = [
            await _load_pair(tenant, config, intents=intents)
            for config in await tenant.pairs.list_pairs()
        ]
        return scope.user, tuple(pairs), scope.session.home.load_state()


async def _load_pair(
    tenant: "Tenant", config: PairConfig, *, intents: tuple[IntentRecord, ...]
) -> PairStatus:
    pair = config.pair
    state = await tenant.states.load_pair_state(pair)
    record = await tenant.cycles.load_cycle(pair)
    own = [one for one in intents if one.intent.pair == pair]
    return PairStatus(
        pair=pair,
        config=config,
        equity=state.last_equity if state else config.capital,
        net_pnl=state.net_pnl if state else ZERO,
        as_of=state.updated_at if state else None,
        position=await tenant.positions.load_open_position(pair),
        breaker=await tenant.breakers.load_breaker(pair),
        open_orders=len(own),
        orders_in_doubt=sum(one.status in IN_DOUBT for one in own),
        last_cycle=_sum_up(record) if record else None,
    )


def _sum_up(record: CycleRecord) -> LastCycle:
    return LastCycle(
        cycle_time=record.key.cycle_time, outcome=record.outcome, reason=record.reason
    )
