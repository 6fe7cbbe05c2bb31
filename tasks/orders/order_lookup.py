"""Looks up an order at the venue by client order id, then by the order's fills.

    find_order -> fetch_fills -> LookupResult: an order, or None and whether the venue answered

None means "not shown". Only a certain venue (paper) proves by None: never placed (VENUES.md,
finding 7). An answer about another order than the requested order counts as no answer. Lookups
only read, so callers may repeat lookups.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from prefect.logging import get_logger

from tasks.orders.pair_account import PairAccount
from tasks.runtime.retries import poll
from trading.domain.errors import QuorumError
from trading.domain.orders import Order, OrderIntent, build_filled_order

LOOK_BACK = timedelta(minutes=5)
"""Fills are requested from this long before the cycle: the venue's clock may differ."""

logger = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupResult:
    """The result of a lookup: the order, None when not shown; and whether the venue answered."""

    order: Order | None = None
    has_answered: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLookup:
    """Finds the orders of an account; the reads are retried."""

    account: PairAccount

    async def find_order(self, intent: OrderIntent) -> Order | None:
        """The order of an intent; None when the venue shows no order or does not answer."""
        return (await self.look_up(intent)).order

    async def look_up(self, intent: OrderIntent) -> LookupResult:
        """The order of an intent, with the difference between "not shown" and "no answer"."""
        read, exchange = self.account.read, self.account.exchange
        has_answered = True
        try:
            order = await read(lambda: exchange.find_order(intent.pair, intent.client_order_id))
            if order is not None and order.client_order_id == intent.client_order_id:
                return LookupResult(order=order)
        except QuorumError as error:
            logger.warning("The %s order could not be looked up: %s", intent.leg, error)
            has_answered = False
        since = intent.cycle_time - LOOK_BACK
        try:
            fills = await read(lambda: exchange.fetch_fills(intent.pair, since=since))
        except QuorumError as error:
            logger.warning("The %s order has no fills to see: %s", intent.leg, error)
            return LookupResult(has_answered=False)
        own = [fill for fill in fills if fill.client_order_id == intent.client_order_id]
        if own:
            return LookupResult(order=build_filled_order(intent, own))
        return LookupResult(has_answered=has_answered and not exchange.oddities)

    async def find_final(self, intent: OrderIntent, *, waits: Sequence[float]) -> Order | None:
        """
        The newest state of an order, looked up again while unknown or not final.

        Args:
            waits: seconds before each further lookup.
        """
        newest: Order | None = None

        async def look() -> Order | None:
            nonlocal newest
            newest = await self.find_order(intent) or newest
            return newest

        return await poll(look, until=_is_final, waits=waits, sleep=self.account.services.sleep)


def _is_final(order: Order | None) -> bool:
    return order is not None and order.status.is_final
