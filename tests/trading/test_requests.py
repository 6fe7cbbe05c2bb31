"""What a person may ask for: good input becomes a value, bad input one sentence."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.texts.catalog import tell
from trading import requests as commands
from trading.domain.accounts import PairConfig
from trading.domain.errors import BadInput
from trading.domain.instruments import Instrument
from trading.domain.units import Mode, Pair, UserId, VenueName

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BTC = Pair.parse("BTC/USDT")
ETH = Pair.parse("ETH/USDT")
SHARE = Decimal("0.30")

INSTRUMENT = Instrument(
    venue=VenueName.BINANCE,
    pair=BTC,
    symbol="BTCUSDT",
    tick_size=Decimal("0.1"),
    step_size=Decimal("0.001"),
    min_quantity=Decimal("0.001"),
    max_quantity=Decimal(1000),
    min_notional=Decimal(100),
    max_leverage=Decimal(125),
    maintenance_margin_ratio=Decimal("0.004"),
    maker_fee_rate=Decimal("0.0002"),
    taker_fee_rate=Decimal("0.0005"),
    fetched_at=NOW,
)


def make_config(pair: Pair) -> PairConfig:
    return commands.build_pair_config(
        user_id=UserId(1), pair=pair, venue=VenueName.BINANCE, capital=Decimal(1000), now=NOW
    )


def add(capital: str, *existing: Pair) -> Decimal:
    return commands.check_add_pair(
        BTC,
        capital_text=capital,
        existing=[make_config(pair) for pair in existing],
        instrument=INSTRUMENT,
        max_position_ratio=SHARE,
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("-5", "-5 USDT can't be traded: the amount must be above 0."),
        ("0", "0 USDT can't be traded: the amount must be above 0."),
        ("nan", "NaN is not a finite number."),
        ("inf", "Infinity is not a finite number."),
        ("lots", "“lots” is not a number."),
        ("1000.001", "1000.001 USDT has more than two decimals."),
        (
            "100000000.01",
            "100000000.01 USDT is too much: one pair may have at most 100,000,000.00.",
        ),
    ],
)
def test_an_amount_that_cannot_be_traded_is_named(text: str, sentence: str) -> None:
    with pytest.raises(BadInput) as refused:
        add(text)
    assert tell(refused.value) == sentence


def test_an_amount_below_the_smallest_order_names_the_least_that_works() -> None:
    with pytest.raises(BadInput) as refused:
        add("333.33")
    assert "the smallest order there is 100 USDT" in tell(refused.value)
    assert "at least 333.34 USDT" in tell(refused.value)
    assert add("333.34") == Decimal("333.34")


def test_a_pair_is_added_once() -> None:
    assert add("1000", ETH) == Decimal(1000)
    with pytest.raises(BadInput, match="You already trade BTC/USDT"):
        add("1000", ETH, BTC)


@given(st.decimals(min_value="0.01", max_value="100000000", places=2))
def test_every_readable_amount_comes_back_exactly(capital: Decimal) -> None:
    assert commands.parse_capital(f" {capital} ", quote="USDT") == capital


def test_a_new_pair_starts_on_paper_and_running() -> None:
    config = make_config(BTC)
    assert (config.mode, config.is_paused) == (Mode.PAPER, False)


def test_a_pair_that_is_not_ones_own_is_not_found() -> None:
    assert commands.find_pair(ETH, existing=[make_config(BTC), make_config(ETH)]).pair == ETH
    with pytest.raises(BadInput, match=r"You do not trade ETH/USDT\. Your pairs: BTC/USDT\."):
        commands.find_pair(ETH, existing=[make_config(BTC)])
    with pytest.raises(BadInput, match="You have no pairs yet"):
        commands.find_pair(ETH, existing=[])


@pytest.mark.parametrize("word", ["", "all", " ALL "])
def test_all_means_every_pair(word: str) -> None:
    configs = (make_config(BTC), make_config(ETH))
    assert commands.select_pairs(word, existing=configs) == configs


def test_a_word_means_one_pair() -> None:
    configs = (make_config(BTC), make_config(ETH))
    assert commands.select_pairs("eth-usdt", existing=configs) == configs[1:]
    with pytest.raises(BadInput, match="is not a pair like BTC/USDT"):
        commands.select_pairs("everything", existing=configs)
    with pytest.raises(BadInput, match="You trade no pair yet"):
        commands.select_pairs("all", existing=())


def test_a_pair_with_an_open_position_stays() -> None:
    config = make_config(BTC)
    commands.check_removable(config, open_quantity=Decimal(0))
    with pytest.raises(BadInput, match=r"open position of 0\.002 BTC: close it first"):
        commands.check_removable(config, open_quantity=Decimal("0.002"))


def test_a_pair_with_orders_in_doubt_stays() -> None:
    with pytest.raises(BadInput, match="2 orders that are not settled yet"):
        commands.check_removable(make_config(BTC), open_quantity=Decimal(0), open_intents=2)


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\x00b", "42"])
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(BadInput):
        commands.check_user_name(name)


def test_a_name_is_trimmed() -> None:
    assert commands.check_user_name("  Ann ") == "Ann"


def test_only_real_venues_are_connected() -> None:
    assert commands.parse_venue(" Binance ") is VenueName.BINANCE
    with pytest.raises(BadInput, match="binance or bybit"):
        commands.parse_venue("paper")


@pytest.mark.parametrize(
    "text",
    ["2025-03-01T12:00", "2025-03-01 12:07", "2025-03-01T12:29:59Z", "2025-03-01T14:00+02:00"],
)
def test_a_time_means_the_cycle_that_it_falls_into(text: str) -> None:
    assert commands.parse_cycle_time(text) == datetime(2025, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2025-13-01", "12:00"])
def test_a_time_that_can_not_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="2025-03-01T12:00"):
        commands.parse_cycle_time(text)


def test_a_key_that_a_live_pair_needs_stays() -> None:
    paper = make_config(BTC)
    live = replace(make_config(ETH), mode=Mode.LIVE)
    other = next(v for v in (VenueName.BINANCE, VenueName.BYBIT) if v is not live.venue)
    commands.check_disconnectable(live.venue, existing=[paper])
    commands.check_disconnectable(other, existing=[paper, live])
    with pytest.raises(BadInput, match="ETH/USDT trades live"):
        commands.check_disconnectable(live.venue, existing=[paper, live])


def test_a_pair_above_the_most_is_refused() -> None:
    pairs = [Pair(f"C{number}", "USDT") for number in range(commands.MAX_PAIRS)]

    with pytest.raises(BadInput, match="30 is the most"):
        add("1000", *pairs)


@pytest.mark.parametrize(
    ("capital", "earned", "is_open", "sentence"),
    [
        ("1000", "0", False, "already"),
        ("900", "0", True, "only be raised"),
        ("300", "0", False, "at least 333.34"),
        ("600", "-300", False, "at least 633.34"),
    ],
)
def test_a_capital_that_the_pair_cannot_have_is_refused(
    capital: str, earned: str, is_open: bool, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        commands.check_set_capital(
            make_config(BTC),
            capital=Decimal(capital),
            earned=Decimal(earned),
            minimum=Decimal("333.34"),
            is_open=is_open,
        )


@pytest.mark.parametrize(("capital", "is_open"), [("1500", True), ("700", False)])
def test_capital_may_be_raised_always_and_lowered_while_flat(capital: str, is_open: bool) -> None:
    check = partial(
        commands.check_set_capital,
        make_config(BTC),
        earned=Decimal(-300),
        minimum=Decimal("333.34"),
        is_open=is_open,
    )
    check(capital=Decimal(capital))
    with pytest.raises(BadInput):
        check(capital=Decimal("633.33"))
