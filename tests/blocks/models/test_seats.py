"""Seats by name: providers, makers, prices, addresses, and what is refused."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from blocks.council import (
    build_block,
    choose_seats,
    council_from_settings,
)
from blocks.model import ModelBlock, build_seat
from blocks.models.dialects import PROVIDERS, find_maker
from blocks.models.prices import FREE
from blocks.models.settings import CouncilSettings
from reports.texts.catalog import render
from trading.council.seats import explain_voices
from trading.domain.errors import PermanentError

KEY = SecretStr("sk-canary")
CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI", "DEEPSEEK", "ANTHROPIC", "OPENROUTER", "GEMINI", "XAI", "DASHSCOPE"):
        monkeypatch.delenv(f"{name}_API_KEY", raising=False)


def read(**changes: object) -> CouncilSettings:
    return CouncilSettings(_env_file=None).model_copy(update=changes)


def test_a_models_name_keeps_its_case_its_colons_and_its_slashes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QUORUM_COUNCIL", " OpenRouter:Qwen/Qwen3-Max:free , ollama:Qwen3:8b,")
    seats = CouncilSettings(_env_file=None).council
    assert seats == ("openrouter:Qwen/Qwen3-Max:free", "ollama:Qwen3:8b")
    block = build_block("ollama:Qwen3:8b", settings=read())
    assert (block.provider, block.model) == ("ollama", "Qwen3:8b")


@pytest.mark.parametrize(
    ("provider", "model", "maker"),
    [
        ("openai", "gpt-6-luna", "openai"),
        ("gemini", "gemini-3.8-flash", "google"),
        ("openrouter", "qwen/qwen3.7-plus", "qwen"),
        ("openrouter", "google/gemini-3.8-flash", "google"),
        ("openrouter", "x-ai/grok-4.3", "xai"),
        ("openrouter", "somebody/new-model", "somebody"),
        ("ollama", "qwen3:8b", "qwen"),
        ("ollama", "gpt-oss:20b", "openai"),
        ("ollama", "mine", "ollama"),
        ("compatible", "Mistral-Small-4", "mistral"),
        ("compatible", "org/deepseek-v4", "deepseek"),
        ("compatible", "mine", "compatible"),
    ],
)
def test_a_voice_belongs_to_the_models_maker(provider: str, model: str, maker: str) -> None:
    assert find_maker(provider, model) == maker


def test_three_models_of_one_maker_behind_one_host_are_one_voice() -> None:
    seats = tuple(f"openrouter:qwen/{name}" for name in ("qwen3.7-plus", "qwen-plus", "qwen3-max"))
    council = council_from_settings(read(council=seats, openrouter_api_key=KEY))
    assert {model.identity.vendor for model in council} == {"qwen"}
    warning = render(explain_voices(model.identity for model in council))
    assert "All seats together have one voice (qwen), and an entry needs 2" in warning


def test_auto_seats_every_provider_with_a_key_and_a_default_model() -> None:
    keyed = {f"{name}_api_key": KEY for name in PROVIDERS}
    assert choose_seats(read(**keyed)) == (
        "openai:gpt-6-luna",
        "anthropic:claude-haiku-5-5",
        "deepseek:deepseek-flash",
        "gemini:gemini-3.8-flash",
        "xai:grok-4.3",
        "qwen:qwen3.7-plus",
    )


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_a_saved_block_sends_its_key_to_its_own_provider_only(provider: str) -> None:
    block = ModelBlock(provider=provider, model="m", key=KEY, prices="1/1/1/1")
    own = PROVIDERS[provider].base_url
    if not own:
        with pytest.raises(PermanentError, match="QUORUM_COMPATIBLE_BASE_URL"):
            build_seat(block)
        return
    assert build_seat(block).base_url == own
    assert build_seat(block.model_copy(update={"base_url": "  "})).base_url == own


def test_keys_are_stripped_and_an_empty_address_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", " sk-canary\n")
    monkeypatch.setenv("QUORUM_OPENAI_BASE_URL", "")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "\n")
    settings = CouncilSettings(_env_file=None)
    assert settings.anthropic_api_key is None
    seat = build_seat(build_block("openai", settings=settings))
    assert seat.key.get_secret_value() == "sk-canary"
    assert seat.base_url == "https://api.openai.com/v1"


def test_a_remote_seat_without_a_known_price_is_refused_with_the_way_to_name_it() -> None:
    seats = ("openai:gpt-99", "deepseek:deepseek-flash")
    keys = {"openai_api_key": KEY, "deepseek_api_key": KEY}
    with pytest.raises(PermanentError, match="QUORUM_PRICES=openai:gpt-99=input/cached/write/out"):
        council_from_settings(read(council=seats, **keys))
    named = read(council=seats, prices={"openai:gpt-99": "1/0.1/1.25/5"}, **keys)
    assert len(council_from_settings(named)) == 2


def test_a_block_without_prices_takes_the_lists() -> None:
    block = ModelBlock(provider="openai", model="gpt-6-luna", key=KEY)
    assert "gpt-6-luna" in repr(build_seat(block).prices)
    with pytest.raises(PermanentError, match="price of openai:gpt-99 is unknown"):
        block.model_copy(update={"model": "gpt-99"}).get_client()


@pytest.mark.parametrize(
    ("provider", "model", "base_url", "is_free"),
    [
        ("ollama", "qwen3:8b", None, True),
        ("ollama", "gpt-oss:120b-cloud", None, False),
        ("compatible", "m", "http://127.0.0.1:8000/v1", True),
        ("compatible", "m", "http://192.168.1.4:8000/v1", True),
        ("compatible", "m", "https://models.example.com/v1", False),
    ],
)
def test_only_models_on_ones_own_machines_are_free(
    provider: str, model: str, base_url: str | None, is_free: bool
) -> None:
    block = ModelBlock(provider=provider, model=model, base_url=base_url)
    if is_free:
        assert build_seat(block).prices == FREE
    else:
        with pytest.raises(PermanentError, match="QUORUM_PRICES"):
            build_seat(block)


def test_prices_are_read_by_seat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUORUM_PRICES", "OpenAI:gpt-6-luna=1.5/0.15/2/6, ollama:Q:8b=0/0/0/0")
    assert CouncilSettings(_env_file=None).prices == {
        "openai:gpt-6-luna": "1.5/0.15/2/6",
        "ollama:Q:8b": "0/0/0/0",
    }
    for wrong in ("1/2/3", "1/2/3/-4", "a/b/c/d", "1/2/3/NaN"):
        monkeypatch.setenv("QUORUM_PRICES", f"openai:gpt-6-luna={wrong}")
        with pytest.raises(ValidationError, match="dollars per million"):
            CouncilSettings(_env_file=None)


@pytest.mark.parametrize("page", ["README.md", "docs/models.md"])
def test_the_councils_of_the_documents_can_be_seated(page: str) -> None:
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    councils = re.findall(r"^\s*QUORUM_COUNCIL=(\S*:\S*)", text, re.MULTILINE)
    assert len(councils) == 2
    for council in councils:
        settings = read(council=tuple(council.split(",")), openrouter_api_key=KEY)
        models = council_from_settings(settings)
        assert len({model.identity.vendor for model in models}) == len(models) == 3
