"""The second question of a cycle: headlines stop, weaken or close, and never open."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from flows.trading_cycle import trading_cycle
from reports.documents.receipts import render_receipt_text
from reports.texts.catalog import render
from tasks.runtime.container import use_services
from telegram.views.reports.receipt import render_why
from tests.database import MakeUser
from tests.doubles.council import ScriptedModel, council
from tests.languages import RUSSIAN
from tests.stage import PAIR, Stage, require_protected_or_flat
from trading.council.decisions import Abstention, Action, Decision
from trading.council.forecasts import view_quorum
from trading.council.news_check import NewsEffect
from trading.council.news_question import NewsUse
from trading.council.prompts import Prompt
from trading.cycle import CycleOutcome, CycleRecord
from trading.domain.accounts import ENGLISH
from trading.domain.units import CYCLE_INTERVAL, Pair, PositionSide
from trading.news.items import NewsItem

pytestmark = pytest.mark.usefixtures("prefect_api")

LONG, SHORT, HOLD, CLOSE = Action.OPEN_LONG, Action.OPEN_SHORT, Action.HOLD, Action.CLOSE


@dataclass(slots=True, kw_only=True)
class ToldFeed:
    """A feed with the stories that a test tells."""

    name: str = "coindesk"
    titles: tuple[str, ...] = ("Bitcoin drifts before the Fed",)
    minutes: int = 20

    async def fetch_news(
        self, pair: Pair, *, since: datetime, as_of: datetime
    ) -> tuple[NewsItem, ...]:
        at = as_of - timedelta(minutes=self.minutes)
        return tuple(
            NewsItem(source=self.name, item_id=title, title=title, published_at=at)
            for title in self.titles
        )


type Answer = Callable[[Prompt], tuple[Action, Decimal]]


@dataclass(slots=True, kw_only=True)
class ReadingModel(ScriptedModel):
    """A voter with an answer of its own to the question with headlines."""

    second: Answer = field(default=lambda _: (HOLD, Decimal(80)))

    async def ask(self, prompt: Prompt) -> Decision:
        if "Second question" not in prompt.position_text:
            return await ScriptedModel.ask(self, prompt)
        action, confidence = self.second(prompt)
        self.prompts.append(prompt)
        told = ScriptedModel(identity=self.identity, action=action, confidence=confidence)
        told.fail_with, told.is_silent = self.fail_with, self.is_silent
        return await told.ask(prompt)


def seat(action: Action, second: Answer) -> tuple[ReadingModel, ...]:
    """Three voters with the same two answers."""
    return tuple(
        ReadingModel(identity=model.identity, action=action, second=second)
        for model in council(action, action, action)
    )


def say(action: Action, confidence: int = 80) -> Answer:
    return lambda _: (action, Decimal(confidence))


def list_titles(prompt: Prompt) -> list[str]:
    lines = prompt.position_text.splitlines()
    return [json.loads(line.split(": ", 1)[1]) for line in lines if line.startswith("- ")]


async def run_cycle(stage: Stage) -> CycleRecord:
    with stage.in_use():
        state = await trading_cycle(stage.user_id, str(PAIR), stage.now, return_state=True)
    assert state.is_completed(), state.message
    return await stage.load_record()


def effect_of(record: CycleRecord) -> NewsEffect:
    assert record.news_check is not None
    return record.news_check.effect


async def test_an_entry_needs_both_answers(stage: Stage) -> None:
    stage.feeds, stage.models = (ToldFeed(),), seat(LONG, say(LONG))
    record = await run_cycle(stage)
    assert record.outcome is CycleOutcome.ENTERED, record.reason
    assert effect_of(record) is NewsEffect.KEPT
    first, second = stage.models[0].prompts
    assert list_titles(first) == []
    assert list_titles(second) == ["Bitcoin drifts before the Fed"]


async def test_doubts_make_the_entry_smaller(stage: Stage) -> None:
    stage.feeds, stage.models = (ToldFeed(),), seat(LONG, say(LONG, 72))
    record = await run_cycle(stage)
    assert record.outcome is CycleOutcome.ENTERED, record.reason
    assert effect_of(record) is NewsEffect.WEAKENED
    assert record.risk is not None
    (clamp,) = (result for result in record.risk.clamps if result.rule == "news_doubt")
    assert Decimal(clamp.figures["limit"]) == pytest.approx(
        Decimal(clamp.figures["notional"]) * Decimal("0.9"), rel=Decimal("0.001")
    )


@pytest.mark.parametrize("answer", [HOLD, SHORT, CLOSE])
async def test_any_other_answer_stops_the_entry(stage: Stage, answer: Action) -> None:
    stage.feeds, stage.models = (ToldFeed(),), seat(LONG, say(answer))
    record = await run_cycle(stage)
    assert (record.outcome, effect_of(record)) == (CycleOutcome.HELD, NewsEffect.STOPPED)
    assert "the council does not confirm: hold" in render(record.reason)
    assert await stage.list_paper_orders() == ()


async def test_headlines_are_not_asked_about_without_an_entry(stage: Stage) -> None:
    stage.feeds, stage.models = (ToldFeed(),), seat(HOLD, say(LONG))
    record = await run_cycle(stage)
    assert (record.outcome, record.news_check) == (CycleOutcome.HELD, None)
    assert [len(model.prompts) for model in stage.models] == [1, 1, 1]


@pytest.mark.parametrize("use", [NewsUse.MOOD, NewsUse.OFF])
async def test_without_confirm_there_is_no_second_question(stage: Stage, use: NewsUse) -> None:
    stage.settings = stage.settings.model_copy(update={"news": use})
    stage.feeds, stage.models = (ToldFeed(),), seat(LONG, say(HOLD))
    record = await run_cycle(stage)
    assert (record.outcome, record.news_check) == (CycleOutcome.ENTERED, None)
    assert len(record.news.items) == (1 if use is NewsUse.MOOD else 0)


async def test_a_post_of_a_stranger_is_not_asked_about(stage: Stage) -> None:
    stage.feeds, stage.models = (ToldFeed(name="x"),), seat(LONG, say(HOLD))
    record = await run_cycle(stage)
    assert (record.outcome, record.news_check) == (CycleOutcome.ENTERED, None)


async def test_without_an_answer_in_time_the_entry_is_held(stage: Stage) -> None:
    stage.feeds, stage.models = (ToldFeed(),), seat(LONG, say(LONG))
    stage.settings = stage.settings.model_copy(update={"council_deadline_seconds": 4.0})
    for model in stage.models:
        model.second = fall_silent(model)
    record = await run_cycle(stage)
    assert (record.outcome, effect_of(record)) == (CycleOutcome.HELD, NewsEffect.UNANSWERED)
    assert "too few models answered: hold" in render(record.reason)


def fall_silent(model: ReadingModel) -> Answer:
    def answer(_: Prompt) -> tuple[Action, Decimal]:
        model.is_silent = True
        return LONG, Decimal(80)

    return answer


async def test_without_budget_for_the_second_question_the_entry_is_held(stage: Stage) -> None:
    stage.feeds, stage.models = (ToldFeed(),), seat(LONG, say(LONG))
    services = stage.connect()
    caps = replace(services.spend_caps, pair_usd=Decimal("0.065"))
    with use_services(replace(services, spend_caps=caps)):
        await trading_cycle(stage.user_id, str(PAIR), stage.now, return_state=True)
    record = await stage.load_record()
    assert (record.outcome, effect_of(record)) == (CycleOutcome.HELD, NewsEffect.UNANSWERED)
    assert record.news_check is not None
    assert {d.abstention for d in record.news_check.decisions} == {Abstention.BUDGET}


async def hold_a_position(stage: Stage) -> None:
    stage.models = seat(LONG, say(LONG))
    await run_cycle(stage)
    stage.now += CYCLE_INTERVAL


async def test_headlines_close_a_position(stage: Stage) -> None:
    await hold_a_position(stage)
    stage.feeds, stage.models = (ToldFeed(),), seat(HOLD, say(CLOSE))
    record = await run_cycle(stage)
    assert (record.outcome, effect_of(record)) == (CycleOutcome.EXITED, NewsEffect.CLOSED)
    await require_protected_or_flat(stage)


@pytest.mark.parametrize("answer", [LONG, SHORT, HOLD])
async def test_headlines_neither_flip_nor_add_to_a_position(stage: Stage, answer: Action) -> None:
    await hold_a_position(stage)
    stage.feeds, stage.models = (ToldFeed(),), seat(HOLD, say(answer))
    before = await stage.load_position()
    record = await run_cycle(stage)
    after = await stage.load_position()
    assert (record.outcome, effect_of(record)) == (CycleOutcome.HELD, NewsEffect.UNMOVED)
    assert before is not None
    assert after is not None
    assert (after.side, after.quantity) == (PositionSide.LONG, before.quantity)


async def test_the_market_s_exit_asks_about_no_headline(stage: Stage) -> None:
    await hold_a_position(stage)
    stage.feeds, stage.models = (ToldFeed(),), seat(CLOSE, say(HOLD))
    record = await run_cycle(stage)
    assert (record.outcome, record.news_check) == (CycleOutcome.EXITED, None)


async def test_both_answers_stand_in_the_receipts(stage: Stage) -> None:
    stage.feeds, stage.models = (ToldFeed(),), seat(LONG, say(HOLD))
    record = await run_cycle(stage)
    text = render_receipt_text(record)
    assert "Asked again with headlines (1): the entry is not confirmed: hold." in text
    assert "On the market alone: open_long: " in text
    assert "With headlines: hold: " in text
    assert "coindesk, 20 min ago: “Bitcoin drifts before the Fed”" in text
    chat = render_why(record, language=ENGLISH).text
    assert "Market alone: open long, 80 %. With headlines: hold, 80 %." in chat
    assert "coindesk, 20 min" in chat
    assert "Только рынок:" in render_why(record, language=RUSSIAN).text


async def test_users_share_both_questions_and_pay_for_both(
    stage: Stage, make_user: MakeUser
) -> None:
    stage.feeds, stage.models = (ToldFeed(),), seat(LONG, say(LONG))
    bob = await make_user("bob")
    await stage.add_pair(bob)
    with stage.in_use():
        for user in (stage.user_id, bob):
            await trading_cycle(user, str(PAIR), stage.now)
    assert [len(model.prompts) for model in stage.models] == [2, 2, 2]
    async with stage.database.tenant(bob) as tenant:
        record = await tenant.cycles.load_cycle(PAIR)
        card = await tenant.decisions.load_scorecard(since=stage.now)
        spent = await tenant.spend.load_spent(stage.now.date())
    assert spent == Decimal("0.03")
    assert record is not None
    assert record.news_check is not None
    assert [d.usage.cost_usd for d in record.news_check.decisions] == [Decimal("0.005")] * 3
    assert sum((model.cost_usd for model in card.models), Decimal(0)) == spent


@pytest.mark.parametrize(("answer", "action"), [(LONG, LONG), (HOLD, HOLD)])
async def test_the_scorecard_judges_the_outcome_of_both_questions(
    stage: Stage, answer: Action, action: Action
) -> None:
    stage.feeds, stage.models = (ToldFeed(),), seat(LONG, say(answer))
    await run_cycle(stage)
    async with stage.database.tenant(stage.user_id) as tenant:
        said = await tenant.decisions.list_unjudged(PAIR, since=stage.now, until=stage.now)
    assert {one.news_action for one in said} - {None} == {answer}  # None: not waited for
    view = view_quorum(said)
    assert view.decision.proposal is not None
    assert view.decision.proposal.action is action
