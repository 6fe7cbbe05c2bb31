"""What no sequence of orders, candles and settlements can do to a paper account."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doubles.market import build_candles
from tests.doubles.paper import (
    BTC,
    NOON,
    build_instrument,
    build_intent,
    build_market,
    build_order_book,
    build_stop,
    build_target,
    open_account,
)
from trading.domain.errors import QuorumError
from trading.domain.orders import Fill, Leg, Order, OrderIntent, Outcome
from trading.domain.positions import Position, apply_fill, split_at_flat
from trading.domain.units import BASIS_POINT, MONEY_STEP, ZERO, Side, floor_time, sum_money
from trading.market.candles import Candle, Interval
from trading.simulation.account import PaperBook, PaperStep
from trading.simulation.clock import MarketTape, advance
from trading.simulation.exchange import place, set_leverage
from trading.simulation.fills import MAX_SLIPPAGE_BPS
from trading.simulation.settlement import deposit, withdraw

RULES = build_instrument(
    step_size=Decimal("0.003"), min_quantity=Decimal("0.003"), max_leverage=Decimal(50)
)
FIVE = Interval.M5.duration
# Starting shortly before a settlement, with a candle under way, lets every rule take part.
START = NOON.replace(hour=15, minute=31)


@dataclass(frozen=True, slots=True)
class Trade:
    """A wish: kind, side (mostly put right for exits), steps, trigger's distance in percent."""

    kind: str
    side: Side
    steps: int
    distance: int


@dataclass(frozen=True, slots=True)
class Candles:
    """Corner prices as moves in percent, the reach of high and low, the volume."""

    moves: tuple[int, ...]
    reach: int
    volume: int


@dataclass(frozen=True, slots=True)
class Money:
    """Quote units in (positive) or out."""

    amount: int


@dataclass(frozen=True, slots=True)
class Lever:
    """A wished leverage."""

    leverage: int


type Move = Trade | Candles | Money | Lever


def trades(*kinds: str) -> st.SearchStrategy[Trade]:
    return st.builds(
        Trade,
        st.sampled_from(kinds),
        st.sampled_from(Side),
        st.integers(1, 900),
        st.integers(0, 6),
    )


CANDLES = st.builds(
    Candles,
    st.lists(st.integers(-4, 4), min_size=1, max_size=6).map(tuple),
    st.integers(0, 30),
    st.integers(0, 50),
)
LEVERS = st.builds(Lever, st.sampled_from([1, 2, 3, 10, 20, 50, 51]))
ANYTHING = st.one_of(
    trades("entry", "exit", "stop", "target"),
    CANDLES,
    LEVERS,
    st.builds(Money, st.integers(-500, 500)),
)
# Most random moves are refused, so half of them come in an order that makes sense.
EPISODE = st.tuples(
    LEVERS, trades("entry"), trades("stop"), trades("target"), CANDLES, ANYTHING, CANDLES, ANYTHING
)
MOVES = st.lists(EPISODE, min_size=1, max_size=3).map(lambda parts: [m for e in parts for m in e])


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What one move did, and to what."""

    before: PaperBook
    step: PaperStep
    move: Move
    price: Decimal
    candles: tuple[Candle, ...] = ()
    order: Order | None = None


def play(moves: list[Move]) -> Iterator[Event]:
    """Make the moves one after the other, twenty seconds apart; candles take their own time."""
    book, price, now = open_account("2000"), Decimal(1000), START
    for number, move in enumerate(moves):
        now += timedelta(seconds=20)
        step, before = PaperStep(book=book), book
        order: Order | None = None
        candles: tuple[Candle, ...] = ()
        match move:
            case Trade():
                intent = wish(book, move, price=price, number=number)
                step, order = trade(book, intent, price=price, now=now)
            case Candles():
                candles = draw(move, price=price, start=floor_time(now, FIVE))
                price, now = candles[-1].close, candles[-1].open_time + FIVE
                tape = MarketTape(instrument=RULES, candles=candles, now=now, mark_price=price)
                step = advance(book, tape=tape)
            case Money(amount):
                step = transfer(book, amount)
            case Lever(leverage):
                step = PaperStep(book=lever(book, leverage))
        book = step.book
        yield Event(before=before, step=step, move=move, price=price, candles=candles, order=order)


def trade(
    book: PaperBook, intent: OrderIntent, *, price: Decimal, now: datetime
) -> tuple[PaperStep, Order | None]:
    market = build_market(
        instrument=RULES,
        order_book=build_order_book(
            bids=f"{price - 1}:0.2 {price - 3}:0.31 {price - 20}:1.6",
            asks=f"{price + 1}:0.2 {price + 3}:0.31 {price + 20}:1.6",
        ),
        mark_price=price,
        volume=Decimal(20),
    )
    step, placement = place(book, intent, market=market, at=now)
    assert placement.outcome in {Outcome.ACCEPTED, Outcome.REJECTED}
    return step, placement.order


def wish(book: PaperBook, move: Trade, *, price: Decimal, number: int) -> OrderIntent:
    found, side = book.find_open(BTC), move.side
    if found and move.kind != "entry" and move.steps % 10:
        side = found.position.side.exit_side
    away = price * move.distance / 100 * side.opposite.sign
    if move.kind == "stop":
        intent = build_stop(f"{RULES.round_stop_price(price - away, side=side)}", side=side)
    elif move.kind == "target":
        intent = build_target(f"{RULES.round_target_price(price + away, side=side)}", side=side)
    else:
        intent = build_intent(side, leg=Leg.ENTRY if move.kind == "entry" else Leg.EXIT)
    return replace(intent, quantity=move.steps * RULES.step_size, attempt=number)


def draw(move: Candles, *, price: Decimal, start: datetime) -> tuple[Candle, ...]:
    """Candles from the price on, with a gap before the first."""
    corners = [percent_of(price, 100 + move.moves[0])]
    for percent in move.moves:
        corners.append(percent_of(corners[-1], 100 + percent))
    return build_candles(
        corners, start=start, reach=Decimal(move.reach), volume=Decimal(move.volume)
    )


def percent_of(price: Decimal, percent: int) -> Decimal:
    return (price * percent / 100).quantize(RULES.tick_size)


def transfer(book: PaperBook, amount: int) -> PaperStep:
    try:
        if amount < 0:
            return withdraw(book, Decimal(-amount), at=START)
        return deposit(book, Decimal(amount), at=START)
    except QuorumError:
        return PaperStep(book=book)


def lever(book: PaperBook, leverage: int) -> PaperBook:
    try:
        return set_leverage(book, Decimal(leverage), instrument=RULES, at=START)
    except QuorumError:
        return book


def fills_of(events: list[Event]) -> list[Fill]:
    return [one.fill for event in events for one in event.step.fills]


@given(MOVES)
@settings(max_examples=120, deadline=None)
def test_the_balance_is_what_came_in_and_was_earned_to_the_last_digit(moves: list[Move]) -> None:
    events = list(play(moves))
    book = events[-1].step.book
    transfers = sum_money(t.amount for e in events for t in e.step.transfers)
    realized = sum_money(f.realized_pnl for e in events for f in e.step.fills)
    fees = sum_money(fill.fee for fill in fills_of(events))
    funding = sum_money(p.amount for e in events for p in e.step.payments)
    assert book.balance == 2000 + transfers + realized - fees - funding
    assert book.ledger.fees == fees
    assert book.ledger.funding == funding


@given(MOVES)
@settings(max_examples=120, deadline=None)
def test_the_user_s_own_books_of_the_same_fills_agree_to_the_last_digit(
    moves: list[Move],
) -> None:
    events = list(play(moves))
    position: Position | None = None
    net = cash = ZERO
    for fill in fills_of(events):
        for part in split_at_flat(position, fill):
            if part is not None:
                before = position.net_pnl if position and position.quantity else ZERO
                position = apply_fill(position, part)
                net += position.net_pnl - before
        cash -= fill.side.sign * fill.fill_price * fill.quantity + fill.fee
    funding = sum_money(p.amount for e in events for p in e.step.payments)
    transfers = sum_money(t.amount for e in events for t in e.step.transfers)
    book = events[-1].step.book
    assert book.balance == 2000 + transfers + net - funding
    found = book.find_open(BTC)
    held = found.position.signed_quantity if found else ZERO
    assert held == (position.signed_quantity if position else ZERO)
    # What was paid and received in cash says the same, but for one rounding per fill.
    cost = held * found.position.average_entry_price if found else ZERO
    assert abs(cash + cost - net) <= MONEY_STEP * len(fills_of(events))


@given(MOVES)
@settings(max_examples=120, deadline=None)
def test_nobody_owes_the_paper_venue_anything(moves: list[Move]) -> None:
    for event in play(moves):
        book = event.step.book
        assert book.balance >= 0
        assert book.available >= 0
        for found in filter(None, (book.find_open(entry.pair) for entry in book.pairs)):
            # What rests as margin is what the position took, less what funding ate of it.
            position = found.position
            taken = position.quantity * position.average_entry_price / found.entry.leverage
            assert 0 <= found.entry.margin <= taken + 25 * MONEY_STEP


@given(MOVES)
@settings(max_examples=120, deadline=None)
def test_what_only_reduces_never_increases_or_turns_a_position(moves: list[Move]) -> None:
    for event in play(moves):
        is_advance = isinstance(event.move, Candles)
        if not event.step.fills or not (is_advance or (event.order and event.order.reduce_only)):
            continue
        before, after = (b.find_open(BTC) for b in (event.before, event.step.book))
        assert before is not None
        if after is not None:
            assert after.position.side is before.position.side
            assert after.position.quantity < before.position.quantity


@given(MOVES)
@settings(max_examples=120, deadline=None)
def test_no_fill_is_better_than_the_book(moves: list[Move]) -> None:
    for event in play(moves):
        if isinstance(event.move, Trade):
            for one in event.step.fills:
                gained = (event.price - one.fill.fill_price) * one.fill.side.sign
                assert gained < -1  # the best level is one away from the price


@given(MOVES)
@settings(max_examples=120, deadline=None)
def test_no_fill_lies_outside_of_its_candle_but_by_slippage_against_us(
    moves: list[Move],
) -> None:
    most = MAX_SLIPPAGE_BPS * BASIS_POINT
    for event in play(moves):
        for one in event.step.fills if event.candles else ():
            fill = one.fill
            around = [
                c for c in event.candles if fill.filled_at in (c.open_time, c.open_time + FIVE)
            ]
            low = min(candle.low for candle in around)
            high = max(candle.high for candle in around)
            if fill.is_liquidation:
                continue  # past bankruptcy the venue's insurance pays the difference
            if fill.side is Side.SELL:
                assert low * (1 - most) - RULES.tick_size <= fill.fill_price <= high
            else:
                assert low <= fill.fill_price <= high * (1 + most) + RULES.tick_size


@given(MOVES)
@settings(max_examples=60, deadline=None)
def test_a_liquidation_costs_exactly_the_margin(moves: list[Move]) -> None:
    for event in play(moves):
        if any(one.fill.is_liquidation for one in event.step.fills) and not event.step.payments:
            (done,) = [one for one in event.step.fills if one.fill.is_liquidation]
            if len(event.step.fills) == 1:
                lost = event.before.balance - event.step.book.balance
                assert lost == event.before.reserved
            assert done.fill.fee >= 0
            assert event.step.book.reserved == 0


@given(MOVES)
@settings(max_examples=40, deadline=None)
def test_the_same_moves_give_the_same_account(moves: list[Move]) -> None:
    assert list(play(moves)) == list(play(moves))


@given(MOVES)
@settings(max_examples=60, deadline=None)
def test_names_are_given_once_and_time_never_runs_backward(moves: list[Move]) -> None:
    events = list(play(moves))
    fills = fills_of(events)
    assert len({fill.trade_id for fill in fills}) == len(fills)
    payments = [p.payment_id for e in events for p in e.step.payments]
    assert len(set(payments)) == len(payments)
    times = [fill.filled_at for fill in fills]
    assert times == sorted(times)
