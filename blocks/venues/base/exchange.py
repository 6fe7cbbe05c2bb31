"""Base class of the accounts at Binance and Bybit: posts each order once, reports proven results.

    OrderIntent -> rules, permit, clock (entries) -> post once -> classify -> check id -> Placement

Decisions: an order is posted once and never repeated here. An answer without an id, or about
another order than ours, is UNKNOWN. Our checks can refuse an entry only: an entry must fit the
instrument's rules, pass `permit` (live unlocked, key verified) and find our clock within 500 ms of
the venue's, all within 4 s (`POST_WITHIN_SECONDS`; the lease of the intent lasts 15 s). A reducing
order is posted without these checks: the venue decides. If a refusal shows that the cached rules
are outdated, the cache drops the rules. Unsuitable modes of the whole account (hedge mode) are
reported as errors; this class never switches such a mode.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from blocks.venues.base.market import PublicMarket
from blocks.venues.base.order_validation import find_misfit, find_tier_misfit
from blocks.venues.base.rate_limiter import MAX_WAIT_SECONDS
from blocks.venues.base.response_classifier import build_refusal, classify
from blocks.venues.base.rest_client import PrivateClient
from trading.domain.accounts import Balance
from trading.domain.errors import PermanentError, QuorumError, TransientError
from trading.domain.instruments import FeeRates, LeverageTier, find_max_leverage
from trading.domain.messages import Message, message
from trading.domain.orders import Fill, Order, OrderIntent, OrderStatus, Outcome, Placement
from trading.domain.positions import Position
from trading.domain.transfers import ProfitMover
from trading.domain.units import ZERO, ClientOrderId, Pair, VenueName
from trading.ports import FundingPayment

POST_WITHIN_SECONDS = 4.0
"""Most time from the start of an entry's checks to the post, so the price is still recent."""

type Permit = Callable[[], Awaitable[None]]
"""Raises PermanentError when an entry may not go out, TransientError when that is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A write request: ccxt's raw method, the parameters, and the weight in the rate limit."""

    endpoint: str
    parameters: Mapping[str, object]
    weight: int = 1


class AccountExchange(ABC):
    """
    `Exchange` of one user at a live venue; the subclasses hold the differences between venues.

    Args:
        market: of the same venue, the source of the rules for entries. The caller closes the
            market.

    Attributes:
        permit: asked before every order that opens; its error prevents the post.
    """

    venue: VenueName
    is_certain = False
    transfers: ProfitMover

    def __init__(self, client: PrivateClient, *, market: PublicMarket) -> None:
        self._client = client
        client.time.ask = self.fetch_time
        self.market = market
        self.permit: Permit | None = None
        self._tiers: dict[Pair, tuple[LeverageTier, ...]] = {}
        self._leverages: dict[Pair, Decimal] = {}

    @property
    def oddities(self) -> Mapping[str, Message]:
        """Messages about unreadable rows in the newest answers, by subject and symbol."""
        return self._client.rows.oddities

    async def place_order(self, intent: OrderIntent) -> Placement:
        """Post exactly once; class the answer."""
        licensed_at = self._client.clock()
        refused = await self._find_obstacle(intent)
        if refused is not None:
            return refused
        patience = MAX_WAIT_SECONDS
        if not intent.reduce_only:
            took = (self._client.clock() - licensed_at).total_seconds()
            patience = POST_WITHIN_SECONDS - took
            if patience < 0:
                return _drop(took)
        request = self._build_order(intent)
        try:
            answer = await self._client.ask(
                request.endpoint,
                request.parameters,
                weight=request.weight,
                is_urgent=intent.reduce_only,
                patience=patience,
            )
        except TransientError as error:  # the budget's: nothing was sent
            return _back_off(error)
        self._client.has_entered |= not intent.reduce_only
        if classify(answer, self._client.table) is not Outcome.ACCEPTED:
            refusal = build_refusal(
                answer,
                self._client.table,
                venue=self._client.name,
                wait=self._client.find_wait(answer),
            )
            if refusal.has_stale_rules:
                self.market.forget_instrument(intent.pair)
            return refusal
        order = self._read_placed(answer.json, intent)
        if order is None:
            return _unknown(message("venue-answer-foreign", venue=self._client.name))
        return Placement(outcome=Outcome.ACCEPTED, order=order)

    async def cancel_order(self, pair: Pair, client_order_id: ClientOrderId) -> Placement:
        """Cancel once, then look the order up: the result is the lookup's, not the answer's."""
        request = self._build_cancel(pair, client_order_id)
        try:
            answer = await self._client.ask(
                request.endpoint, request.parameters, weight=request.weight, is_urgent=True
            )
            order = await self.find_order(pair, client_order_id)
        except TransientError as error:
            return _unknown(error.message)
        except PermanentError as error:
            return Placement(outcome=Outcome.REJECTED, reason=error.message)
        if order is not None and order.status.is_final:
            return Placement(outcome=Outcome.ACCEPTED, order=order)
        if order is None and self._is_gone(answer.json):
            return Placement(
                outcome=Outcome.REJECTED,
                reason=message("venue-order-unknown", venue=self._client.name),
            )
        return _unknown(message("venue-still-shows-order", venue=self._client.name))

    async def set_leverage(self, pair: Pair, leverage: Decimal) -> None:
        """
        Set the pair's leverage, and refuse an account with unsuitable modes.

        Raises:
            PermanentError: for hedge mode, cross margin, or a leverage that is not possible.
            TransientError: when the venue does not answer.
        """
        if leverage != leverage.to_integral_value() or leverage < 1:
            raise PermanentError(message("leverage-not-whole", leverage=leverage))
        self._tiers[pair] = await self.fetch_leverage_tiers(pair)
        if leverage > find_max_leverage(self._tiers[pair], notional=ZERO):
            raise PermanentError(
                message(
                    "leverage-refused", venue=self._client.name, leverage=leverage, pair=str(pair)
                )
            )
        current = await self._check_modes(pair)
        if current != leverage:
            await self._change_leverage(pair, leverage)
        self._leverages[pair] = leverage

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def measure_clock_offset(self) -> timedelta:
        """Our clock minus the venue's, half of the round trip taken off. Raises TransientError."""
        return -await self._client.time.measure()

    async def check_key(self) -> None:
        """
        Check that the key may trade and do nothing else, and that the account's modes fit.

        Raises:
            PermanentError: with the rights to tick and untick, and the settings to change.
            TransientError: when the venue does not answer.
        """
        faults = (*await self._find_key_faults(), *await self._find_account_faults())
        if faults:
            raise PermanentError(message("key-unusable", venue=self._client.name, steps=faults))

    async def estimate_fee_rate(self, pair: Pair, *, usual: Decimal) -> Decimal:
        """The account's own taker rate for a fee that the venue does not tell, else `usual`."""
        try:
            return (await self.fetch_fee_rates(pair)).taker
        except QuorumError:
            return usual

    @abstractmethod
    async def _find_key_faults(self) -> tuple[Message, ...]: ...

    @abstractmethod
    async def _find_account_faults(self) -> tuple[Message, ...]:
        """Settings of the account that forbid trading, each with the place for the change."""

    @abstractmethod
    async def fetch_time(self) -> datetime:
        """The venue's clock."""

    @abstractmethod
    async def fetch_leverage_tiers(self, pair: Pair) -> tuple[LeverageTier, ...]:
        """The venue's maximal leverage by notional. Raises as `PrivateClient.read`."""

    @abstractmethod
    async def fetch_fee_rates(self, pair: Pair) -> FeeRates: ...

    @abstractmethod
    async def fetch_balance(self) -> Balance: ...

    @abstractmethod
    async def fetch_positions(self) -> tuple[Position, ...]: ...

    @abstractmethod
    async def fetch_open_orders(self, pair: Pair) -> tuple[Order, ...]: ...

    @abstractmethod
    async def fetch_fills(self, pair: Pair, *, since: datetime) -> tuple[Fill, ...]: ...

    @abstractmethod
    async def fetch_funding_payments(
        self, pair: Pair, *, since: datetime
    ) -> tuple[FundingPayment, ...]: ...

    @abstractmethod
    async def find_order(self, pair: Pair, client_order_id: ClientOrderId) -> Order | None: ...

    @abstractmethod
    def _build_order(self, intent: OrderIntent) -> Request: ...

    @abstractmethod
    def _build_cancel(self, pair: Pair, client_order_id: ClientOrderId) -> Request: ...

    @abstractmethod
    def _read_placed(self, body: Any, intent: OrderIntent) -> Order | None:
        """The order in a successful answer; None when the order is not provably ours."""

    @abstractmethod
    def _is_gone(self, body: Any) -> bool:
        """Whether a cancel was refused because no such order is open."""

    @abstractmethod
    async def _check_modes(self, pair: Pair) -> Decimal | None:
        """The current leverage, None when unknown. Raises PermanentError for unsuitable modes."""

    @abstractmethod
    async def _change_leverage(self, pair: Pair, leverage: Decimal) -> None: ...

    async def _find_obstacle(self, intent: OrderIntent) -> Placement | None:
        """The reason why an entry may not be posted; an order that reduces is always posted."""
        if intent.reduce_only:
            return None
        try:
            instrument = await self.market.fetch_instrument(
                intent.pair, as_of=self._client.clock()
            )
            if self.permit is not None:
                await self.permit()
            complaint = await self._client.time.check()
            if complaint:
                return Placement(outcome=Outcome.BACK_OFF, reason=complaint)
        except TransientError as error:
            return _back_off(error)
        except QuorumError as error:
            return Placement(outcome=Outcome.REJECTED, reason=error.message)
        leverage = self._leverages.get(intent.pair)
        complaint = find_misfit(intent, instrument)
        if not complaint and leverage is not None:
            complaint = find_tier_misfit(intent, self._tiers[intent.pair], leverage=leverage)
        return Placement(outcome=Outcome.REJECTED, reason=complaint) if complaint else None


def write_number(number: Decimal) -> str:
    """Plain digits, as venues expect: no exponent, no trailing zeros."""
    return format(number.normalize(), "f")


def build_accepted(intent: OrderIntent, *, venue_order_id: str, at: datetime) -> Order:
    """An ACCEPTED order, after an answer that has only an id; a lookup finds the state later."""
    return Order.from_intent(
        intent, status=OrderStatus.ACCEPTED, venue_order_id=venue_order_id, at=at
    )


def _back_off(error: TransientError) -> Placement:
    return Placement(
        outcome=Outcome.BACK_OFF,
        reason=error.message,
        retry_after_seconds=error.retry_after_seconds,
    )


def _drop(took: float) -> Placement:
    told = message("order-checks-slow", took=f"{took:.1f}", limit=f"{POST_WITHIN_SECONDS:.0f}")
    return Placement(outcome=Outcome.BACK_OFF, reason=told)


def _unknown(reason: Message) -> Placement:
    return Placement(outcome=Outcome.UNKNOWN, reason=reason)
