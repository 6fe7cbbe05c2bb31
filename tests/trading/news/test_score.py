"""The mood of the news: what is heard once, what counts more, and what turns a word."""

# ruff: noqa: RUF001  (Russian headlines)

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trading.council_cases import NOW, make_news
from trading.news.items import NO_NEWS, NewsItem, SentimentScore
from trading.news.lexicon import read_mood
from trading.news.score import MAX_ITEMS, MAX_PHRASES, NEWS_WINDOW, digest_news


def mood_of(*items: NewsItem) -> SentimentScore:
    return digest_news(items, as_of=NOW).sentiment


def told_twice(title: str, *, minutes: int = 5) -> tuple[NewsItem, NewsItem]:
    """A story of two sources, so that the mood counts."""
    return (
        make_news(title, minutes=minutes),
        make_news(title, minutes=minutes, source="theblock"),
    )


@pytest.mark.parametrize(
    "title",
    [
        "Bitcoin surges past $90,000",
        "ETF inflows hit a record high",
        "Биткоин обновил исторический максимум",
        "Курс Ethereum вырос на 10%",
        "Regulators approve staking",
        "SEC drops all charges against Ripple",
        "Judge rejects the regulator's appeal",
        "US inflation falls to a two-year low",
        "ETF outflows dry up",
        "Tether denies insolvency rumors",
        "SEC снимает обвинения с Ripple",
        "Инфляция падает третий месяц",
        "Отток средств из ETF прекратился",
        "Суд отклонил апелляцию регулятора",
        "Инфляция в США замедлилась",
        "Отток из ETF иссяк",
    ],
)
def test_good_news_is_good(title: str) -> None:
    assert read_mood(title).score > 0


@pytest.mark.parametrize(
    "title",
    [
        "Bitcoin crashes below $70,000",
        "Exchange hacked, funds stolen",
        "Хакеры похитили $40 млн",
        "Биткоин рухнул ниже $70 000",
        "SEC sues exchange",
        "Bitcoin fails to hold $90K",
        "ETF inflows dry up",
        "Инфляция выросла",
        "Биткоин не удержал $90 000",
        "Приток в ETF иссяк",
    ],
)
def test_bad_news_is_bad(title: str) -> None:
    assert read_mood(title).score < 0


@pytest.mark.parametrize(
    "title",
    ["", "   ", "Bitcoin", "Встреча разработчиков", "🪙", "1 2 3", "Fed leaves interest as it is"],
)
def test_nothing_said_is_silence(title: str) -> None:
    reading = read_mood(title)
    assert reading.score == 0
    assert reading.phrases == ()


def test_a_negation_turns_a_word_and_weakens_it() -> None:
    (bullish,) = read_mood("not bullish").phrases
    assert bullish == ("bullish", Decimal("-1.85"))
    assert read_mood("Суд не запретил").score > 0


def test_a_negation_does_not_reach_far() -> None:
    assert read_mood("no comment from the team as bitcoin rallies").score > 0


def test_a_phrase_counts_once_and_instead_of_its_words() -> None:
    assert read_mood("a rate cut soon").phrases == (("rate cut", Decimal(2)),)
    (drop,) = read_mood("SEC drops charges").phrases
    assert drop == ("drops charges", Decimal(2))


def test_a_typographic_apostrophe_negates_too() -> None:
    assert read_mood("won’t crash").score > 0


def test_a_word_that_only_starts_badly_is_harmless() -> None:
    assert read_mood("hackathon of securities").phrases == ()


def test_a_weak_russian_stem_alone_says_nothing() -> None:
    assert read_mood("Visa запустила расчеты").score == 0
    assert read_mood("Visa запустила расчеты и расширила поддержку").score > 0


def test_the_newer_headline_weighs_more() -> None:
    good, bad = "Bitcoin surges", "Bitcoin plunges"
    newer_good = mood_of(*told_twice(good), *told_twice(bad, minutes=300))
    newer_bad = mood_of(*told_twice(good, minutes=300), *told_twice(bad))
    assert newer_bad.score < 0 < newer_good.score


def test_an_old_headline_alone_moves_less_than_a_fresh_one() -> None:
    fresh, old = (mood_of(*told_twice("Bitcoin crashes", minutes=m)).score for m in (5, 330))
    assert fresh < old < 0


def test_a_silent_story_counts_neither_for_nor_against() -> None:
    silent = [make_news(f"Words of the day, part {n}") for n in range(20)]
    assert mood_of(*told_twice("Bitcoin crashes"), *silent).score == (
        mood_of(*told_twice("Bitcoin crashes")).score
    )


def test_an_edited_source_weighs_more_than_a_post() -> None:
    page = make_news("Bitcoin surges", source="theblock")
    second = make_news("Ethereum rallies")
    post = make_news("Bitcoin plunges", source="x")
    assert mood_of(page, second, post).score > 0


def test_a_feed_that_writes_much_does_not_outweigh_the_others() -> None:
    much = [make_news(f"Exchange {n} hacked", item_id=str(n), source="x") for n in range(30)]
    others = [make_news("Bitcoin surges"), make_news("Ethereum rallies", source="theblock")]
    assert mood_of(*much, *others).score > 0


def test_a_story_told_everywhere_does_not_outweigh_the_others() -> None:
    everywhere = [make_news("Bitcoin crashes", source=f"feed{n}") for n in range(30)]
    others = [make_news("Ether surges"), make_news("Solana rallies", source="theblock")]
    assert mood_of(*everywhere, *others).score > 0


def test_the_phrases_behind_the_score_are_shown_strongest_first() -> None:
    score = mood_of(*told_twice("hack warning"))
    assert [word for word, _ in score.words] == ["hack", "warning"]
    assert all(weight < 0 for _, weight in score.words)


def test_few_phrases_are_shown() -> None:
    title = "surge jump gain rise win crash hack fraud ban fall scam rally"
    assert len(mood_of(*told_twice(title)).words) == MAX_PHRASES


def test_no_news_is_silence() -> None:
    assert mood_of() == NO_NEWS
    assert NO_NEWS.is_silent
    assert mood_of(make_news("Words of the day")).is_silent
    assert not mood_of(make_news("Bitcoin crashes")).is_silent


def test_one_source_alone_moves_nothing_however_loud_it_is() -> None:
    loud = [make_news(f"Bitcoin crashes, exchange {n} hacked", source="x") for n in range(20)]
    alone = mood_of(*loud)
    assert alone.score == 0
    assert (alone.item_count, alone.source_count) == (20, 1)
    assert alone.words
    other = make_news("Bitcoin surges to a record", source="coindesk", minutes=300)
    assert mood_of(*loud, other).score == 0


def test_a_mood_that_two_sources_share_counts() -> None:
    told = [make_news("Exchange hacked"), make_news("Хакеры похитили $40 млн", source="forklog")]
    assert mood_of(*told).score < 0
    assert mood_of(*told_twice("Exchange hacked")).score < 0


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
