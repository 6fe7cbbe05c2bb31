"""The language models through their real SDKs against the double: votes, and every way to fail."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from pydantic import SecretStr

from blocks.council import build_block, council_from_settings
from blocks.models.settings import CouncilSettings
from tests.doubles.models import VOTE, ModelDouble, Script, serve_models
from tests.trading.council_cases import make_facts, make_mood
from trading.council.decisions import Abstention, Action, Decision
from trading.council.prompts import build_prompt
from trading.domain.errors import PermanentError
from trading.ports import Model

VENDORS = ("openai", "anthropic", "deepseek")
SECRET = "sk-canary-0123456789"
PROMPT = build_prompt(make_facts(), None)


@pytest.fixture
async def double() -> AsyncIterator[ModelDouble]:
    async with serve_models() as running:
        yield running


def settings_for(double: ModelDouble, *, deadline_seconds: float = 2.0) -> CouncilSettings:
    return CouncilSettings(_env_file=None, model_deadline_seconds=deadline_seconds).model_copy(
        update={f"{vendor}_base_url": double.base_url(vendor) for vendor in VENDORS}
        | {f"{vendor}_api_key": SecretStr(SECRET) for vendor in VENDORS}
    )


def model_of(vendor: str, double: ModelDouble, *, deadline_seconds: float = 2.0) -> Model:
    settings = settings_for(double, deadline_seconds=deadline_seconds)
    return build_block(vendor, settings=settings).get_client()


async def ask(vendor: str, double: ModelDouble, *script: Script) -> Decision:
    getattr(double, vendor).answer_with(*script)
    return await model_of(vendor, double).ask(PROMPT)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_good_answer_is_a_vote_with_its_price(vendor: str, double: ModelDouble) -> None:
    decision = await ask(vendor, double, Script(latency_seconds=0.05))
    assert decision.proposal is not None
    assert decision.proposal.action is Action.OPEN_LONG
    assert decision.proposal.confidence == 80
    assert (decision.proposal.stop_pct, decision.proposal.target_pct) == (
        Decimal("0.9"),
        Decimal("1.8"),
    )
    usage = decision.usage
    assert (usage.input_tokens, usage.cached_input_tokens, usage.output_tokens) == (1000, 400, 100)
    assert usage.latency_ms >= 50
    assert decision.prompt_hash == PROMPT.digest
    assert 0 < usage.cost_usd < model_of(vendor, double).compute_bound(PROMPT)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_the_stable_part_is_asked_first_and_the_position_last(
    vendor: str, double: ModelDouble
) -> None:
    await ask(vendor, double, Script())
    (call,) = double.journal
    system = call.body.get("system") or call.body["messages"][0]["content"]
    assert system == PROMPT.instructions
    question = call.body["messages"][-1]["content"]
    assert question == f"{PROMPT.facts_text}\n\nPosition: flat"


async def test_each_vendor_is_held_to_the_schema_by_its_own_means(double: ModelDouble) -> None:
    for model in council_from_settings(settings_for(double)):
        await model.ask(PROMPT)
    gpt, claude, deepseek = (call.body for call in double.journal)
    assert gpt["response_format"]["json_schema"]["strict"] is True
    assert gpt["max_completion_tokens"] == 8000  # with room for thinking
    assert deepseek["tool_choice"]["function"]["name"] == "vote"
    assert deepseek["max_tokens"] == 2000
    assert claude["output_config"]["format"]["type"] == "json_schema"
    assert claude["max_tokens"] == 2000


FAULTS = [
    (Script(status=400), Abstention.UNAVAILABLE, "refused the request", 1),
    (Script(status=401), Abstention.UNAVAILABLE, "the key was refused", 1),
    (Script(status=402), Abstention.UNAVAILABLE, "no funds", 1),
    (Script(status=403), Abstention.UNAVAILABLE, "may not do this", 1),
    (Script(status=404), Abstention.UNAVAILABLE, "no such model", 1),
    (Script(status=418), Abstention.UNAVAILABLE, "answered 418", 1),
    (Script(status=429, headers={"retry-after": "0"}), Abstention.UNAVAILABLE, "rate limit", 2),
    (Script(status=429, headers={"retry-after": "600"}), Abstention.UNAVAILABLE, "rate limit", 1),
    (Script(status=500, headers={"retry-after": "0"}), Abstention.UNAVAILABLE, "500", 2),
    (Script(status=503, headers={"retry-after": "0"}), Abstention.UNAVAILABLE, "503", 2),
    (Script(status=529, headers={"retry-after": "0"}), Abstention.UNAVAILABLE, "overloaded", 2),
    (Script(stop="refusal"), Abstention.REFUSED, "declined", 1),
    (Script(stop="length"), Abstention.MALFORMED, "cut off", 1),
    (Script(body=b"{"), Abstention.MALFORMED, "could not be read", 1),
    (Script(body=b""), Abstention.MALFORMED, "could not be read", 1),
    (Script(body=b"null"), Abstention.MALFORMED, "could not be read", 1),
    (Script(body=b'{"choices": [], "content": 7}'), Abstention.MALFORMED, "could not be", 1),
    (Script(body=b"\xff\xfe<html>"), Abstention.MALFORMED, "could not be read", 1),
    (Script(text="I would buy."), Abstention.MALFORMED, "not JSON", 1),
    (Script(text='{"action": "buy_all"}'), Abstention.MALFORMED, "action: literal_error", 1),
    (Script(text=""), Abstention.MALFORMED, "", 1),
]


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(("script", "abstention", "detail", "calls"), FAULTS)
async def test_every_fault_is_an_abstention_in_our_words(  # noqa: PLR0917  (a table's columns)
    vendor: str,
    double: ModelDouble,
    script: Script,
    abstention: Abstention,
    detail: str,
    calls: int,
) -> None:
    decision = await ask(vendor, double, script)
    assert decision.abstention is abstention
    assert detail in decision.detail
    assert double.count(vendor) == calls


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_passing_fault_is_tried_once_more_and_not_sooner_than_asked(
    vendor: str, double: ModelDouble
) -> None:
    busy = Script(status=429, headers={"retry-after": "0.3"})
    decision = await ask(vendor, double, busy, Script())
    assert not decision.abstained
    first, second = double.journal
    assert second.at - first.at >= 0.3


@pytest.mark.parametrize("retry_after", ["soon", "nan", "inf", "-5"])
async def test_a_strange_retry_after_is_a_short_pause(
    retry_after: str, double: ModelDouble
) -> None:
    busy = Script(status=503, headers={"retry-after": retry_after})
    assert not (await ask("openai", double, busy, Script())).abstained


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_dropped_line_is_an_abstention(vendor: str, double: ModelDouble) -> None:
    decision = await ask(vendor, double, Script(drop=True))
    assert decision.abstention is Abstention.UNAVAILABLE
    assert decision.detail == "the connection failed"


@pytest.mark.parametrize("vendor", VENDORS)
async def test_nobody_listening_is_an_abstention(vendor: str, double: ModelDouble) -> None:
    settings = settings_for(double).model_copy(
        update={f"{vendor}_base_url": "http://127.0.0.1:9", "model_deadline_seconds": 2.0}
    )
    decision = await build_block(vendor, settings=settings).get_client().ask(PROMPT)
    assert decision.abstention is Abstention.UNAVAILABLE


@pytest.mark.parametrize("vendor", VENDORS)
async def test_the_deadline_holds_and_the_answer_is_charged_at_its_bound(
    vendor: str, double: ModelDouble
) -> None:
    getattr(double, vendor).answer_with(Script(latency_seconds=5))
    started = time.monotonic()
    decision = await model_of(vendor, double, deadline_seconds=0.3).ask(PROMPT)
    assert time.monotonic() - started < 1.0
    assert decision.abstention is Abstention.DEADLINE
    assert decision.usage.cost_usd > 0
    assert decision.usage.latency_ms >= 300


@pytest.mark.parametrize("vendor", VENDORS)
async def test_what_is_reserved_covers_whatever_an_answer_costs(
    vendor: str, double: ModelDouble
) -> None:
    model = model_of(vendor, double)
    bound = model.compute_bound(PROMPT)
    scripts = ((Script(),), (Script(usage=False),), (Script(drop=True),) * 2)
    for script in (*scripts, (Script(drop=True), Script())):
        assert 0 < (await ask(vendor, double, *script)).usage.cost_usd <= bound


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_line_that_was_cut_may_have_cost_its_bound_and_is_added_to_the_answer(
    vendor: str, double: ModelDouble
) -> None:
    answered = await ask(vendor, double, Script())
    cut = await ask(vendor, double, Script(drop=True), Script())
    assert not cut.abstained
    once = model_of(vendor, double).compute_bound(PROMPT) / 2
    assert cut.usage.cost_usd == answered.usage.cost_usd + once
    refused = settings_for(double).model_copy(update={f"{vendor}_base_url": "http://127.0.0.1:9"})
    nobody = await build_block(vendor, settings=refused).get_client().ask(PROMPT)
    assert nobody.usage.cost_usd == 0


@pytest.mark.parametrize("vendor", VENDORS)
async def test_an_answer_without_counts_is_charged_at_its_bound(
    vendor: str, double: ModelDouble
) -> None:
    counted = await ask(vendor, double, Script())
    uncounted = await ask(vendor, double, Script(usage=False))
    assert not uncounted.abstained
    assert uncounted.usage.cost_usd > counted.usage.cost_usd


async def test_a_deepseek_answer_outside_the_tool_is_no_answer(double: ModelDouble) -> None:
    message = {"role": "assistant", "content": json.dumps(VOTE)}
    body = {"choices": [{"index": 0, "finish_reason": "stop", "message": message}]}
    decision = await ask("deepseek", double, Script(body=json.dumps(body).encode()))
    assert decision.abstention is Abstention.MALFORMED
    assert decision.detail == "no answer in the answer"


async def test_all_at_once_take_as_long_as_the_slowest(double: ModelDouble) -> None:
    for vendor in VENDORS:
        getattr(double, vendor).answer_with(Script(latency_seconds=0.4))
    council = council_from_settings(settings_for(double))
    started = time.monotonic()
    decisions = await asyncio.gather(*(model.ask(PROMPT) for model in council))
    assert time.monotonic() - started < 1.1
    assert [decision.abstained for decision in decisions] == [False] * 3


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("status", [400, 401, 429])
async def test_no_key_leaves_in_a_decision_or_a_log(
    vendor: str, status: int, double: ModelDouble, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    decision = await ask(vendor, double, Script(status=status, headers={"retry-after": "600"}))
    block = build_block(vendor, settings=settings_for(double))
    assert any(SECRET in value for value in double.journal[0].headers.values())
    for text in (repr(decision), repr(block), repr(block.get_client()), caplog.text):
        assert SECRET not in text


async def test_seats_follow_the_keys(double: ModelDouble) -> None:
    every = settings_for(double)
    one = every.model_copy(update={"openai_api_key": None, "deepseek_api_key": None})
    assert [m.identity.name for m in council_from_settings(every)] == [
        "openai:gpt-6-luna",
        "anthropic:claude-haiku-5-5",
        "deepseek:deepseek-flash",
    ]
    strong = every.model_copy(update={"council": ("strong",)})
    assert [m.identity.name for m in council_from_settings(strong)] == [
        "openai:gpt-6.1-terra",
        "anthropic:claude-sonnet-5-5",
        "deepseek:deepseek-v4-pro",
    ]
    assert [m.identity.vendor for m in council_from_settings(every)] == list(VENDORS)
    assert [m.identity.vendor for m in council_from_settings(one)] == [
        "anthropic",
        "offline-trend",
        "offline-mean-reversion",
    ]
    offline = every.model_copy(update={"council": ("offline",)})
    assert all(m.identity.is_offline for m in council_from_settings(offline))


def test_a_seat_without_its_key_is_refused() -> None:
    settings = CouncilSettings(_env_file=None, council=("openai",), OPENAI_API_KEY=None)
    with pytest.raises(PermanentError, match="“openai” needs a key"):
        council_from_settings(settings)


async def test_news_reaches_no_model_that_could_open_a_position(double: ModelDouble) -> None:
    prompt = build_prompt(make_facts(news=make_mood("0.5")), None)
    await model_of("anthropic", double).ask(prompt)
    assert "keyword mood" not in json.dumps(double.journal[0].body)
