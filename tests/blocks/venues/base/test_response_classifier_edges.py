"""The edges of the order-outcome table: what mutation found that no other test would notice."""

import json

import pytest

from blocks.venues.base.response_classifier import (
    NO_ANSWER,
    RawAnswer,
    build_refusal,
    classify,
    find_code,
)
from blocks.venues.binance.codes import BINANCE_TABLE
from blocks.venues.bybit.codes import BYBIT_TABLE
from reports.texts.catalog import render
from trading.domain.orders import Outcome


def binance(status: int, **body: object) -> RawAnswer:
    return RawAnswer(status=status, text=json.dumps(body))


def reason(answer: RawAnswer) -> str:
    return render(build_refusal(answer, BINANCE_TABLE, venue="Binance", wait=None).reason)


@pytest.mark.parametrize("status", [500, 501, 599])
def test_from_500_on_no_body_proves_anything(status: int) -> None:
    assert classify(binance(status, code=-2019), BINANCE_TABLE) is Outcome.UNKNOWN
    assert classify(binance(499, code=-2019), BINANCE_TABLE) is Outcome.REJECTED


def test_a_body_that_says_success_with_a_bad_status_is_unknown() -> None:
    said = json.dumps({"retCode": 0, "result": {}})
    assert classify(RawAnswer(status=200, text=said), BYBIT_TABLE) is Outcome.ACCEPTED
    assert classify(RawAnswer(status=404, text=said), BYBIT_TABLE) is Outcome.UNKNOWN


def test_a_success_that_nobody_could_use_is_unknown_not_accepted() -> None:
    placement = build_refusal(binance(200), BINANCE_TABLE, venue="Binance", wait=None)
    assert placement.outcome is Outcome.UNKNOWN
    assert render(placement.reason) == "Binance did not say what became of it (status 200)."


def test_only_who_asks_us_to_stay_away_is_waited_for() -> None:
    refused = build_refusal(binance(400, code=-2019), BINANCE_TABLE, venue="Binance", wait=7.0)
    asked = build_refusal(binance(429, code=-1003), BINANCE_TABLE, venue="Binance", wait=7.0)
    assert (refused.outcome, refused.retry_after_seconds) == (Outcome.REJECTED, None)
    assert (asked.outcome, asked.retry_after_seconds) == (Outcome.BACK_OFF, 7.0)


def test_no_answer_is_said_in_our_words() -> None:
    assert reason(NO_ANSWER) == "Binance did not say what became of it (no answer)."


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("-1234567", "status 400, code -1234567"),
        ("-12345678", "status 400"),
        ("12345678", "status 400, code 12345678"),
        ("123456789", "status 400"),
        ("--1234", "status 400, code --1234"),
        ("-X12", "status 400"),
        ("key=123", "status 400"),
    ],
)
def test_only_what_looks_like_a_code_is_shown(code: str, shown: str) -> None:
    assert reason(binance(400, code=code)).endswith(f"({shown}).")


def test_a_list_is_a_body_without_a_code() -> None:
    assert find_code(RawAnswer(status=200, text="[1]"), BINANCE_TABLE) == ""
    assert find_code(RawAnswer(status=200, text='"text"'), BINANCE_TABLE) is None
