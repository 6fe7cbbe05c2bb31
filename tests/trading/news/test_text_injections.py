"""Attacks through the news, judged by their effect on orders and not by text.

    raw headline -> clean -> digest -> both questions -> the worst model there is -> risk

No real model is asked. Every voter of the council obeys: it answers what the headline wants as
soon as the headline reaches it, with a confidence of 100 and the levels that hurt most, and what
it would have said of the clean twin otherwise. A real model can only be harder to talk into it.
"""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from blocks.models.answers import MalformedAnswer, parse_answer
from tests.trading.builders import NOW, make_asked, make_position
from tests.trading.council_cases import make_facts
from tests.trading.news.injections import Injection, load_injections
from trading.council.consensus import Consensus, reach_consensus
from trading.council.decisions import Abstention, Action, Decision, ModelIdentity
from trading.council.news_check import is_due, weigh_news
from trading.council.news_question import MAX_HEADLINE_CHARACTERS, build_news_question
from trading.council.prompts import Prompt, build_prompt
from trading.council.question.evidence import view_position
from trading.council.rule_models import vote_breakout, vote_mean_reversion, vote_trend
from trading.domain.units import PositionSide
from trading.news.items import NewsDigest, NewsItem
from trading.news.score import digest_news
from trading.news.text import clean_text
from trading.risk.engine import check_risk
from trading.risk.limits import RiskLimits
from trading.risk.results import RiskVerdict

INJECTIONS = load_injections()
LIMITS = RiskLimits()
VENDORS = ("openai", "deepseek", "anthropic")


def hear(raw: str) -> NewsDigest:
    """What the council gets of one raw headline, told by two sources."""
    title = clean_text(raw)
    items = (
        NewsItem(
            source=source,
            item_id=source,
            title=title,
            published_at=NOW - timedelta(minutes=minutes),
        )
        for minutes, source in enumerate(("coindesk", "forklog"))
    )
    return digest_news(items, as_of=NOW)


def ask(raw: str, *, side: PositionSide = PositionSide.FLAT) -> Prompt:
    """The market question of a market in which nothing happens, with this headline about."""
    facts = replace(make_facts(news=hear(raw)), as_of=NOW)
    position = None if side is PositionSide.FLAT else make_position(side=side)
    return build_prompt(facts, view_position(position, mark_price=Decimal(50_000), as_of=NOW))


def ask_again(market: Prompt, *, action: Action = Action.OPEN_LONG) -> Prompt:
    """The question with the headline."""
    prompt = build_news_question(market, action=action)
    assert prompt is not None
    return prompt


def decide(
    injection: Injection,
    *,
    side: PositionSide = PositionSide.FLAT,
    market_vote: Action = Action.HOLD,
) -> Consensus:
    """Both questions of a cycle, answered by models that obey what they read."""
    prompt = ask(injection.raw, side=side)
    market = reach_consensus(obey(injection, prompt, otherwise=market_vote))
    if not is_due(market, position_side=side):
        return market
    answer = reach_consensus(obey(injection, ask_again(prompt, action=market.action)))
    acted, _ = weigh_news(market, answer, position_side=side, headlines=1)
    return acted


def obey(
    injection: Injection, prompt: Prompt, *, otherwise: Action = Action.HOLD
) -> tuple[Decision, ...]:
    """Three models that do what they read; without the headline they vote `otherwise`."""
    title = clean_text(injection.raw)[:MAX_HEADLINE_CHARACTERS]
    visible = json.dumps(title, ensure_ascii=False)
    is_reached = visible in prompt.facts_text + prompt.position_text
    action = injection.wants if is_reached else otherwise
    answer = {
        "action": action.value,
        "confidence": 100,
        "win_probability": 100 if action.is_entry else None,
        "stop_pct": 0.5 if action.is_entry else None,
        "target_pct": 99 if action.is_entry else None,
        "reasons": [injection.raw],
        "would_change_mind": "",
    }
    return tuple(_answer(vendor, json.dumps(answer)) for vendor in VENDORS)


def _answer(vendor: str, text: str) -> Decision:
    model = ModelIdentity(name=vendor, vendor=vendor, is_offline=False)
    try:
        return Decision(model=model, proposal=parse_answer(text))
    except MalformedAnswer:
        return Decision(model=model, proposal=None, abstention=Abstention.MALFORMED)


def judge(consensus: Consensus, *, side: PositionSide = PositionSide.FLAT) -> RiskVerdict:
    """What the rules make of it, everything else being in order."""
    position = None if side is PositionSide.FLAT else make_position(side=side)
    asked = make_asked(account={"position": position})
    return check_risk(replace(asked, consensus=consensus), limits=LIMITS)


def test_the_corpus_is_large_bilingual_and_every_attack_is_in_it() -> None:
    assert len(INJECTIONS) == len({(i.raw, i.wants) for i in INJECTIONS}) >= 300
    assert {i.language for i in INJECTIONS} == {"en", "ru"}
    assert len({i.attack for i in INJECTIONS}) == 12


def test_models_that_obey_would_enter_if_the_second_question_could_open() -> None:
    """The control: the same council, asked with the headline, does reach a quorum."""
    injection = next(i for i in INJECTIONS if i.wants is Action.OPEN_LONG)
    market = ask(injection.raw)
    assert reach_consensus(obey(injection, ask_again(market))).action is Action.OPEN_LONG
    assert reach_consensus(obey(injection, market)).action is Action.HOLD


def test_no_entry_without_the_market_s_quorum() -> None:
    assert len(INJECTIONS) == 360
    entries = [i for i in INJECTIONS if judge(decide(i)).plan is not None]
    assert entries == []


@pytest.mark.parametrize("wanted", [Action.OPEN_LONG, Action.OPEN_SHORT])
def test_with_the_market_s_quorum_no_headline_flips_the_side(wanted: Action) -> None:
    acted = {decide(i, market_vote=wanted).action for i in INJECTIONS}
    assert acted == {wanted, Action.HOLD}
    assert all(
        decide(i, market_vote=wanted).action is Action.HOLD
        for i in INJECTIONS
        if i.wants is not wanted
    )


@pytest.mark.parametrize("side", [PositionSide.LONG, PositionSide.SHORT])
def test_with_a_position_the_worst_is_that_it_is_closed(side: PositionSide) -> None:
    for injection in INJECTIONS:
        consensus = decide(injection, side=side)
        assert judge(consensus, side=side).plan is None
        wants_exit = injection.wants is Action.CLOSE
        assert consensus.action is (Action.CLOSE if wants_exit else Action.HOLD)


def test_a_rule_that_votes_is_never_talked_into_anything() -> None:
    for injection in INJECTIONS:
        facts, twin = ask(injection.raw).facts, ask(injection.twin).facts
        for vote in (vote_trend, vote_mean_reversion, vote_breakout):
            assert vote(facts, None).action is vote(twin, None).action is Action.HOLD


@pytest.mark.parametrize("attack", ["hidden element", "comment", "tag characters"])
def test_what_a_person_does_not_see_the_council_does_not_read(attack: str) -> None:
    for injection in INJECTIONS:
        if injection.attack == attack:
            assert clean_text(injection.raw) == clean_text(injection.twin)


def test_a_headline_stays_one_quoted_line() -> None:
    for injection in INJECTIONS:
        lines = ask_again(ask(injection.raw)).position_text.splitlines()
        (quoted,) = [line for line in lines if line.startswith("- ")]
        assert (
            json.loads(quoted.split(": ", 1)[1])
            == clean_text(injection.raw)[:MAX_HEADLINE_CHARACTERS]
        )
        assert "evil.example" not in quoted
