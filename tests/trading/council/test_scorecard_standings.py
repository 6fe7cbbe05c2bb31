"""The scorecard as a whole: models beside the quorum, doing nothing, and buy-and-hold."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from reports.documents.scorecard_text import render_scorecard_markdown, render_scorecard_text
from tests.trading.council_cases import NOW, make_abstention, make_vote
from trading.council.decisions import LATE, Abstention, Action, Decision, Usage
from trading.council.forecasts import QUORUM_MODEL, Forecast, Outcome, is_taken_alone, view_quorum
from trading.council.scorecard import Scorecard, build_scorecard
from trading.domain.units import Pair

BTC, ETH = Pair("BTC", "USDT"), Pair("ETH", "USDT")
LONG, HOLD = Action.OPEN_LONG, Action.HOLD


def say(decision: Decision, *, pair: Pair = BTC, minutes: int = 0, price: int = 100) -> Forecast:
    at = NOW + timedelta(minutes=minutes)
    return Forecast(decision=decision, decided_at=at, price=Decimal(price), pair=pair)


def came_of(net: str, *, minutes: int = 5) -> Outcome:
    ended_at = NOW + timedelta(minutes=minutes)
    return Outcome(is_right=Decimal(net) > 0, net_return=Decimal(net), ended_at=ended_at)


def test_the_quorum_speaks_with_the_most_careful_of_those_who_agree() -> None:
    votes = [say(make_vote(LONG, name=name)) for name in ("a", "b")]
    agreed = view_quorum([*votes, say(make_abstention(Abstention.BUDGET, name="c"))])
    assert agreed.decision.model == QUORUM_MODEL
    assert agreed.decision.proposal is not None
    assert agreed.decision.proposal.action is LONG
    assert (agreed.decided_at, agreed.price, agreed.pair) == (NOW, Decimal(100), BTC)


def test_a_late_vote_makes_no_quorum() -> None:
    late = replace(make_vote(LONG, name="b"), detail=LATE)
    agreed = view_quorum([say(make_vote(LONG, name="a")), say(late)])
    assert agreed.decision.proposal is not None
    assert agreed.decision.proposal.action is HOLD


@pytest.mark.parametrize(
    ("forecast", "is_taken"),
    [
        (say(make_vote(LONG)), True),
        (say(make_vote(HOLD)), False),
        (say(make_vote(LONG, confidence=Decimal(69))), False),
        (say(make_abstention(Abstention.REFUSED)), False),
    ],
)
def test_only_a_sure_entry_is_traded_alone(forecast: Forecast, is_taken: bool) -> None:
    assert is_taken_alone(forecast, free_at=None) is is_taken
    assert is_taken_alone(forecast, free_at=NOW) is False


def test_a_trade_on_one_pair_keeps_nobody_from_another() -> None:
    vote = make_vote(LONG, name="a")
    rows = [
        (say(vote, pair=BTC), came_of("0.01", minutes=90)),
        (say(vote, pair=ETH, minutes=30), came_of("0.02", minutes=60)),
        (say(vote, pair=BTC, minutes=60), came_of("0.04", minutes=70)),
    ]
    (score,) = build_scorecard(rows, quorum=[], since=NOW).models
    assert score.net_return == Decimal("0.03")


def test_buy_and_hold_is_summed_over_pairs() -> None:
    vote = make_vote(HOLD)
    said = [say(vote), say(vote, pair=ETH), say(vote, minutes=30, price=110)]
    card = build_scorecard([(one, None) for one in said], quorum=[], since=NOW)
    assert card.buy_and_hold_return == Decimal("0.1")
    assert card.quorum is None


def test_without_votes_there_is_nothing_to_compare() -> None:
    card = build_scorecard([], quorum=[], since=NOW)
    assert card == Scorecard(since=NOW, models=(), quorum=None, buy_and_hold_return=None)
    assert "Nobody was asked yet." in render_scorecard_text(card, title="Council")


def make_card() -> Scorecard:
    usage = Usage(cost_usd=Decimal("0.0125"), latency_ms=1500)
    voter = replace(make_vote(LONG, name="gpt"), usage=usage)
    rule = make_vote(LONG, name="trend")
    rule = replace(rule, model=replace(rule.model, is_offline=True))
    silent = make_abstention(Abstention.DEADLINE, name="claude")
    rows = [(say(one), came_of("0.015")) for one in (voter, rule)]
    agreed = (view_quorum([one for one, _ in rows]), came_of("0.015"))
    return build_scorecard([*rows, (say(silent), None)], quorum=[agreed], since=NOW)


def test_a_person_reads_every_voice_beside_the_quorum() -> None:
    text = render_scorecard_text(make_card(), title="The council on BTC/USDT")
    assert text.startswith("The council on BTC/USDT")
    for shown in ("gpt", "trend (offline rules)", "claude", "quorum", "1 of 1", "1500 ms"):
        assert shown in text
    assert "Quorum 1.50 %, doing nothing 0.00 %, buy and hold 0.00 %." in text
    assert "claude: nothing judged yet." in text


def test_the_artifact_says_the_same_as_markdown() -> None:
    markdown = render_scorecard_markdown(make_card(), title="The council")
    assert markdown.startswith("# The council")
    assert "| voice | asked |" in markdown
