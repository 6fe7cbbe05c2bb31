"""A small exchange with a ledger of its own: the judge of what really happened.

place, cancel, set_price -> orders, fills, positions, funding, seconds without a stop

Its accounting is written for itself (signed average cost) and shares no code with the product, so
that one mistake can't be on both sides. One-way mode, linear, isolated; nobody
cancels the other leg of a stop: orphans rest until they are swept. Refusals are kinds; each
dialect has its own codes for them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from tests.doubles.venue.clock import VirtualClock

ZERO = Decimal(0)
FEE_RATE = Decimal("0.0005")
TICK, STEP = Decimal("0.1"), Decimal("0.001")
MIN_NOTIONAL = Decimal(5)
KEY, SECRET = "key-of-ann", "secret-of-ann"
DAY_MS = 86_400_000
_FORCED_NAMES = {"BustTrade": "autoclose-", "AdlTrade": "adl_autoclose-"}


class Refusal(StrEnum):
    """Why the engine does not do it."""

    MARGIN = "margin"
    NOTHING_TO_REDUCE = "nothing_to_reduce"
    NOTIONAL = "notional"
    OFF_STEP = "off_step"
    WOULD_TRIGGER = "would_trigger"
    DUPLICATE = "duplicate"
    NOT_FOUND = "not_found"


class RefusedError(Exception):
    """The engine's no."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


@dataclass(slots=True, kw_only=True)
class VenueOrder:
    """
    One order.

    Attributes:
        kind: MARKET, STOP_MARKET or TAKE_PROFIT_MARKET.
        state: new, partial, filled, canceled, expired or rejected.
        became_id: of the engine's order that a conditional one turned into, 0 before.
        visible_at: when queries begin to show it, ms.
    """

    number: int
    name: str
    symbol: str
    is_buy: bool
    kind: str
    quantity: Decimal
    trigger: Decimal = ZERO
    is_reduce_only: bool = False
    state: str = "new"
    filled: Decimal = ZERO
    cost: Decimal = ZERO
    became_id: int = 0
    created_at: int = 0
    updated_at: int = 0
    visible_at: int = 0

    @property
    def average(self) -> Decimal:
        """Of its fills, 0 without one."""
        return self.cost / self.filled if self.filled else ZERO

    @property
    def sign(self) -> int:
        """+1 for a buy."""
        return 1 if self.is_buy else -1

    @property
    def is_open(self) -> bool:
        """Whether something may still become of it."""
        return self.state in {"new", "partial"}

    def is_kept(self, now_ms: int, *, unfilled_ms: int, filled_ms: int) -> bool:
        """Whether queries still show it: what ended long ago is forgotten, sooner if unfilled."""
        kept_ms = filled_ms if self.filled else unfilled_ms
        return self.is_open or now_ms - self.updated_at <= kept_ms

    @property
    def falls(self) -> bool:
        """Whether its trigger is reached from above."""
        return (self.kind == "STOP_MARKET") != self.is_buy


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueFill:
    """One execution."""

    number: int
    order: VenueOrder
    price: Decimal
    quantity: Decimal
    fee: Decimal
    at: int
    kind: str = "Trade"
    fee_asset: str = "USDT"
    fee_rate: Decimal = Decimal(1)

    @property
    def fee_amount(self) -> Decimal:
        """The fee in its asset."""
        return self.fee / self.fee_rate


@dataclass(slots=True, kw_only=True)
class Account:
    """One key's account and its ledger."""

    key: str
    secret: str
    balance: Decimal = Decimal(10_000)
    is_hedged: bool = False
    is_isolated: bool = True
    is_multi: bool = False
    is_portfolio: bool = False
    fee_asset: str = "USDT"
    taker_rate: Decimal = FEE_RATE
    is_withdrawal_allowed: bool = False
    extra_rights: dict[str, object] = field(default_factory=dict)
    moved: list[tuple[str, Decimal, int]] = field(default_factory=list)
    leverage: dict[str, Decimal] = field(default_factory=dict)
    orders: list[VenueOrder] = field(default_factory=list)
    fills: list[VenueFill] = field(default_factory=list)
    funding: list[tuple[int, str, Decimal]] = field(default_factory=list)
    signed: dict[str, Decimal] = field(default_factory=dict)
    entry: dict[str, Decimal] = field(default_factory=dict)
    opened_at: dict[str, int] = field(default_factory=dict)
    bare_since: dict[str, int] = field(default_factory=dict)
    bare_ms: list[int] = field(default_factory=list)

    def resting(self, symbol: str) -> list[VenueOrder]:
        """Conditional orders that wait."""
        return [o for o in self.orders if o.symbol == symbol and o.is_open and o.trigger]


type Quote = Callable[[str, bool, Decimal], list[tuple[Decimal, Decimal]]]
"""(symbol, is_buy, quantity) -> prices and quantities that a market order gets."""


@dataclass(slots=True, kw_only=True)
class Engine:
    """
    The exchange.

    Attributes:
        are_names_for_ever: Bybit's rule; Binance frees a name when its order has ended.
        pieces: fills of one market order.
        late_ms: how long queries do not show a new order.
    """

    clock: VirtualClock
    are_names_for_ever: bool
    pieces: int = 1
    late_ms: int = 0
    price: dict[str, Decimal] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    quote: Quote | None = None
    _sequence: int = 1000

    def reset(self) -> None:
        """A new market and a new account of ann's; numbers go on, so that no id comes twice."""
        self.price, self.pieces, self.late_ms = {}, 1, 0
        self.accounts = {}
        self.open_account()

    def open_account(self, key: str = KEY, secret: str = SECRET) -> Account:
        """A new account with 10,000 USDT."""
        self.accounts[key] = Account(key=key, secret=secret)
        return self.accounts[key]

    def price_of(self, symbol: str) -> Decimal:
        """Mark and last."""
        return self.price.get(symbol, Decimal(100_000))

    def place(self, account: Account, order: VenueOrder) -> VenueOrder:
        """Take the order or raise `RefusedError`; a market order fills at once."""
        self._check(account, order)
        order.number = self._next()
        order.created_at = order.updated_at = self.clock.ms
        order.visible_at = self.clock.ms + self.late_ms
        account.orders.append(order)
        if not order.trigger:
            self._execute(account, order)
        self._note_bare(account, order.symbol)
        return order

    def cancel(self, account: Account, name: str) -> VenueOrder:
        """End an open conditional order."""
        for order in account.orders:
            if order.name == name and order.is_open:
                self._end(order, "canceled")
                self._note_bare(account, order.symbol)
                return order
        raise RefusedError(Refusal.NOT_FOUND)

    def find(self, account: Account, name: str) -> VenueOrder | None:
        """The newest order of that name that is visible by now."""
        shown = [o for o in account.orders if o.name == name and o.visible_at <= self.clock.ms]
        return shown[-1] if shown else None

    def set_price(self, symbol: str, price: Decimal) -> None:
        """Move the market; triggers go off."""
        self.price[symbol] = price
        for account in self.accounts.values():
            for order in account.resting(symbol):
                reached = price <= order.trigger if order.falls else price >= order.trigger
                if reached and order.is_open:
                    self._trigger(account, order)

    def liquidate(self, account: Account, symbol: str, *, kind: str = "BustTrade") -> None:
        """The venue closes the position; AdlTrade for auto-deleveraging."""
        signed = account.signed.get(symbol, ZERO)
        forced = VenueOrder(
            number=self._next(),
            name=f"{_FORCED_NAMES[kind]}{self._sequence}",
            symbol=symbol,
            is_buy=signed < 0,
            kind="MARKET",
            quantity=abs(signed),
            created_at=self.clock.ms,
        )
        account.orders.append(forced)
        self._fill(account, forced, self.price_of(symbol), abs(signed), kind=kind)
        forced.state = "filled"
        self._note_bare(account, symbol)

    def move_out(self, account: Account, name: str, amount: Decimal) -> None:
        """Move free money to the funding wallet of the same account."""
        if amount > account.balance - self.margin_of(account):
            raise RefusedError(Refusal.MARGIN)
        account.balance -= amount
        account.moved.append((name, amount, self.clock.ms))

    def settle_funding(self, symbol: str, rate: Decimal) -> None:
        """Longs pay shorts `rate` of the notional."""
        for account in self.accounts.values():
            signed = account.signed.get(symbol, ZERO)
            if signed:
                paid = signed * self.price_of(symbol) * rate
                account.balance -= paid
                account.funding.append((self.clock.ms, symbol, paid))

    def end_bare(self, account: Account) -> list[int]:
        """All spans without a stop, those that still run included, ms."""
        running = [self.clock.ms - since for since in account.bare_since.values()]
        return [*account.bare_ms, *running]

    def margin_of(self, account: Account) -> Decimal:
        """Initial margin of all positions."""
        return sum(
            (
                abs(signed) * account.entry[symbol] / account.leverage.get(symbol, Decimal(20))
                for symbol, signed in account.signed.items()
                if signed
            ),
            ZERO,
        )

    def _check(self, account: Account, order: VenueOrder) -> None:
        named = [o for o in account.orders if o.name == order.name]
        if any(self.are_names_for_ever or o.is_open for o in named):
            raise RefusedError(Refusal.DUPLICATE)
        if order.quantity <= 0 or order.quantity % STEP or order.trigger % TICK:
            raise RefusedError(Refusal.OFF_STEP)
        signed, price = account.signed.get(order.symbol, ZERO), self.price_of(order.symbol)
        if order.is_reduce_only and not order.trigger and signed * order.sign >= 0:
            raise RefusedError(Refusal.NOTHING_TO_REDUCE)
        if order.trigger:
            reached = price <= order.trigger if order.falls else price >= order.trigger
            if reached:
                raise RefusedError(Refusal.WOULD_TRIGGER)
        if not order.is_reduce_only:
            notional = order.quantity * price
            leverage = account.leverage.get(order.symbol, Decimal(20))
            if notional < MIN_NOTIONAL:
                raise RefusedError(Refusal.NOTIONAL)
            if notional / leverage > account.balance - self.margin_of(account):
                raise RefusedError(Refusal.MARGIN)

    def _trigger(self, account: Account, order: VenueOrder) -> None:
        order.became_id = self._next()
        order.updated_at = self.clock.ms
        if account.signed.get(order.symbol, ZERO) * order.sign >= 0:
            self._end(order, "expired")
        else:
            self._execute(account, order)
        self._note_bare(account, order.symbol)

    def _execute(self, account: Account, order: VenueOrder) -> None:
        left = order.quantity
        if order.is_reduce_only:
            left = min(left, abs(account.signed.get(order.symbol, ZERO)))
        for price, quantity in self._match(order, left):
            self._fill(account, order, price, quantity)
        self._end(order, "filled" if order.filled == order.quantity else "canceled")

    def _match(self, order: VenueOrder, quantity: Decimal) -> list[tuple[Decimal, Decimal]]:
        if self.quote is not None:
            return self.quote(order.symbol, order.is_buy, quantity)
        price = self.price_of(order.symbol)
        part = quantity / self.pieces // STEP * STEP
        sizes = [part] * (self.pieces - 1) if part else []
        return [(price, size) for size in (*sizes, quantity - sum(sizes, ZERO)) if size]

    def _fill(
        self,
        account: Account,
        order: VenueOrder,
        price: Decimal,
        quantity: Decimal,
        *,
        kind: str = "Trade",
    ) -> None:
        fee = price * quantity * account.taker_rate
        symbol, signed = order.symbol, account.signed.get(order.symbol, ZERO)
        change = quantity * order.sign
        if signed * change >= 0:
            account.opened_at.setdefault(symbol, self.clock.ms)
            held = abs(signed) * account.entry.get(symbol, ZERO) + quantity * price
            account.entry[symbol] = held / (abs(signed) + quantity)
        else:
            direction = 1 if signed > 0 else -1
            account.balance += direction * quantity * (price - account.entry[symbol])
        account.signed[symbol] = signed + change
        if not account.signed[symbol]:
            account.opened_at.pop(symbol, None)
        if account.fee_asset == "USDT":
            account.balance -= fee
        order.filled += quantity
        order.cost += price * quantity
        order.updated_at = self.clock.ms
        account.fills.append(
            VenueFill(
                number=self._next(),
                order=order,
                price=price,
                quantity=quantity,
                fee=fee,
                at=self.clock.ms,
                kind=kind,
                fee_asset=account.fee_asset,
                fee_rate=self.price_of(f"{account.fee_asset}USDT")
                if account.fee_asset != "USDT"
                else Decimal(1),
            )
        )

    def _end(self, order: VenueOrder, state: str) -> None:
        order.state, order.updated_at = state, self.clock.ms

    def _note_bare(self, account: Account, symbol: str) -> None:
        signed = account.signed.get(symbol, ZERO)
        covered = sum(
            (
                o.quantity
                for o in account.resting(symbol)
                if o.kind == "STOP_MARKET" and o.is_reduce_only and o.sign * signed < 0
            ),
            ZERO,
        )
        is_bare = bool(signed) and covered < abs(signed)
        if is_bare:
            account.bare_since.setdefault(symbol, self.clock.ms)
        elif symbol in account.bare_since:
            account.bare_ms.append(self.clock.ms - account.bare_since.pop(symbol))

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence
