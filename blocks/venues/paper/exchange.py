"""The paper venue: a simulated exchange behind the same port as live venues.

    call -> load book -> catch up to now -> (place, cancel, read) -> save, or start again

Decisions: there is no background process; each call first catches up on the time since the last
call (`catch_up`). A save works only on the loaded version of the book, so two workers acting at
the same time end up in sequence, and each order is placed once. An unsaved step has not
happened. Within `MARK_LIFE` of the last catch-up an instance trusts the known mark, unless a
candle has closed since. Requests within `BOOK_LIFE` of a read of the open orders are answered from
the same book, as a page of an exchange would show the account.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from blocks.venues.paper.catch_up import catch_up
from trading.domain.accounts import Balance
from trading.domain.errors import OutcomeUnknown, PermanentError, TransientError
from trading.domain.instruments import FeeRates, Instrument
from trading.domain.messages import Message, message
from trading.domain.orders import Fill, Order, OrderIntent, OrderType, Outcome, Placement
from trading.domain.positions import Position
from trading.domain.units import ZERO, ClientOrderId, Pair, VenueName, floor_time
from trading.market.snapshot import OrderBook, Ticker, synthesize_book
from trading.ports import Clock, FundingPayment, MarketData
from trading.simulation.account import ADVANCE_INTERVAL, PaperBook, PaperPair, PaperStep
from trading.simulation.exchange import cancel, place, set_leverage
from trading.simulation.store import PaperStore
from trading.simulation.validation import PaperMarket

ATTEMPTS = 20
"""How often a call starts again because another one saved first; each time somebody got on."""

MARK_LIFE = timedelta(seconds=5)
BOOK_LIFE = timedelta(seconds=0.25)
"""Open orders are what every look begins with; they and whatever changes the book read it anew."""


class PaperExchange:
    """
    A user's paper account; fulfils `Exchange`.

    Args:
        store: the account's books.
        market: source of prices; the caller closes the market.
        clock: the venue's time; fixed in replay.
        order_seconds: travel time of an order; 0 answers at once.
    """

    venue = VenueName.PAPER
    is_certain = True

    def __init__(
        self, *, store: PaperStore, market: MarketData, clock: Clock, order_seconds: float = 0
    ) -> None:
        self._order_seconds = order_seconds
        self._store = store
        self._market = market
        self._clock = clock
        self._looked_at: datetime | None = None
        self._shown: tuple[PaperBook, datetime] | None = None

    @property
    def oddities(self) -> Mapping[str, Message]:
        """None: the books are ours."""
        return {}

    async def measure_clock_offset(self) -> timedelta:
        return timedelta(0)

    async def fetch_balance(self) -> Balance:
        book = await self._show()
        return Balance(total=book.balance, available=book.available, reserved=book.reserved)

    async def fetch_positions(self) -> tuple[Position, ...]:
        book = await self._show()
        found = (_show_position(entry) for entry in book.pairs)
        return tuple(position for position in found if position is not None)

    async def fetch_open_orders(self, pair: Pair) -> tuple[Order, ...]:
        self._shown = await self._advance()
        entry = self._shown[0].find_pair(pair)
        return entry.orders if entry else ()

    async def find_order(self, pair: Pair, client_order_id: ClientOrderId) -> Order | None:
        _, _, order = await self._advance_with(client_order_id)
        return order if order is not None and order.pair == pair else None

    async def fetch_fills(self, pair: Pair, *, since: datetime) -> tuple[Fill, ...]:
        await self._show()
        return await self._store.list_fills(pair, since=since)

    async def fetch_funding_payments(
        self, pair: Pair, *, since: datetime
    ) -> tuple[FundingPayment, ...]:
        await self._show()
        return await self._store.list_payments(pair, since=since)

    async def fetch_fee_rates(self, pair: Pair) -> FeeRates | None:  # noqa: ARG002
        """None: a paper account pays the instrument's rates."""
        return None

    async def set_leverage(self, pair: Pair, leverage: Decimal) -> None:
        """
        Set the pair's leverage.

        Raises:
            PermanentError: when the leverage is not allowed, or a position is open at another.
            TransientError: when the books or the market could not be read.
        """
        instrument = await self._market.fetch_instrument(pair, as_of=self._clock())
        for _ in range(ATTEMPTS):
            book, now = await self._advance()
            changed = set_leverage(book, leverage, instrument=instrument, at=now)
            if changed is book or await self._save(PaperStep(book=changed)):
                return
        raise _busy()

    async def place_order(self, intent: OrderIntent) -> Placement:
        """
        Place at most once; the answer says what is proven.

        BACK_OFF: nothing was placed, the books or the market could not be read. UNKNOWN: the
        connection to the database was lost during the save.

        Raises:
            ValueError: when the intent is another account's.
        """
        if self._order_seconds:
            await asyncio.sleep(self._order_seconds)
        try:
            return await self._place(intent)
        except PermanentError as error:
            return Placement(outcome=Outcome.REJECTED, reason=error.message)
        except (TransientError, OutcomeUnknown) as error:
            return _unfinished(error)

    async def cancel_order(self, pair: Pair, client_order_id: ClientOrderId) -> Placement:
        """Cancel; a final order is returned with the final state."""
        try:
            placement = await self._cancel(pair, client_order_id)
            known = await self._store.find_order(client_order_id)
        except (TransientError, OutcomeUnknown) as error:
            return _unfinished(error)
        if placement.order is None and known is not None and known.pair == pair:
            return Placement(outcome=Outcome.ACCEPTED, order=known)
        return placement

    async def close(self) -> None:
        """Nothing is ours to give back."""

    async def _place(self, intent: OrderIntent) -> Placement:
        market: PaperMarket | None = None
        for _ in range(ATTEMPTS):
            book, now, known = await self._advance_with(intent.client_order_id)
            if known is not None:
                return Placement(outcome=Outcome.DUPLICATE, reason=message("order-name-taken"))
            market = market or await self._look(intent, now)
            step, placement = place(book, intent, market=market, at=now)
            if placement.order is None or await self._save(step):
                return placement
        raise _busy()

    async def _cancel(self, pair: Pair, client_order_id: ClientOrderId) -> Placement:
        for _ in range(ATTEMPTS):
            book, now = await self._advance()
            step, placement = cancel(book, pair, client_order_id=client_order_id, at=now)
            if placement.order is None or await self._save(step):
                return placement
        raise _busy()

    async def _show(self) -> PaperBook:
        """The book of the last read of the open orders, or the current book."""
        if self._shown is not None:
            book, at = self._shown
            if at <= self._clock() < at + BOOK_LIFE:
                return book
        self._shown = await self._advance()
        return self._shown[0]

    async def _advance(self) -> tuple[PaperBook, datetime]:
        """The current book, and the current time."""
        for _ in range(ATTEMPTS):
            now = self._clock()
            book = await self._store.load_book()
            if self._has_just_looked(now):
                return book, now
            step = await catch_up(book, self._market, now=now)
            is_same = step.book == book
            if is_same or await self._save(step):
                self._looked_at = now
                return step.book if is_same else _saved(step.book), now
        raise _busy()

    async def _advance_with(
        self, client_order_id: ClientOrderId
    ) -> tuple[PaperBook, datetime, Order | None]:
        """
        As `_advance`, with the order of the given name; None for a free name.

        The order is read after the book: a later order has changed the book's version.
        """
        now = self._clock()
        if self._has_just_looked(now):
            book, order = await self._store.load_book_and_order(client_order_id)
            return book, now, order
        book, now = await self._advance()
        return book, now, await self._store.find_order(client_order_id)

    async def _save(self, step: PaperStep) -> bool:
        self._shown = None
        return await self._store.save_step(step)

    def _has_just_looked(self, now: datetime) -> bool:
        if self._looked_at is None or not self._looked_at <= now < self._looked_at + MARK_LIFE:
            return False
        return _candle_of(self._looked_at) == _candle_of(now)

    async def _look(self, intent: OrderIntent, now: datetime) -> PaperMarket:
        """Market data for the order; a conditional order only rests and needs no book."""
        pair = intent.pair
        instrument = await self._market.fetch_instrument(pair, as_of=now)
        ticker = await self._market.fetch_ticker(pair, as_of=now)
        if intent.order_type is not OrderType.MARKET:
            nothing = OrderBook(bids=(), asks=(), as_of=now)
            return _build_market(instrument, ticker, order_book=nothing, volume=ZERO)
        series = await self._market.fetch_candles(pair, ADVANCE_INTERVAL, limit=1, as_of=now)
        volume = series.candles[-1].volume if series.candles else ZERO
        order_book = await self._market.fetch_order_book(pair, as_of=now)
        if order_book is None:
            order_book = synthesize_book(
                ticker.last_price, volume=volume, instrument=instrument, as_of=now
            )
        return _build_market(instrument, ticker, order_book=order_book, volume=volume)


def _build_market(
    instrument: Instrument, ticker: Ticker, *, order_book: OrderBook, volume: Decimal
) -> PaperMarket:
    return PaperMarket(
        instrument=instrument,
        order_book=order_book,
        mark_price=ticker.mark_price,
        volume=volume,
    )


def _show_position(entry: PaperPair) -> Position | None:
    """The pair's position with the first resting stop and target."""
    if entry.position is None:
        return None
    return replace(
        entry.position,
        stop_price=_find_trigger(entry, OrderType.STOP_MARKET),
        target_price=_find_trigger(entry, OrderType.TAKE_PROFIT_MARKET),
    )


def _find_trigger(entry: PaperPair, order_type: OrderType) -> Decimal | None:
    resting = (order for order in entry.orders if order.order_type is order_type)
    return next((order.trigger_price for order in resting), None)


def _saved(book: PaperBook) -> PaperBook:
    return replace(book, version=book.version + 1)


def _candle_of(instant: datetime) -> datetime:
    return floor_time(instant, ADVANCE_INTERVAL.duration)


def _busy() -> TransientError:
    return TransientError(message("paper-busy"), retry_after_seconds=1)


def _unfinished(error: TransientError | OutcomeUnknown) -> Placement:
    if isinstance(error, OutcomeUnknown):
        return Placement(outcome=Outcome.UNKNOWN, reason=error.message)
    return Placement(
        outcome=Outcome.BACK_OFF,
        reason=error.message,
        retry_after_seconds=error.retry_after_seconds,
    )
