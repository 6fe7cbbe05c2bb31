"""The page docs/the-question.md shows the question as it is asked."""

from pathlib import Path

from tests.trading.builders import make_instrument
from tests.trading.council.test_prompts import make_series
from tests.trading.council_cases import make_snapshot
from trading.council.prompts import Prompt, build_prompt
from trading.council.question.evidence import build_facts
from trading.indicators.formulas import compute_indicators
from trading.market.candles import Interval
from trading.news.items import NewsDigest

PAGE = Path(__file__).parents[4] / "docs" / "the-question.md"


def build_example() -> Prompt:
    """A flat user's question on made-up candles."""
    candles = {interval: make_series(interval) for interval in Interval}
    indicators = {interval: compute_indicators(series) for interval, series in candles.items()}
    facts = build_facts(
        make_snapshot(candles=candles), indicators, news=NewsDigest(), instrument=make_instrument()
    )
    return build_prompt(facts, None)


def test_the_page_shows_the_question_as_it_is_asked() -> None:
    prompt, page = build_example(), PAGE.read_text(encoding="utf-8")
    for part in (prompt.instructions, prompt.facts_text, prompt.position_text):
        assert f"```\n{part}\n```" in page
