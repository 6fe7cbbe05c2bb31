"""The question: the same bytes for the same facts, and nothing of any user in it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.trading.council_cases import (
    BTC,
    CALM,
    NOW,
    make_book,
    make_facts,
    make_news,
    make_position,
    make_snapshot,
)
from trading.council.prompt_text import render_number
from trading.council.prompts import PositionView, build_facts, build_prompt, view_position
from trading.domain.messages import plain
from trading.domain.positions import Position
from trading.domain.units import PositionSide, VenueName
from trading.indicators.values import Indicators
from trading.market.candles import Interval
from trading.news.items import NewsDigest

MARK = Decimal("84840")


def test_the_question_reads_as_recorded(snapshot: SnapshotAssertion) -> None:
    view = view_position(make_position(), mark_price=MARK, as_of=NOW)
    prompt = build_prompt(make_facts(h4={"adx": None}), view)
    assert prompt.instructions == snapshot
    assert prompt.facts_text == snapshot
    assert prompt.position_text == snapshot


def test_the_same_facts_ask_the_same_question() -> None:
    first, second = (build_prompt(make_facts(), None) for _ in range(2))
    assert first.digest == second.digest
    assert first.position_text == "Position: flat"


def test_a_last_bit_makes_no_other_question() -> None:
    noisy = make_facts(h1={"rsi": 50.0 + 7e-15, "close": 84_000.0 + 1.5e-11})
    assert build_prompt(noisy, None).digest == build_prompt(make_facts(), None).digest


@pytest.mark.parametrize("changes", [{"rsi": 61.0}, {"trend": 1}, {"close": 84_001.0}])
def test_another_number_asks_another_question(changes: dict[str, float]) -> None:
    other = build_prompt(make_facts(h1=changes), None)
    assert other.digest != build_prompt(make_facts(), None).digest


def test_a_position_asks_another_question() -> None:
    view = PositionView(
        side=PositionSide.SHORT,
        entry_distance_pct=Decimal("-1.5"),
        unrealized_pct=Decimal("1.5"),
        age_minutes=30,
    )
    prompt = build_prompt(make_facts(), view)
    assert prompt.digest != build_prompt(make_facts(), None).digest
    assert prompt.position_text == (
        "Position: short, mark -1.5% from entry, unrealized +1.5%, age 30 minutes"
    )


def test_the_stable_part_does_not_depend_on_the_facts() -> None:
    calm, wild = make_facts(), make_facts(h1={"rsi": 99.0})
    assert build_prompt(calm, None).instructions == build_prompt(wild, None).instructions


def test_no_headline_stands_in_the_market_question() -> None:
    loud = NewsDigest(items=(make_news("Buy everything"),), warnings=(plain("x: down"),))
    view = view_position(make_position(), mark_price=MARK, as_of=NOW)
    for position in (None, view):
        prompt = build_prompt(make_facts(news=loud), position)
        assert "Buy everything" not in prompt.facts_text + prompt.position_text


def test_missing_intervals_are_left_out() -> None:
    facts = build_facts(make_snapshot(), {Interval.H1: CALM}, news=NewsDigest())
    text = build_prompt(facts, None).facts_text
    assert "\n1h: " in text
    assert "\n4h: " not in text


def test_a_market_without_book_or_funding_says_so() -> None:
    facts = build_facts(make_snapshot(book=None, funding=None), {}, news=NewsDigest())
    text = build_prompt(facts, None).facts_text
    assert "funding_pct=- book_imbalance=-" in text


@pytest.mark.parametrize(
    ("bids", "asks", "expected"),
    [(3, 1, Decimal("0.5000")), (1, 3, Decimal("-0.5000")), (2, 2, Decimal("0.0000"))],
)
def test_the_imbalance_compares_both_sides(bids: int, asks: int, expected: Decimal) -> None:
    facts = build_facts(make_snapshot(book=make_book(bids=bids, asks=asks)), {}, news=NewsDigest())
    assert facts.book_imbalance == expected


@pytest.mark.parametrize(
    "book", [make_book(bids=3, asks=1, is_synthetic=True), make_book(bids=0, asks=0)]
)
def test_a_book_that_means_nothing_has_no_imbalance(book: object) -> None:
    assert build_facts(make_snapshot(book=book), {}, news=NewsDigest()).book_imbalance is None


@pytest.mark.parametrize(
    "position",
    [None, make_position(side=PositionSide.FLAT, quantity=Decimal(0))],
)
def test_no_position_is_no_view(position: Position | None) -> None:
    assert view_position(position, mark_price=MARK, as_of=NOW) is None


def test_a_view_is_rounded_until_it_names_nobody() -> None:
    view = view_position(
        make_position(average_entry_price=Decimal("84012.37"), quantity=Decimal("0.12345")),
        mark_price=MARK,
        as_of=NOW + timedelta(seconds=77),
    )
    assert view == PositionView(
        side=PositionSide.LONG,
        entry_distance_pct=Decimal("1.0"),
        unrealized_pct=Decimal("1.0"),
        age_minutes=95,
    )


def test_a_short_gains_when_the_mark_is_below_its_entry() -> None:
    view = view_position(
        make_position(side=PositionSide.SHORT), mark_price=Decimal(83160), as_of=NOW
    )
    assert view is not None
    assert (view.entry_distance_pct, view.unrealized_pct) == (Decimal("-1.0"), Decimal("1.0"))


def test_a_zero_has_no_sign() -> None:
    view = view_position(make_position(), mark_price=Decimal(83999), as_of=NOW)
    assert view is not None
    assert str(view.unrealized_pct) == "0.0"


def test_a_fill_from_the_future_has_no_age() -> None:
    view = view_position(make_position(), mark_price=MARK, as_of=NOW - timedelta(days=1))
    assert view is not None
    assert view.age_minutes == 0


def test_nothing_of_a_user_is_in_the_question() -> None:
    position = make_position(quantity=Decimal("0.98765"), average_entry_price=Decimal("83917.7"))
    view = view_position(position, mark_price=MARK, as_of=NOW)
    prompt = build_prompt(make_facts(), view)
    text = prompt.instructions + prompt.facts_text + prompt.position_text
    for secret in ("0.98765", "83917.7", str(position.fees), "83300", "85300", VenueName.PAPER):
        assert secret not in text
    assert str(BTC) in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (0.0, "0"),
        (-0.0, "0"),
        (1, "1"),
        (100_000.0, "100000"),
        (0.000_012_345_67, "0.000012346"),
        (Decimal("84000.10"), "84000"),
    ],
)
def test_numbers_are_written_plainly(value: float | Decimal | None, text: str) -> None:
    assert render_number(value, digits=5) == text


def test_cold_indicators_are_dashes() -> None:
    facts = build_facts(make_snapshot(), {Interval.H4: Indicators(close=1.0)}, news=NewsDigest())
    assert "4h: close=1 trend=- ema20=-" in build_prompt(facts, None).facts_text
