"""200 users behind one address: the venue never refuses one, and nobody asks before a ban ends.

users -> their own keys, one budget -> unchanged ccxt -> the double, which counts as the venue does

Every five minutes of the venue's time everybody is reconciled (positions, open orders, fills,
funding, balance). `QUORUM_TEST_ADDRESS_MINUTES=60` is the hour; a few minutes are the default.
"""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from tests.blocks.venues.venue_cases import BTC, World, open_world
from tests.doubles.venue.engine import SECRET
from tests.doubles.venue.faults import Action, Fault
from trading.domain.errors import TransientError
from trading.domain.units import VenueName

MINUTES = int(os.environ.get("QUORUM_TEST_ADDRESS_MINUTES", "5"))
USERS = int(os.environ.get("QUORUM_TEST_ADDRESS_USERS", "200" if MINUTES >= 60 else "60"))
ROUND_SECONDS = 300.0
BAN_SECONDS = 30.0
VENUES = [VenueName.BINANCE, VenueName.BYBIT]


@dataclass(slots=True)
class Address:
    """Everybody who asks from here."""

    world: World
    looked: int = 0
    asked_at_ms: list[int] = field(default_factory=list)

    def open(self) -> None:
        self.world.server.latency_ms = (1, 4)  # eight at once, one after the other here
        for number in range(USERS):
            self.world.server.engine.open_account(f"key-{number}", SECRET)
        self.world.server.before = lambda _: self.asked_at_ms.append(self.world.clock.ms)

    async def look(self, number: int) -> None:
        """All that reconciliation asks for one user; who is told to wait waits."""
        exchange = self.world.exchange
        exchange._client._exchange.apiKey = f"key-{number}"
        since = self.world.clock()
        questions: tuple[Callable[[], Awaitable[object]], ...] = (
            exchange.fetch_positions,
            lambda: exchange.fetch_open_orders(BTC),
            lambda: exchange.fetch_fills(BTC, since=since),
            lambda: exchange.fetch_funding_payments(BTC, since=since),
            exchange.fetch_balance,
        )
        for ask in questions:
            await self._ask(ask)
        self.looked += 1

    async def _ask(self, ask: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await ask()
            except TransientError as refused:
                self.world.clock.advance(refused.retry_after_seconds or 1)
            else:
                return

    async def go_on(self, *, minutes: int) -> None:
        end = self.world.clock.ms + minutes * 60_000
        while self.world.clock.ms < end:
            began = self.world.clock.ms
            for number in range(USERS):
                await self.look(number)
            left = ROUND_SECONDS - (self.world.clock.ms - began) / 1000
            self.world.clock.advance(max(left, 0))


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("venue", VENUES)
async def test_everybody_behind_one_address_is_reconciled_without_a_refusal(
    venue: VenueName,
) -> None:
    async with open_world(venue) as world:
        address = Address(world)
        address.open()

        await address.go_on(minutes=MINUTES)

        assert world.server.refused == 0
        assert world.server.asked_while_blocked == 0
        assert address.looked >= USERS


@pytest.mark.parametrize("venue", VENUES)
async def test_after_a_refusal_nobody_behind_the_address_asks_before_its_end(
    venue: VenueName,
) -> None:
    async with open_world(venue) as world:
        address = Address(world)
        address.open()
        await address.look(0)
        world.server.faults.append(
            Fault(
                where="GET",
                action=Action.ANSWER,
                status=429 if venue is VenueName.BINANCE else 403,
                body="{}",
                is_done=False,
                headers={"Retry-After": str(int(BAN_SECONDS))},
            )
        )
        address.asked_at_ms.clear()

        for number in range(1, 5):
            await address.look(number)

        refused_at, after = address.asked_at_ms[0], address.asked_at_ms[1]
        assert after - refused_at >= BAN_SECONDS * 1000
        assert world.server.asked_while_blocked == 0
