"""Every order that reaches a venue is on the step, within bounds and never worse than asked."""

import ast
import os
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from blocks.venues.base.exchange import write_number
from blocks.venues.base.order_validation import find_misfit
from tests.blocks.venues.venue_cases import NOON
from trading.domain.errors import BadInput
from trading.domain.instruments import Instrument
from trading.domain.orders import Leg, OrderIntent, OrderType
from trading.domain.units import Pair, Side, UserId, VenueName, to_decimal

CASES = int(os.environ.get("QUORUM_TEST_PRECISION_CASES", "20000"))
STEPS = [Decimal(1).scaleb(-places) for places in range(9)] + [Decimal("0.05"), Decimal("0.25")]
ON_THE_WAY = (
    "blocks/venues/**/*.py",
    "tasks/orders/closing.py",
    "tasks/orders/order_sender.py",
    "tasks/cycle/portfolio_update.py",
    "tasks/orders/position_sync.py",
    "tasks/orders/order_lookup.py",
    "tasks/cycle/execution.py",
    "db/**/*.py",
)
NOT_A_VENUE = {"price_path.py", "recording.py", "candle_files.py", "candle_store.py"}


def draw_instrument(random: Random) -> Instrument:
    tick, step = random.choice(STEPS), random.choice(STEPS)
    return Instrument(
        venue=VenueName.BINANCE,
        pair=Pair("BTC", "USDT"),
        symbol="BTCUSDT",
        tick_size=tick,
        step_size=step,
        min_quantity=step * random.choice([1, 5]),
        max_quantity=step * random.randrange(10, 10_000_000),
        min_notional=Decimal(random.choice([0, 5, 100])),
        max_leverage=Decimal(20),
        maintenance_margin_ratio=Decimal("0.01"),
        maker_fee_rate=Decimal(0),
        taker_fee_rate=Decimal(0),
        fetched_at=NOON,
    )


def draw_number(random: Random) -> Decimal:
    """From a millionth of a step to a billion, with up to nine decimals."""
    return Decimal(random.randrange(1, 10 ** random.randrange(1, 19))).scaleb(-9)


def test_a_million_cases_are_on_the_step_and_never_worse() -> None:
    random = Random(11)
    worse = off_step = oversize = sent = 0
    for _ in range(CASES):
        instrument = draw_instrument(random)
        wanted, price = draw_number(random), draw_number(random) + instrument.tick_size
        side = random.choice([Side.BUY, Side.SELL])
        quantity = instrument.round_quantity(wanted)
        stop = instrument.round_stop_price(price, side=side)
        worse += (stop - price) * side.sign > 0
        if quantity <= 0 or stop <= 0:
            continue
        intent = build(quantity, trigger=stop, side=side)
        if find_misfit(intent, instrument):
            continue
        written, trigger = Decimal(write_number(quantity)), Decimal(write_number(stop))
        off_step += bool(written % instrument.step_size or trigger % instrument.tick_size)
        oversize += written > min(wanted, instrument.max_quantity)
        assert "E" not in write_number(quantity) + write_number(stop)
        sent += 1
    assert (worse, off_step, oversize) == (0, 0, 0)
    assert sent > CASES / 4


def build(quantity: Decimal, *, trigger: Decimal, side: Side) -> OrderIntent:
    return OrderIntent(
        user_id=UserId(1),
        venue=VenueName.BINANCE,
        pair=Pair("BTC", "USDT"),
        cycle_time=NOON,
        leg=Leg.STOP,
        side=side,
        order_type=OrderType.STOP_MARKET,
        quantity=quantity,
        reduce_only=True,
        expected_price=trigger,
        trigger_price=trigger,
    )


def test_what_is_off_the_step_is_never_sent() -> None:
    random = Random(12)
    for _ in range(CASES // 10):
        instrument = draw_instrument(random)
        off = instrument.step_size * random.randrange(1, 1000) + instrument.step_size / 3
        intent = build(off, trigger=instrument.tick_size * 7, side=Side.SELL)
        assert find_misfit(intent, instrument)
        above = build(
            instrument.max_quantity + instrument.step_size,
            trigger=instrument.tick_size * 7,
            side=Side.SELL,
        )
        assert find_misfit(above, instrument)


@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "-Infinity", "0", "-0", "-1"])
def test_no_intent_can_be_made_of_what_is_no_quantity(number: str) -> None:
    for quantity, price in ((number, "1"), ("1", number)):
        with pytest.raises(ValueError, match=r"must be|finite"):
            build(Decimal(quantity), trigger=Decimal(price), side=Side.SELL)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-inf", "", "1,5", "0x10"])
def test_text_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        to_decimal(text)


def test_a_float_is_refused_where_a_number_comes_in() -> None:
    with pytest.raises(TypeError):
        to_decimal(0.1)  # type: ignore[arg-type]


def test_no_float_is_made_between_the_venue_and_the_database() -> None:
    """Floats are waits and latencies only, never a price, quantity, fee or balance."""
    root = Path(__file__).parents[4]
    found = (path for place in ON_THE_WAY for path in sorted(root.glob(place)))
    made = [
        (path.name, ast.unparse(node))
        for path in found
        if path.name not in NOT_A_VENUE
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "float"
    ]
    seconds = {("public_client.py", "float(text)"), ("client.py", "float(text)")}
    assert set(made) == {*seconds, ("health.py", "float(row.latency_ms)")}
