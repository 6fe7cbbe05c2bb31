"""`quorum ask` and the seats' table against doubles of the vendors."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest

from cli.commands.council import _ask, _to_json, _view_seats
from commands.council.seats import find_closing_seats, list_seats
from db.session import Database
from tests.doubles.models import ModelDouble, Script, answer_text, serve_models
from trading.council.seat_faults import SeatFault
from trading.domain.units import Pair

BTC = Pair("BTC", "USDT")
KEYS = {
    "openai": "OPENAI",
    "anthropic": "ANTHROPIC",
    "deepseek": "DEEPSEEK",
    "openrouter": "OPENROUTER",
    "gemini": "GEMINI",
    "xai": "XAI",
    "qwen": "DASHSCOPE",
}
EIGHT = (
    "openai:gpt-5-mini,anthropic:claude-haiku-5-5,deepseek:deepseek-flash,"
    "openrouter:qwen/qwen3.7-plus,gemini:gemini-3.8-flash,xai:grok-4.3,qwen:qwen3.7-plus,"
    "ollama:qwen3:8b"
)


@pytest.fixture
async def double(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModelDouble]:
    async with serve_models() as running:
        for vendor in running.vendors:
            name = f"QUORUM_{vendor.upper()}_BASE_URL"
            monkeypatch.setenv(name, running.base_url(vendor))
        for key in KEYS.values():
            monkeypatch.setenv(f"{key}_API_KEY", "not-a-key")
        yield running


@pytest.fixture
def three_seats(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    seats = ("openai:gpt-6-luna", "anthropic:claude-haiku-5-5", "deepseek:deepseek-flash")
    monkeypatch.setenv("QUORUM_COUNCIL", ",".join(seats))
    return seats


async def test_three_keys_give_three_votes(
    double: ModelDouble, three_seats: tuple[str, ...]
) -> None:
    for vendor in ("openai", "anthropic", "deepseek"):
        double.vendors[vendor].answer_with(Script(text=answer_text("open_long")))
    told = _to_json(await _ask(BTC, market="sample"))
    assert [vote["seat"] for vote in told["votes"]] == list(three_seats)
    assert {vote["action"] for vote in told["votes"]} == {"open_long"}
    assert told["consensus"]["agreement"] == 3
    assert 0 < told["cost_usd"] == sum(vote["cost_usd"] for vote in told["votes"])
    assert len(told["prompt_version"]) == 8


@pytest.mark.parametrize("gone", [0, 1, 2])
async def test_a_retired_model_is_named_with_its_cause(
    gone: int, double: ModelDouble, three_seats: tuple[str, ...]
) -> None:
    provider, _, model = three_seats[gone].partition(":")
    double.vendors[provider].retire(model)
    votes = _to_json(await _ask(BTC, market="sample"))["votes"]
    assert votes[gone]["detail"] == SeatFault.GONE
    assert [vote["action"] is None for vote in votes] == [number == gone for number in range(3)]


async def test_eight_seats_have_a_price_and_an_existence(
    double: ModelDouble, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUORUM_COUNCIL", EIGHT)
    double.anthropic.retire("claude-haiku-5-5")
    now = datetime(2026, 11, 30, tzinfo=UTC)
    lines = await list_seats(await _view_seats(), database=database, now=now)
    assert [line.seat for line in lines] == EIGHT.split(",")
    assert [line.exists for line in lines] == [True, False, *[True] * 6]
    assert [line.maker for line in lines][3] == "qwen"
    prices = {line.seat: line.price for line in lines}
    assert prices["openai:gpt-5-mini"] == "0.25/2"
    assert prices["deepseek:deepseek-flash"] == "0.3/1.2"  # at peak, as it is reserved
    assert prices["ollama:qwen3:8b"] == "0/0"
    assert lines[0].shutdown_on == date(2026, 12, 11)
    assert find_closing_seats(lines, today=now.date()) == (lines[0],)
    assert find_closing_seats(lines, today=now.date() - timedelta(days=60)) == ()
