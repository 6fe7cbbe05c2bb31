"""Our charge against each vendor's published rule, written here from the vendor's own page.

The rules, dollars per million tokens, read 2026-11-30:
- OpenAI, developers.openai.com/api/docs/models/gpt-6-luna: 0.10, cached 0.01, cache writes 0.125,
  output 0.50; above 272 K input tokens input and cache twice, output one and a half times.
- Anthropic, platform.claude.com/docs (Haiku 5.5, 2026-10-07): the same prices, five times all of
  them above 100 K input tokens.
- DeepSeek, api-docs.deepseek.com/quick_start/pricing: off-peak 0.15, cached 0.003, output 0.60;
  twice at peak, Monday to Friday 01-04 and 06-10 UTC, Chinese holidays excepted.
- Gemini 3.8 Flash: 0.75, cached 0.075, output 3.75 (price list of genai-prices 0.2.3; not found
  on a page of the vendor).
- xAI, docs.x.ai/developers/models/grok-4.3: 1.25, cached 0.20, output 2.50; from 200 K twice.
- Qwen 3.7 Plus, two resellers: 0.40, cached 0.08, cache writes 0.50, output 1.60.
"""

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal

import pytest
from genai_prices.data_snapshot import set_custom_snapshot
from pydantic import SecretStr, ValidationError

from blocks.council import open_council, view_seats
from blocks.models.dialects import PROVIDERS
from blocks.models.prices import Prices, Tokens, find_prices, is_peak, update_prices
from blocks.models.settings import CouncilSettings
from tests.cli.answering_server import answering
from trading.domain.errors import PermanentError

USAGES = 200
START = datetime(2026, 9, 14, tzinfo=UTC)
DAYS = 78
GOLDEN_WEEK = [date(2026, 9, 25), *(date(2026, 10, day) for day in range(1, 8))]

type Rule = Callable[[Tokens, datetime], Decimal]


def charge(tokens: Tokens, *prices: str, factors: tuple[str, str] = ("1", "1")) -> Decimal:
    """Dollars at (input, cached, write, output), times a factor for input and for output."""
    fresh = tokens.input - tokens.cached - tokens.written
    counts = (fresh, tokens.cached, tokens.written, tokens.output)
    scale = (factors[0], factors[0], factors[0], factors[1])
    dollars = sum(
        Decimal(price) * Decimal(factor) * count
        for price, factor, count in zip(prices, scale, counts, strict=True)
    )
    return (Decimal(dollars) / 1_000_000).quantize(Decimal("0.000001"), rounding=ROUND_CEILING)


def openai(tokens: Tokens, _: datetime) -> Decimal:
    factors = ("2", "1.5") if tokens.input > 272_000 else ("1", "1")
    return charge(tokens, "0.10", "0.01", "0.125", "0.50", factors=factors)


def anthropic(tokens: Tokens, _: datetime) -> Decimal:
    factors = ("5", "5") if tokens.input > 100_000 else ("1", "1")
    return charge(tokens, "0.10", "0.01", "0.125", "0.50", factors=factors)


def deepseek(tokens: Tokens, at: datetime) -> Decimal:
    hours = {1, 2, 3, 6, 7, 8, 9}
    peak = at.hour in hours and at.isoweekday() <= 5 and at.date() not in GOLDEN_WEEK
    factor = "2" if peak else "1"
    return charge(tokens, "0.15", "0.003", "0.15", "0.60", factors=(factor, factor))


def gemini(tokens: Tokens, _: datetime) -> Decimal:
    return charge(tokens, "0.75", "0.075", "0.75", "3.75")


def xai(tokens: Tokens, _: datetime) -> Decimal:
    factors = ("2", "2") if tokens.input >= 200_000 else ("1", "1")
    return charge(tokens, "1.25", "0.20", "1.25", "2.50", factors=factors)


def qwen(tokens: Tokens, _: datetime) -> Decimal:
    return charge(tokens, "0.40", "0.08", "0.50", "1.60")


RULES: dict[str, Rule] = {
    "openai": openai,
    "anthropic": anthropic,
    "deepseek": deepseek,
    "gemini": gemini,
    "xai": xai,
    "qwen": qwen,
}


def prices_of(provider: str) -> Prices:
    one = PROVIDERS[provider]
    return find_prices(f"{provider}:{one.default_model}", price_list=one.price_list, own=None)


def make_usage(rng: random.Random, *, writes: bool) -> tuple[Tokens, datetime]:
    """A small or a large question, at any minute of eleven weeks."""
    asked = rng.choice((rng.randrange(500, 5_000), rng.randrange(90_000, 300_000)))
    cached = rng.choice((0, rng.randrange(asked // 2)))
    written = rng.choice((0, rng.randrange(asked // 2))) if writes else 0
    tokens = Tokens(input=asked, cached=cached, written=written, output=rng.randrange(1, 8_000))
    return tokens, START + timedelta(minutes=rng.randrange(DAYS * 24 * 60))


@pytest.mark.parametrize("provider", RULES)
def test_200_usages_cost_what_the_vendor_publishes(provider: str) -> None:
    rng = random.Random(20261130)
    prices, rule = prices_of(provider), RULES[provider]
    writes = provider in {"openai", "anthropic", "qwen"}
    for _ in range(USAGES):
        tokens, at = make_usage(rng, writes=writes)
        assert prices.compute_cost(tokens, at=at) == rule(tokens, at), (tokens, at)
        assert prices.compute_highest(tokens) >= rule(tokens, at)


def test_deepseek_is_dear_on_weekday_mornings_only() -> None:
    monday = datetime(2026, 11, 30, tzinfo=UTC)
    dear = [hour for hour in range(24) if is_peak(monday + timedelta(hours=hour))]
    assert dear == [1, 2, 3, 6, 7, 8, 9]
    saturday = monday + timedelta(days=5)
    assert not any(is_peak(saturday + timedelta(hours=hour)) for hour in range(48))
    assert not is_peak(datetime(2026, 10, 1, 2, tzinfo=UTC))  # a Thursday, National Day


LIST = [
    {
        "id": "openai",
        "name": "OpenAI",
        "api_pattern": "https://api.openai.com",
        "models": [
            {
                "id": "gpt-99",
                "match": {"equals": "gpt-99"},
                "prices": {"input_mtok": 7, "output_mtok": 70},
            }
        ],
    }
]


@pytest.fixture
def own_list() -> Iterator[None]:
    """The package's own list is back after the test."""
    yield
    set_custom_snapshot(None)


@pytest.mark.usefixtures("own_list")
async def test_an_update_brings_new_models_and_loses_no_known_one() -> None:
    keys = {"openai_api_key": SecretStr("not-a-key")}
    settings = CouncilSettings(_env_file=None).model_copy(
        update=keys | {"council": ("openai:gpt-99", "openai:gpt-6-luna")}
    )
    with pytest.raises(PermanentError, match="price of openai:gpt-99 is unknown"):
        await open_council(settings)
    async with answering(200, body=json.dumps(LIST)) as url:
        chosen = settings.model_copy(update={"price_updates": url})
        views = view_seats(await open_council(chosen))
    assert [view.price for view in views] == ["7/70", "0.1/0.5"]


@pytest.mark.usefixtures("own_list")
@pytest.mark.parametrize(
    ("status", "body"), [(500, "{}"), (200, "{}"), (200, "<html>"), (200, '[{"id": 1}]')]
)
async def test_a_failed_update_keeps_the_list_of_the_package(status: int, body: str) -> None:
    async with answering(status, body=body) as url:
        assert not await update_prices(url)
    assert not await update_prices("http://127.0.0.1:9")
    assert prices_of("openai").compute_highest(Tokens(input=1000)) == Decimal("0.0001")


def test_prices_are_updated_only_where_the_operator_wants() -> None:
    assert CouncilSettings(_env_file=None).price_updates == "off"
    with pytest.raises(ValidationError):
        CouncilSettings(_env_file=None, price_updates="file:///etc/passwd")
