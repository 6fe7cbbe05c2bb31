"""News in a cycle: publishers' doubles in, stories with sources in the receipt."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from blocks.feeds.rss import RssReader
from blocks.feeds.shared import SharedFeed
from flows.trading_cycle import trading_cycle
from reports.documents.receipts import render_receipt_text
from tests.blocks.feeds.test_parsing import rss
from tests.doubles.feeds import FeedDouble, serve_feed
from tests.stage import PAIR, Stage
from trading.cycle import CycleOutcome, CycleRecord

pytestmark = pytest.mark.usefixtures("prefect_api")


@pytest.fixture
async def publishers(stage: Stage) -> AsyncIterator[dict[str, FeedDouble]]:
    """Three publishers, connected to the stage."""
    async with AsyncExitStack() as stack:
        doubles = {
            name: await stack.enter_async_context(serve_feed())
            for name in ("coindesk", "theblock", "decrypt")
        }
        stage.feeds = tuple(
            SharedFeed(reader=RssReader(name=name, url=double.url, timeout_seconds=60))
            for name, double in doubles.items()
        )
        stage.settings = stage.settings.model_copy(update={"feed_deadline_seconds": 60})
        yield doubles


async def run(stage: Stage) -> CycleRecord:
    with stage.in_use():
        await trading_cycle(stage.user_id, str(PAIR), stage.now, return_state=True)
    return await stage.load_record()


def publish(stage: Stage, *titles: str) -> bytes:
    at = (stage.now - timedelta(minutes=20)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return rss(
        *(
            f"<item><title>{title}</title><link>https://example.org/{n}</link>"
            f"<pubDate>{at}</pubDate></item>"
            for n, title in enumerate(titles)
        )
    )


async def test_the_receipt_shows_stories_with_sources(
    stage: Stage, publishers: dict[str, FeedDouble]
) -> None:
    publishers["coindesk"].body = publish(stage, "Bitcoin plunges below $70,000", "Cats sing")
    publishers["theblock"].body = publish(stage, "Bitcoin plunges below $70,000 again")
    publishers["decrypt"].body = publish(stage, "Hackers drain crypto exchange")
    receipt = render_receipt_text(await run(stage))
    assert "Stories: 2, sources: 3, mood -0." in receipt
    told = "20 min ago: “Bitcoin plunges below $70,000” https://example.org/0"
    assert f"coindesk, theblock, {told}" in receipt
    assert "Cats" not in receipt


async def test_without_a_network_there_is_one_warning_and_the_cycle_completes(
    stage: Stage, publishers: dict[str, FeedDouble]
) -> None:
    for double in publishers.values():
        double.drop = True
    record = await run(stage)
    assert record.outcome is CycleOutcome.HELD
    (warning,) = record.warnings
    assert warning.startswith("No news from coindesk, theblock, decrypt: no answer.")
    assert "No stories in the last hours." in render_receipt_text(record)


async def test_a_publisher_that_changed_the_form_is_told_apart(
    stage: Stage, publishers: dict[str, FeedDouble]
) -> None:
    publishers["coindesk"].body = b"<html>Subscribe now</html>"
    publishers["theblock"].status = 403
    publishers["decrypt"].body = publish(stage, "Bitcoin rests")
    record = await run(stage)
    changed, refused = record.warnings
    assert changed.startswith("No news from coindesk: the answer is no feed")
    assert refused.startswith("No news from theblock: the server refuses the request (403)")
    assert [item.title for item in record.news.items] == ["Bitcoin rests"]
