"""Every provider's dialect against a double as strict as the vendor; odd answers, odd bills."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import httpx
import pytest
from pydantic import SecretStr

from blocks.council import build_block
from blocks.model import ModelBlock
from blocks.models.dialects import PROVIDERS
from blocks.models.settings import CouncilSettings
from tests.doubles.models import VENDOR_NAMES, VOTE, ModelDouble, Script, serve_models
from tests.trading.council_cases import make_facts
from trading.council.decisions import Abstention, Decision
from trading.council.prompts import build_prompt
from trading.council.seat_faults import SeatFault, find_fault
from trading.ports import Model

PROMPT = build_prompt(make_facts(), None)
MODELS = {
    "openrouter": "qwen/qwen3.7-plus",
    "ollama": "qwen3:8b",
    "compatible": "Mistral-Small-4",
}
BEYOND_DEFAULTS = (
    "openai:gpt-6.1-terra",
    "anthropic:claude-sonnet-5-5",
    "anthropic:claude-opus-5-5",
    "deepseek:deepseek-v4-pro",
)


@pytest.fixture
async def double() -> AsyncIterator[ModelDouble]:
    async with serve_models() as running:
        yield running


def seat_of(vendor: str) -> str:
    return f"{vendor}:{MODELS.get(vendor, PROVIDERS[vendor].default_model)}"


def model_of(seat: str, double: ModelDouble) -> Model:
    vendor = seat.partition(":")[0]
    settings = CouncilSettings(_env_file=None, model_deadline_seconds=5.0).model_copy(
        update={
            f"{vendor}_base_url": double.base_url(vendor),
            f"{vendor}_api_key": SecretStr("not-a-key"),
        }
    )
    return build_block(seat, settings=settings).get_client()


async def ask(seat: str, double: ModelDouble, *script: Script) -> Decision:
    double.vendors[seat.partition(":")[0]].answer_with(*(script or (Script(),)))
    return await model_of(seat, double).ask(PROMPT)


@pytest.mark.parametrize("seat", [*map(seat_of, VENDOR_NAMES), *BEYOND_DEFAULTS])
async def test_every_dialect_is_accepted_by_its_vendor(seat: str, double: ModelDouble) -> None:
    decision = await ask(seat, double)
    assert decision.proposal is not None, decision.detail
    bound = model_of(seat, double).compute_bound(PROMPT)
    assert 0 <= decision.usage.cost_usd <= bound
    assert decision.exchange is not None
    assert json.loads(decision.exchange.answer)["model"] == seat.partition(":")[2]
    assert "not-a-key" not in repr(decision.exchange)


@pytest.mark.parametrize("vendor", VENDOR_NAMES)
async def test_a_retired_model_is_said_to_be_gone_and_asked_once(
    vendor: str, double: ModelDouble
) -> None:
    seat = seat_of(vendor)
    double.vendors[vendor].retire(seat.partition(":")[2])
    decision = await ask(seat, double)
    assert (decision.abstention, decision.detail) == (Abstention.UNAVAILABLE, SeatFault.GONE)
    assert find_fault(decision.detail) is SeatFault.GONE
    assert double.count(vendor) == 1
    assert decision.usage.cost_usd == 0


REFUSED = [
    ("openai:gpt-6-luna", {"reasoning_effort": "minimal"}, "unsupported_value"),
    ("openai:gpt-6-luna", {"max_tokens": 9}, "unsupported_parameter"),
    ("openai:gpt-6-luna", {"tools": [{}]}, "unsupported_parameter"),
    ("anthropic:claude-haiku-5-5", {"temperature": 0}, "not supported"),
    ("anthropic:claude-haiku-5-5", {"thinking": {"type": "enabled"}}, "not supported"),
    ("anthropic:claude-sonnet-5-5", {"thinking": {"type": "disabled"}}, "not supported"),
    ("anthropic:claude-opus-5-5", {"tool_choice": {"type": "any"}}, "forced tool use"),
    ("deepseek:deepseek-flash", {"tools": [{}], "tool_choice": "required"}, "tool_choice"),
    ("deepseek:deepseek-flash", {"response_format": {"type": "json_schema"}}, "unavailable"),
    ("deepseek:deepseek-flash", {"response_format": {"type": "json_object"}}, "word 'json'"),
    ("deepseek:deepseek-chat", {}, "Model Not Exist"),
    ("ollama:qwen3:8b", {"max_completion_tokens": 9}, "ignore"),
    ("qwen:qwen3.7-plus", {"response_format": {"type": "json_object"}}, "word 'json'"),
    ("xai:grok-4.3", {"reasoning_effort": "minimal"}, "invalid argument"),
    ("openrouter:qwen/qwen3.7-plus", {}, "ignored"),
]


@pytest.mark.parametrize(("seat", "fields", "told"), REFUSED)
async def test_the_doubles_refuse_what_the_vendors_refuse(
    seat: str, fields: dict[str, object], told: str, double: ModelDouble
) -> None:
    vendor, _, model = seat.partition(":")
    path = "messages" if vendor == "anthropic" else "chat/completions"
    messages = [{"role": "user", "content": "Vote."}]
    async with httpx.AsyncClient() as client:
        answer = await client.post(
            f"{double.url}/{vendor}/v1/{path}",
            json={"model": model, "max_completion_tokens": 9, "messages": messages} | fields
            if vendor == "openai"
            else {"model": model, "max_tokens": 9, "messages": messages} | fields,
        )
    assert answer.status_code in {400, 404}
    assert told in answer.text


async def test_thinking_beside_the_completion_is_billed(double: ModelDouble) -> None:
    for seat in ("xai:grok-4.3", "gemini:gemini-3.8-flash"):
        assert (await ask(seat, double)).usage.output_tokens == 2012
    only_reasoning = {
        "prompt_tokens": 1000,
        "completion_tokens": 12,
        "completion_tokens_details": {"reasoning_tokens": 2000},
    }
    decision = await ask("xai:grok-4.3", double, Script(usage=only_reasoning))
    assert decision.usage.output_tokens == 2012


BESIDE = {
    "prompt_tokens": 1000,
    "completion_tokens": 12,
    "total_tokens": 3012,
    "completion_tokens_details": {"reasoning_tokens": 2000},
}


@pytest.mark.parametrize("vendor", [name for name in VENDOR_NAMES if name != "anthropic"])
async def test_thinking_that_only_the_total_tells_of_is_billed_at_every_provider(
    vendor: str, double: ModelDouble
) -> None:
    decision = await ask(seat_of(vendor), double, Script(usage=BESIDE))
    assert not decision.abstained
    assert decision.usage.output_tokens == 2012


@pytest.mark.parametrize("vendor", VENDOR_NAMES)
async def test_a_key_with_a_newline_arrives_without(vendor: str, double: ModelDouble) -> None:
    model = seat_of(vendor).partition(":")[2]
    block = ModelBlock(
        provider=vendor,
        model=model,
        key=SecretStr(" canary\n"),
        base_url=f" {double.base_url(vendor)}\n",
    )
    assert not (await block.get_client().ask(PROMPT)).abstained
    headers = {name.lower(): value for name, value in double.journal[0].headers.items()}
    assert headers.get("x-api-key", headers.get("authorization")) in {"canary", "Bearer canary"}


async def test_openrouters_own_charge_is_ours(double: ModelDouble) -> None:
    decision = await ask(seat_of("openrouter"), double)
    assert decision.usage.cost_usd == Decimal("0.000321")


ODD_USAGE = [
    {},
    {"input_tokens": 1000, "output_tokens": 100},
    {"prompt_tokens": -1, "completion_tokens": 100},
    {"prompt_tokens": 10**12, "completion_tokens": 100},
    {"prompt_tokens": "many", "completion_tokens": None},
]


@pytest.mark.parametrize("usage", ODD_USAGE)
@pytest.mark.parametrize("seat", ["openai:gpt-6-luna", "anthropic:claude-haiku-5-5"])
async def test_odd_counts_keep_the_vote_and_are_charged_at_the_bound(
    seat: str, usage: dict[str, object], double: ModelDouble
) -> None:
    if seat.startswith("anthropic"):  # the names that messages use are odd in completions
        names = {"input_tokens": "prompt_tokens", "prompt_tokens": "input_tokens"}
        usage = {names.get(name, name): value for name, value in usage.items()}
    decision = await ask(seat, double, Script(usage=usage or {"nothing": 1}))
    assert not decision.abstained
    assert decision.usage.cost_usd == model_of(seat, double).compute_bound(PROMPT) / 2


@pytest.mark.parametrize("vendor", ["openai", "anthropic", "deepseek"])
async def test_empty_usage_is_no_reason_to_lose_a_vote(vendor: str, double: ModelDouble) -> None:
    seat = seat_of(vendor)
    decision = await ask(seat, double, Script(extra={"usage": {}}))
    assert not decision.abstained
    assert decision.usage.cost_usd == model_of(seat, double).compute_bound(PROMPT) / 2


@pytest.mark.parametrize("vendor", ["openai", "anthropic", "openrouter"])
async def test_an_error_beside_a_full_answer_is_no_vote(vendor: str, double: ModelDouble) -> None:
    script = Script(extra={"error": {"message": "upstream failed", "code": 502}})
    decision = await ask(seat_of(vendor), double, script)
    assert decision.detail == "the vendor reported an error"


@pytest.mark.parametrize("vendor", ["openai", "anthropic", "qwen"])
async def test_blanks_are_no_answer(vendor: str, double: ModelDouble) -> None:
    decision = await ask(seat_of(vendor), double, Script(text="  \n \t "))
    assert (decision.abstention, decision.detail) == (
        Abstention.MALFORMED,
        "no answer in the answer",
    )
    assert decision.usage.cost_usd > 0


LASTING = [
    (429, "insufficient_quota", SeatFault.QUOTA),
    (403, "unsupported_country_region_territory", SeatFault.REGION),
    (400, "credit balance is too low", SeatFault.FUNDS),
    (404, "model_not_found", SeatFault.GONE),
    (401, "invalid_api_key", SeatFault.KEY),
    (402, "billing_error", SeatFault.FUNDS),
]


@pytest.mark.parametrize("vendor", ["openai", "anthropic"])
@pytest.mark.parametrize(("status", "code", "fault"), LASTING)
async def test_a_lasting_fault_is_named_and_not_tried_again(
    vendor: str, status: int, code: str, fault: SeatFault, double: ModelDouble
) -> None:
    script = Script(status=status, code=code, headers={"retry-after": "0"})
    decision = await ask(seat_of(vendor), double, script)
    assert decision.detail == fault
    assert double.count(vendor) == 1


async def test_retry_after_may_be_a_date_and_may_be_forbidden(double: ModelDouble) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=1), usegmt=True)
    busy = Script(status=429, headers={"retry-after": soon})
    assert not (await ask("openai:gpt-6-luna", double, busy, Script())).abstained
    final = Script(status=500, headers={"retry-after": "0", "x-should-retry": "false"})
    assert (await ask("anthropic:claude-haiku-5-5", double, final, Script())).abstained
    far = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    later = Script(status=429, headers={"retry-after": far})
    assert (await ask("deepseek:deepseek-flash", double, later, Script())).abstained
    assert [double.count(name) for name in ("openai", "anthropic", "deepseek")] == [2, 1, 1]


@pytest.mark.parametrize("base_url", ["ftp://models.example", "http://127.0.0.1:9"])
async def test_a_question_that_never_left_costs_nothing(
    base_url: str, double: ModelDouble
) -> None:
    for vendor in ("openai", "anthropic"):
        model = model_of(seat_of(vendor), double)
        block = build_block(vendor, settings=CouncilSettings(_env_file=None)).model_copy(
            update={"base_url": base_url, "key": SecretStr("k"), "deadline_seconds": 3.0}
        )
        decision = await block.get_client().ask(PROMPT)
        assert decision.model == model.identity
        assert decision.abstained
        assert decision.usage.cost_usd == 0


def test_the_vote_of_the_double_is_a_valid_one() -> None:
    assert set(VOTE) == {
        "action", "confidence", "win_probability", "stop_pct", "target_pct", "reasons",
        "would_change_mind",
    }  # fmt: skip
