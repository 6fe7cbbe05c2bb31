"""The mood of the news: what is heard once, what counts more, and what turns a word."""

# ruff: noqa: RUF001  (Russian headlines)

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.council_cases import NOW, make_news
from trading.news.items import NO_NEWS
from trading.news.lexicon import score_words
from trading.news.score import (
    MAX_ITEMS,
    MAX_WORDS,
    NEWS_WINDOW,
    digest_news,
    score_headline,
    score_news,
)


@pytest.mark.parametrize(
    "title",
    [
        "Bitcoin surges past $90,000",
        "ETF inflows hit a record high",
        "Биткоин обновил исторический максимум",
        "Курс Ethereum вырос на 10%",
        "Regulators approve staking",
    ],
)
def test_good_news_is_good(title: str) -> None:
    assert score_headline(title).score > 0


@pytest.mark.parametrize(
    "title",
    [
        "Bitcoin crashes below $70,000",
        "Exchange hacked, funds stolen",
        "Хакеры похитили $40 млн",
        "Биткоин рухнул ниже $70 000",
        "SEC sues exchange",
    ],
)
def test_bad_news_is_bad(title: str) -> None:
    assert score_headline(title).score < 0


@pytest.mark.parametrize(
    "title", ["", "   ", "Bitcoin", "Встреча разработчиков", "🚀🚀🚀", "1 2 3"]
)
def test_nothing_said_is_no_mood(title: str) -> None:
    assert score_headline(title).score == 0


def test_a_negation_turns_a_word_and_weakens_it() -> None:
    assert score_words("not bullish") == (("not bullish", Decimal("-1.75")),)
    assert score_headline("Суд не запретил").score > 0


def test_a_negation_does_not_reach_far() -> None:
    (word,) = score_words("no comment from the team as bitcoin rallies")
    assert word == ("rallies", Decimal("2.5"))


def test_a_phrase_counts_once_and_instead_of_its_words() -> None:
    assert score_words("a rate cut soon") == (("rate cut", Decimal(2)),)


def test_a_typographic_apostrophe_negates_too() -> None:
    assert score_words("won’t crash")[0][0] == "not crash"


def test_a_word_that_only_starts_badly_is_harmless() -> None:
    assert score_words("hackathon of securities") == ()


def test_the_newer_headline_weighs_more() -> None:
    good, bad = "Bitcoin surges", "Bitcoin plunges"
    newer_good = score_news([make_news(good, minutes=5), make_news(bad, minutes=300)], as_of=NOW)
    newer_bad = score_news([make_news(good, minutes=300), make_news(bad, minutes=5)], as_of=NOW)
    assert newer_bad.score < 0 < newer_good.score


def test_an_edited_source_weighs_more_than_a_post() -> None:
    page = make_news("Bitcoin surges")
    post = make_news("Bitcoin plunges", source="x")
    assert score_news([page, post], as_of=NOW).score > 0


def test_an_unknown_source_is_half_trusted() -> None:
    known = make_news("Bitcoin surges")
    unknown = make_news("Bitcoin plunges", source="somebody")
    assert score_news([known, unknown], as_of=NOW).score > 0


def test_the_words_that_made_it_are_shown_strongest_first() -> None:
    score = score_news([make_news("hack warning"), make_news("hack and warning")], as_of=NOW)
    assert score.words == (("hack", Decimal("-2.50")), ("warning", Decimal("-1.00")))


def test_few_words_are_shown() -> None:
    title = "surge jump gain rise win crash hack fraud ban fall"
    assert len(score_news([make_news(title)], as_of=NOW).words) == MAX_WORDS


def test_no_news_is_no_mood() -> None:
    assert score_news([], as_of=NOW) == NO_NEWS
    assert digest_news([], as_of=NOW, warnings=("x: down",)).warnings == ("x: down",)


def test_a_story_told_twice_is_heard_once() -> None:
    items = [
        make_news("Bitcoin falls", minutes=30),
        make_news("BITCOIN  falls", minutes=20, source="forklog"),
        make_news("Other words", minutes=10, item_id="Bitcoin falls"),
    ]
    digest = digest_news(items, as_of=NOW)
    assert [item.title for item in digest.items] == ["Bitcoin falls"]
    assert digest.sentiment.item_count == 1


def test_one_source_alone_moves_nothing_however_loud_it_is() -> None:
    loud = [make_news(f"Bitcoin crashes, exchange {n} hacked", source="x") for n in range(20)]
    alone = digest_news(loud, as_of=NOW).sentiment
    assert alone.score == 0
    assert alone.item_count == 20
    assert alone.words
    other = make_news("Bitcoin surges to a record", source="coindesk", minutes=300)
    assert digest_news([*loud, other], as_of=NOW).sentiment.score == 0


def test_a_mood_that_two_sources_share_counts() -> None:
    told = [make_news("Exchange hacked", source=source) for source in ("coindesk", "forklog")]
    copied = digest_news(told, as_of=NOW).sentiment
    assert copied.score == 0  # the same headline is one story, wherever it is repeated
    told[1] = make_news("Хакеры похитили $40 млн", source="forklog")
    assert digest_news(told, as_of=NOW).sentiment.score < 0


def test_news_is_newest_first_and_capped() -> None:
    items = [make_news(f"Headline {n}", minutes=n) for n in range(1, MAX_ITEMS + 10)]
    titles = [item.title for item in digest_news(items, as_of=NOW).items]
    assert titles == [f"Headline {n}" for n in range(1, MAX_ITEMS + 1)]


def test_the_past_and_the_future_are_not_heard() -> None:
    edge = int(NEWS_WINDOW / timedelta(minutes=1))
    items = [make_news("old", minutes=edge + 1), make_news("edge", minutes=edge)]
    items.append(make_news("future", minutes=-1))
    assert [item.title for item in digest_news(items, as_of=NOW).items] == ["edge"]


@given(st.lists(st.text(max_size=240), max_size=5))
def test_any_text_has_a_mood_within_bounds(titles: list[str]) -> None:
    items = [make_news(title, item_id=str(n)) for n, title in enumerate(titles)]
    first = digest_news(items, as_of=NOW)
    assert -1 <= first.sentiment.score <= 1
    assert first == digest_news(reversed(items), as_of=NOW)
