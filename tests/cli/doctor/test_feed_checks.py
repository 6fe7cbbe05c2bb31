"""`quorum doctor` on feeds: an answer in a known form is good, anything else is told."""

import pytest

from cli.doctor.feed_checks import check_feeds
from cli.doctor.findings import Health
from tests.blocks.feeds.test_parsing import entry, rss
from tests.doubles.feeds import serve_feed


async def test_feeds_that_answer_are_good(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serve_feed() as double:
        double.body = rss(entry("Bitcoin rests", minutes=5))
        monkeypatch.setenv("QUORUM_FEEDS", f"rss:one={double.url},rss:two={double.url}")
        finding = await check_feeds()
    assert (finding.health, finding.detail) == (Health.GOOD, "one, two answer")


async def test_a_dead_feed_is_broken_and_named_with_the_cause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serve_feed() as good, serve_feed() as dead:
        good.body, dead.body = rss(entry("Bitcoin rests", minutes=5)), b"<html>moved</html>"
        monkeypatch.setenv("QUORUM_FEEDS", f"rss:good={good.url},rss:dead={dead.url}")
        finding = await check_feeds()
    assert finding.health is Health.BROKEN
    assert finding.detail.startswith("dead: the answer is no feed")
    assert finding.mend


async def test_without_a_network_the_feeds_are_not_to_blame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("QUORUM_FEEDS", raising=False)
    finding = await check_feeds()
    assert (finding.health, finding.detail) == (Health.WEAK, "no feed answers")


@pytest.mark.parametrize(
    ("feeds", "health"),
    [("none", Health.IDLE), ("rumour", Health.BROKEN), ("x", Health.BROKEN)],
)
async def test_the_choice_of_feeds_is_checked(
    monkeypatch: pytest.MonkeyPatch, feeds: str, health: Health
) -> None:
    monkeypatch.setenv("QUORUM_FEEDS", feeds)
    monkeypatch.delenv("X_BEARER_TOKEN", raising=False)
    assert (await check_feeds()).health is health


async def test_a_paid_feed_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUORUM_FEEDS", "x")
    monkeypatch.setenv("X_BEARER_TOKEN", "token")
    monkeypatch.setenv("QUORUM_X_LIST", "1")
    finding = await check_feeds()
    assert (finding.health, finding.detail) == (Health.IDLE, "nothing to read: x")
