"""`quorum ask` and `quorum seats` against doubles of the vendors, as a person types both."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from db.session import Database
from tests.cli.terminal import Terminal
from tests.database import TestDatabase
from tests.doubles.models import ModelDouble, Script, answer_text, serve_models
from trading.council.seat_faults import SeatFault

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
FIELDS = {
    *("seat", "vendor", "action", "abstention", "detail", "confidence", "win_probability"),
    *("cost_usd", "latency_ms"),
}


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


async def ask(terminal: Terminal) -> dict[str, Any]:
    words = ("ask", "BTC/USDT", "--market", "sample", "--json")
    answer = await asyncio.to_thread(terminal.succeed, *words)
    told: dict[str, Any] = answer.json
    return told


async def test_three_keys_give_three_votes_before_the_first_start(
    terminal: Terminal, double: ModelDouble, three_seats: tuple[str, ...]
) -> None:
    for vendor in ("openai", "anthropic", "deepseek"):
        double.vendors[vendor].answer_with(Script(text=answer_text("open_long")))
    told = await ask(terminal)
    assert set(told) == {"votes", "consensus", "cost_usd", "prompt_version"}
    assert [vote["seat"] for vote in told["votes"]] == list(three_seats)
    assert [vote["vendor"] for vote in told["votes"]] == ["openai", "anthropic", "deepseek"]
    assert all(set(vote) == FIELDS for vote in told["votes"])
    assert {vote["action"] for vote in told["votes"]} == {"open_long"}
    assert {vote["abstention"] for vote in told["votes"]} == {None}
    assert told["consensus"]["agreement"] == 3
    assert told["consensus"]["reason"] == "3 of 3 answers say open long (2 needed)."
    costs = [Decimal(vote["cost_usd"]) for vote in told["votes"]]
    assert 0 < Decimal(told["cost_usd"]) == sum(costs)
    assert told["prompt_version"].startswith("v2-")


async def test_the_question_is_paid_for_and_kept_like_a_cycles(
    terminal: Terminal,
    double: ModelDouble,
    three_seats: tuple[str, ...],
    database_run: TestDatabase,
) -> None:
    told = [await ask(terminal) for _ in range(2)]
    assert double.count("openai") == 2
    with database_run.connect() as owner:
        spent = owner.execute("SELECT sum(cost_usd) FROM ai_calls").fetchone()
        shares = owner.execute("SELECT count(*) FROM ai_spend").fetchone()
        open_calls = owner.execute("SELECT count(*) FROM ai_calls WHERE cost_usd IS NULL")
        kept = owner.execute("SELECT seat FROM cassette_answers ORDER BY seat").fetchall()
        assert spent == (sum(Decimal(one["cost_usd"]) for one in told),)
        assert shares == (6,)
        assert open_calls.fetchone() == (0,)
        assert [seat for (seat,) in kept] == sorted(three_seats * 2)


async def test_above_the_cap_nobody_is_asked_and_each_seat_says_so(
    terminal: Terminal,
    double: ModelDouble,
    three_seats: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QUORUM_BUDGET_USER_USD", "0.0001")
    votes = (await ask(terminal))["votes"]
    assert [vote["abstention"] for vote in votes] == ["budget"] * len(three_seats)
    assert double.journal == []


@pytest.mark.parametrize("gone", [0, 1, 2])
async def test_a_retired_model_is_named_with_its_cause(
    gone: int, terminal: Terminal, double: ModelDouble, three_seats: tuple[str, ...]
) -> None:
    provider, _, model = three_seats[gone].partition(":")
    double.vendors[provider].retire(model)
    votes = (await ask(terminal))["votes"]
    assert (votes[gone]["abstention"], votes[gone]["detail"]) == ("unavailable", SeatFault.GONE)
    assert [vote["action"] is None for vote in votes] == [number == gone for number in range(3)]


async def test_eight_seats_have_a_price_and_an_existence(
    terminal: Terminal, double: ModelDouble, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    monkeypatch.setenv("QUORUM_COUNCIL", EIGHT)
    double.anthropic.retire("claude-haiku-5-5")
    lines = (await asyncio.to_thread(terminal.succeed, "seats", "--json")).json["seats"]
    assert [line["seat"] for line in lines] == EIGHT.split(",")
    assert [line["exists"] for line in lines] == [True, False, *[True] * 6]
    assert lines[3]["maker"] == "qwen"
    prices = {line["seat"]: line["price"] for line in lines}
    assert all(prices.values())
    assert prices["openai:gpt-5-mini"] == "0.25/2"
    assert prices["deepseek:deepseek-flash"] == "0.3/1.2"  # at peak, as it is reserved
    assert prices["ollama:qwen3:8b"] == "0/0"
    assert lines[0]["shutdown_on"] == "2026-12-11"


async def test_a_question_to_each_seat_is_asked_on_request(
    terminal: Terminal, double: ModelDouble, three_seats: tuple[str, ...]
) -> None:
    told = (await asyncio.to_thread(terminal.succeed, "seats", "--ask", "--json")).json
    assert [vote["seat"] for vote in told["answers"]] == list(three_seats)
    assert [double.count(name) for name in ("openai", "anthropic", "deepseek")] == [1, 1, 1]
    again = (await asyncio.to_thread(terminal.succeed, "seats", "--json")).json["seats"]
    assert all(Decimal(line["spent_today_usd"]) > 0 for line in again)
