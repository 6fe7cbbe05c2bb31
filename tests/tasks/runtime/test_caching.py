"""Shared values: kept as JSON of our own types, read back equal, keyed by what they depend on."""

from dataclasses import replace
from datetime import timedelta

import pytest
from prefect.serializers import Serializer
from pydantic import ValidationError

from tasks.runtime.caching import (
    SERIALIZERS,
    SharedWork,
    ShareKey,
    Unavailable,
    ValueSerializer,
    shared,
)
from tests.doubles.council import council
from tests.order_path import look_at_market
from tests.stage import Stage
from trading.council.decisions import Action, Decision, Proposal
from trading.domain.messages import plain
from trading.indicators.values import Indicators
from trading.market.candles import Interval

KEY = ShareKey(namespace="here", work="collect_market", subject=("binance", "BTC/USDT", "12:00"))


async def test_an_analysis_comes_back_as_it_was(stage: Stage) -> None:
    numbers = {Interval.H1: Indicators(close=0.1 + 0.2, rsi=None, trend=-1)}
    seen = await look_at_market(stage)
    look = replace(seen, indicators=numbers, findings=("a", "b"))
    serializer = SERIALIZERS["analysis"]
    assert serializer.loads(serializer.dumps(look)) == look


def test_what_could_not_be_had_comes_back_too() -> None:
    serializer = SERIALIZERS["analysis"]
    failure = Unavailable(reason=plain("The venue is down."))
    assert serializer.loads(serializer.dumps(failure)) == failure


def test_votes_come_back_as_they_were() -> None:
    voter = council(Action.OPEN_LONG)[0]
    proposal = Proposal(action=Action.HOLD, confidence=voter.confidence)
    vote = Decision(model=voter.identity, proposal=proposal, prompt_hash="abc")
    serializer = SERIALIZERS["decision"]
    assert serializer.loads(serializer.dumps(vote)) == vote


def test_what_is_not_our_value_is_refused() -> None:
    with pytest.raises(ValidationError):
        SERIALIZERS["analysis"].loads(b'{"snapshot": "cos\\nsystem"}')


@pytest.mark.parametrize("name", SERIALIZERS)
def test_prefect_finds_a_serializer_by_its_type_alone(name: str) -> None:
    found = Serializer(type=SERIALIZERS[name].type)
    assert isinstance(found, ValueSerializer)
    assert found.value == name


def test_a_warm_process_parses_a_result_once() -> None:
    serializer = SERIALIZERS["analysis"]
    blob = serializer.dumps(Unavailable(reason=plain("Only once.")))
    assert serializer.loads(blob) is serializer.loads(bytes(blob))


@pytest.mark.parametrize(
    "other",
    [
        replace(KEY, namespace="there"),
        replace(KEY, work="collect_news"),
        replace(KEY, subject=("binance", "BTC/USDT", "12:30")),
        replace(KEY, subject=("binance", "BTC/USDT12:00", "")),
    ],
)
def test_other_questions_have_other_keys(other: ShareKey) -> None:
    assert other.text != KEY.text


def test_a_key_names_the_work_and_the_format_of_its_value() -> None:
    names = {
        SharedWork(value=value).compute_key(None, {"key": KEY}, {})  # type: ignore[arg-type]  # unused
        for value in ("analysis", "news")
    }
    assert len(names) == 2
    assert all(name is not None and name.startswith("collect_market-") for name in names)


def test_shared_work_is_locked_and_expires() -> None:
    options = shared("analysis", life=timedelta(minutes=3))
    assert options["cache_policy"].lock_manager is not None
    assert options["cache_policy"].isolation_level == "SERIALIZABLE"
    assert options["cache_expiration"] == timedelta(minutes=3)
    assert isinstance(options["result_serializer"], ValueSerializer)
