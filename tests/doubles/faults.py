"""Faults on the way to a venue and to the database: any call can be the last one.

Exchange -> FaultyExchange -> a call is refused, its answer is lost, the process dies around it
Database -> CrashingDatabase -> the process dies before a transaction or right after its commit

`Crash` stands for kill -9: nothing in the product catches it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from db.session import Database, Tenant
from trading.domain.accounts import Balance
from trading.domain.errors import TransientError
from trading.domain.instruments import FeeRates
from trading.domain.messages import Message, plain
from trading.domain.orders import Fill, Order, OrderIntent, Outcome, Placement
from trading.domain.positions import Position
from trading.domain.units import ClientOrderId, Pair, UserId, VenueName
from trading.ports import Exchange, FundingPayment


class Crash(Exception):
    """The process is gone."""


class Fault(StrEnum):
    """What happens to a call."""

    CRASH_BEFORE = "crash_before"
    CRASH_AFTER = "crash_after"
    LOSE_REQUEST = "lose_request"
    LOSE_ANSWER = "lose_answer"
    REJECT = "reject"
    FAIL = "fail"


@dataclass(slots=True)
class Faults:
    """
    Which calls go wrong, and which calls there were.

    Attributes:
        at: by the number of the call, counted from 0 over all methods and transactions.
        on: by the name of the method, for every call of it.
        hidden: whether lookups by client order id and by fills show nothing.
    """

    at: dict[int, Fault] = field(default_factory=dict)
    on: dict[str, Fault] = field(default_factory=dict)
    hidden: bool = False
    calls: list[str] = field(default_factory=list)

    async def around[Answer](self, name: str, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """Make a call that may go wrong. What a lost answer was is known to nobody."""
        fault = self.begin(name)
        if fault is Fault.FAIL:
            raise TransientError("The line is down.", retry_after_seconds=0)
        answer = await call()
        self.end(fault)
        return answer

    def begin(self, name: str) -> Fault | None:
        """Count a call; what is to go wrong with it."""
        fault = self.at.get(len(self.calls)) or self.on.get(name)
        self.calls.append(name)
        if fault is Fault.CRASH_BEFORE:
            raise Crash(name)
        return fault

    def end(self, fault: Fault | None) -> None:
        """The call has had its effect."""
        if fault is Fault.CRASH_AFTER:
            raise Crash("after the call")


@dataclass(slots=True)
class FaultyExchange:
    """Another exchange, with faults; fulfils `Exchange`."""

    inner: Exchange
    faults: Faults
    venue: VenueName = VenueName.PAPER
    is_certain: bool = False

    @property
    def oddities(self) -> Mapping[str, Message]:
        return self.inner.oddities

    async def measure_clock_offset(self) -> timedelta:
        return await self.inner.measure_clock_offset()

    async def fetch_fee_rates(self, pair: Pair) -> FeeRates | None:
        return await self.inner.fetch_fee_rates(pair)

    async def fetch_balance(self) -> Balance:
        return await self.faults.around("fetch_balance", self.inner.fetch_balance)

    async def fetch_positions(self) -> tuple[Position, ...]:
        return await self.faults.around("fetch_positions", self.inner.fetch_positions)

    async def fetch_open_orders(self, pair: Pair) -> tuple[Order, ...]:
        return await self.faults.around(
            "fetch_open_orders", lambda: self.inner.fetch_open_orders(pair)
        )

    async def find_order(self, pair: Pair, client_order_id: ClientOrderId) -> Order | None:
        found = await self.faults.around(
            "find_order", lambda: self.inner.find_order(pair, client_order_id)
        )
        return None if self.faults.hidden else found

    async def fetch_fills(self, pair: Pair, *, since: datetime) -> tuple[Fill, ...]:
        fills = await self.faults.around(
            "fetch_fills", lambda: self.inner.fetch_fills(pair, since=since)
        )
        return () if self.faults.hidden else fills

    async def fetch_funding_payments(
        self, pair: Pair, *, since: datetime
    ) -> tuple[FundingPayment, ...]:
        return await self.faults.around(
            "fetch_funding_payments",
            lambda: self.inner.fetch_funding_payments(pair, since=since),
        )

    async def set_leverage(self, pair: Pair, leverage: Decimal) -> None:
        await self.faults.around("set_leverage", lambda: self.inner.set_leverage(pair, leverage))

    async def place_order(self, intent: OrderIntent) -> Placement:
        return await self._write(f"place_{intent.leg}", lambda: self.inner.place_order(intent))

    async def cancel_order(self, pair: Pair, client_order_id: ClientOrderId) -> Placement:
        return await self._write(
            "cancel_order", lambda: self.inner.cancel_order(pair, client_order_id)
        )

    async def close(self) -> None:
        await self.inner.close()

    async def _write(self, name: str, call: Callable[[], Awaitable[Placement]]) -> Placement:
        fault = self.faults.begin(name)
        if fault is Fault.REJECT:
            return Placement(outcome=Outcome.REJECTED, reason=plain("The venue says no."))
        if fault is Fault.LOSE_REQUEST:
            return Placement(outcome=Outcome.UNKNOWN, reason=plain("Nobody answered."))
        placement = await call()
        self.faults.end(fault)
        if fault is Fault.LOSE_ANSWER:
            return Placement(outcome=Outcome.UNKNOWN, reason=plain("The answer was cut."))
        return placement


class CrashingDatabase(Database):
    """The same pools, with faults around each of a user's transactions."""

    def __init__(self, inner: Database, faults: Faults) -> None:
        self._app = inner._app
        self._operator = inner._operator
        self.faults = faults

    @asynccontextmanager
    async def tenant(self, user_id: UserId) -> AsyncIterator[Tenant]:
        fault = self.faults.begin("transaction")
        if fault is Fault.FAIL:
            raise TransientError("The database does not answer.")
        async with super().tenant(user_id) as tenant:
            yield tenant
        self.faults.end(fault)
