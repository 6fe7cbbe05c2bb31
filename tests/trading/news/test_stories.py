"""The same story in five feeds is one story with five sources."""

import pytest

from tests.trading.council_cases import make_news
from trading.news.items import NewsItem
from trading.news.stories import merge_stories


def tell(*titles: str) -> tuple[NewsItem, ...]:
    """A title for each feed, the first feed first."""
    return merge_stories(
        make_news(title, source=f"feed{n}", minutes=60 - n) for n, title in enumerate(titles)
    )


def test_a_story_of_five_feeds_has_five_sources() -> None:
    (story,) = tell(
        "SEC approves spot Solana ETF",
        "SEC Approves Spot Solana ETFs",
        "SEC approves a spot Solana ETF in the US",
        "Spot Solana ETF approved by SEC",
        "spot solana etf approved by the SEC",
    )
    assert story.sources == ("feed0", "feed1", "feed2", "feed3", "feed4")
    assert story.title == "SEC approves spot Solana ETF"


def test_a_russian_story_is_merged_across_endings() -> None:
    (story,) = tell("SEC одобрила спотовый ETF на Solana", "SEC одобрит спотовые ETF на Solana")
    assert len(story.sources) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Bitcoin rises 5% in a day", "Bitcoin rises 9% in a day"),
        ("Fed cuts rates in June", "Fed does not cut rates in June"),
        ("Judge rejects Ripple appeal", "Judge hears Ripple appeal"),
        ("Bitcoin falls", "Ethereum falls"),
        ("SEC approves spot Solana ETF", "SEC delays spot Litecoin ETF"),
    ],
)
def test_different_stories_stay_apart(first: str, second: str) -> None:
    assert len(tell(first, second)) == 2


def test_a_feed_counts_once_however_often_a_story_is_told() -> None:
    (story,) = merge_stories(make_news("Bitcoin falls again", item_id=str(n)) for n in range(3))
    assert story.sources == ("coindesk",)


def test_items_with_the_same_id_are_one_story() -> None:
    items = [
        make_news("Bitcoin falls", minutes=30),
        make_news("Other words", minutes=10, item_id="Bitcoin falls"),
    ]
    assert [story.title for story in merge_stories(items)] == ["Bitcoin falls"]


def test_a_publisher_s_title_replaces_a_stranger_s() -> None:
    items = [
        make_news("SEC approves spot Solana ETF!!! Buy", source="x", minutes=30),
        make_news("SEC approves spot Solana ETF", source="coindesk", minutes=20),
        make_news("Spot Solana ETF approved by SEC", source="theblock", minutes=10),
    ]
    (story,) = merge_stories(items)
    assert story.title == "SEC approves spot Solana ETF"
    assert story.sources == ("coindesk", "x", "theblock")
    assert story.publishers == ("coindesk", "theblock")


def test_a_story_of_strangers_alone_stays_theirs() -> None:
    (story,) = merge_stories(make_news("Buy it all", source="x", minutes=n) for n in (9, 5))
    assert not story.is_published
    assert story.publishers == ()
