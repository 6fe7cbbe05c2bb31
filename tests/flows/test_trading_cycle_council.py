"""The council in real cycles: real SDKs, real money rules, real books."""

import asyncio
import json
import os
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from blocks.models.answers import MalformedAnswer, parse_answer
from flows.close_positions import close_positions
from flows.trading_cycle import trading_cycle
from reports.documents.receipts import render_receipt_text
from tests.database import MakeUser, TestDatabase
from tests.db.reads import list_decisions
from tests.doubles.council import council
from tests.doubles.hostile_answers import make_hostile_answer
from tests.doubles.models import Script, answer_text, serve_models
from tests.flows.council_stage import VENDORS, CouncilStage
from tests.stage import PAIR, Stage, require_protected_or_flat, require_same_books
from trading.council.decisions import LATE, Abstention, Action
from trading.council.forecasts import HORIZON
from trading.cycle import CycleOutcome
from trading.domain.accounts import PairConfig
from trading.domain.alerts import AlertKind
from trading.domain.units import CYCLE_INTERVAL, Mode, UserId, VenueName

pytestmark = pytest.mark.usefixtures("prefect_api")

USERS = int(os.environ.get("QUORUM_TEST_COUNCIL_USERS", "8"))
HOSTILE_CYCLES = int(os.environ.get("QUORUM_TEST_HOSTILE_CYCLES", "5"))
OUTAGE_CYCLES = int(os.environ.get("QUORUM_TEST_OUTAGE_CYCLES", "30"))
ODD_CAPITAL = Decimal("7919.37")
FIRST_ODD_ID = 900_000_001


@pytest.fixture
async def seats(stage: Stage) -> AsyncIterator[CouncilStage]:
    async with serve_models() as double:
        yield CouncilStage(stage=stage, double=double)


async def add_odd_user(stage: Stage, make_user: MakeUser, number: int) -> UserId:
    """A user whose every figure would be recognized wherever it turned up."""
    user_id = await make_user(f"Zebedee-{number:03}", telegram_id=770_770_000 + number)
    config = PairConfig(
        user_id=user_id,
        pair=PAIR,
        venue=VenueName.BINANCE,
        mode=Mode.PAPER,
        capital=ODD_CAPITAL,
        is_paused=False,
        created_at=stage.now - timedelta(days=1),
    )
    async with stage.database.tenant(user_id) as tenant:
        await tenant.pairs.add_pair(config)
        await tenant.paper.deposit(ODD_CAPITAL, now=stage.now)
    return user_id


@pytest.mark.timeout(300)  # the first of a session waits for Prefect's server
async def test_many_users_of_one_pair_cost_three_calls_and_no_prompt_knows_any_of_them(
    seats: CouncilStage, make_user: MakeUser, database_run: TestDatabase
) -> None:
    with database_run.connect() as owner:
        sequence = "pg_get_serial_sequence('users', 'user_id')"
        owner.execute(f"SELECT setval({sequence}, {FIRST_ODD_ID}, false)")
    users = [await add_odd_user(seats.stage, make_user, number) for number in range(USERS)]
    seats.say("open_long")
    states = []
    for start in range(0, USERS, 4):
        states += await asyncio.gather(*map(seats.run, users[start : start + 4]))
    assert all(state.is_completed() for state in states)
    assert seats.count_calls() == dict.fromkeys(VENDORS, 1)

    seats.stage.now += CYCLE_INTERVAL  # now they hold something: what is said of it is no secret
    seats.say("hold")
    await seats.run(users[0])
    said = json.dumps([call.body for call in seats.double.journal])
    async with seats.stage.database.tenant(users[0]) as tenant:
        position = await tenant.positions.load_open_position(PAIR)
    assert position is not None
    assert "F19 position: side=long" in said
    secrets = [str(ODD_CAPITAL), "7919", "Zebedee", "770770", str(position.quantity), "telegram"]
    secrets += [str(user) for user in users]
    assert [secret for secret in secrets if secret in said] == []


async def test_every_vote_abstention_and_late_answer_is_kept_with_what_it_took(
    seats: CouncilStage,
) -> None:
    seats.script("openai", Script(text=answer_text("hold")))
    seats.script("deepseek", Script(text=answer_text("hold")))
    seats.script("anthropic", Script(text=answer_text("open_long"), latency_seconds=1.5))
    record = await seats.run_cycle()
    async with seats.stage.database.tenant(seats.stage.user_id) as tenant:
        kept = await list_decisions(tenant.decisions, record.key)
    assert {decision.model.vendor for decision in kept} == set(VENDORS)
    late = next(decision for decision in kept if decision.model.vendor == "anthropic")
    assert (late.is_late, late.detail) == (True, LATE)
    for decision in kept:
        usage = decision.usage
        assert (usage.input_tokens, usage.output_tokens) == (1000, 100)
        assert usage.cost_usd > 0
        assert usage.latency_ms > 0
    receipt = render_receipt_text(record)
    assert "open_long (late, not counted)" in receipt
    assert receipt.count("1,000 (400 cached) in, 100 out") == 3
    for decision in record.decisions:
        assert f"{decision.usage.latency_ms} ms" in receipt


async def test_an_abstention_is_kept_with_its_reason(seats: CouncilStage) -> None:
    seats.script("openai", Script(status=401))
    seats.script("deepseek", Script(stop="refusal"))
    seats.script("anthropic", Script(text="I would buy."))
    record = await seats.run_cycle()
    async with seats.stage.database.tenant(seats.stage.user_id) as tenant:
        kept = {d.model.vendor: d for d in await list_decisions(tenant.decisions, record.key)}
    assert {vendor: d.abstention for vendor, d in kept.items()} == {
        "openai": Abstention.UNAVAILABLE,
        "deepseek": Abstention.REFUSED,
        "anthropic": Abstention.MALFORMED,
    }
    assert kept["openai"].usage.cost_usd == 0
    assert kept["deepseek"].usage.cost_usd > 0
    receipt = render_receipt_text(record)
    for sentence in ("the key was refused", "the model declined", "not JSON"):
        assert sentence in receipt


async def test_at_the_cap_nobody_is_asked_and_the_user_hears_of_it_once(
    seats: CouncilStage,
) -> None:
    seats.budget = replace(seats.budget, pair_usd=Decimal("0.0001"))
    for _ in range(2):
        record = await seats.run_cycle()
        assert record.outcome is CycleOutcome.HELD
        assert {d.abstention for d in record.decisions} == {Abstention.BUDGET}
        seats.stage.now += CYCLE_INTERVAL
    assert seats.double.journal == []
    told = [alert.kind for alert in await seats.stage.list_alerts()]
    assert told == [AlertKind.BUDGET_REACHED]
    async with seats.stage.database.operator() as operator:
        assert await operator.spend.load_spent(seats.stage.now.date()) == 0


async def test_the_installation_s_cap_is_told_to_the_operator_too(
    seats: CouncilStage, database_run: TestDatabase
) -> None:
    seats.budget = replace(seats.budget, installation_usd=Decimal("0.0001"))
    await seats.run_cycle()
    with database_run.connect() as owner:
        told = owner.execute("SELECT user_id, kind FROM alerts ORDER BY user_id").fetchall()
    assert told == [(seats.stage.user_id, "budget_reached"), (None, "budget_reached")]


async def test_over_budget_a_position_keeps_its_stop_and_can_be_closed(
    seats: CouncilStage,
) -> None:
    seats.say("open_long")
    assert (await seats.run_cycle()).outcome is CycleOutcome.ENTERED
    seats.budget = replace(seats.budget, user_usd=Decimal(0))
    seats.stage.now += CYCLE_INTERVAL
    await seats.run_cycle()
    await require_protected_or_flat(seats.stage)
    with seats.stage.in_use():
        await close_positions(seats.stage.user_id)
    assert await seats.stage.load_position() is None
    await require_same_books(seats.stage)


async def test_a_lost_answer_is_not_asked_for_again(stage: Stage, make_user: MakeUser) -> None:
    lost, *_ = stage.models = council(Action.HOLD, Action.HOLD, Action.HOLD)
    lost.fail_with = RuntimeError("the process died before it could say what it heard")
    bob = await make_user("bob")
    await stage.add_pair(bob)
    with stage.in_use():
        await trading_cycle(stage.user_id, str(PAIR), stage.now)
        lost.fail_with = None
        await trading_cycle(bob, str(PAIR), stage.now)
    assert len(lost.prompts) == 1
    async with stage.database.tenant(bob) as tenant:
        record = await tenant.cycles.load_cycle(PAIR)
        shares = await tenant.spend.load_shares(record.key) if record else {}
    assert record is not None
    assert record.decisions[0].detail.endswith("it was asked before, and its answer was lost")
    assert lost.bound_usd / 2 in shares.values()


async def play_outage(seats: CouncilStage, cycles: int) -> int:
    """Cycles with every model down; how many of them entered."""
    faults = (Script(status=503, headers={"retry-after": "0"}), Script(status=401))
    for number in range(cycles):
        seats.stage.now += CYCLE_INTERVAL
        for vendor in VENDORS:
            seats.script(vendor, faults[number % 2])
        record = await seats.run_cycle()
        assert record.outcome is CycleOutcome.HELD, record.reason
        await require_protected_or_flat(seats.stage)
    orders = await seats.stage.list_paper_orders()
    return sum(not order.reduce_only for order in orders)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_with_all_models_down_for_15_hours_nothing_opens_and_one_alert_goes_out(
    seats: CouncilStage, database_run: TestDatabase
) -> None:
    for vendor in VENDORS:
        text = answer_text("open_long", stop_pct=0.6, target_pct=1.2)
        seats.script(vendor, Script(text=text))
    assert (await seats.run_cycle()).outcome is CycleOutcome.ENTERED
    assert await play_outage(seats, OUTAGE_CYCLES) == 1  # the entry before it
    kinds = [alert.kind for alert in await seats.stage.list_alerts()]
    if OUTAGE_CYCLES >= 30:
        assert await seats.stage.load_position() is None
        assert {AlertKind.STOP_HIT, AlertKind.TARGET_HIT} & set(kinds)
    await require_same_books(seats.stage)
    with database_run.connect() as owner:
        down = owner.execute("SELECT count(*) FROM alerts WHERE kind = 'models_down'").fetchone()
    assert down == (3,)  # at once to the operator, after three cycles to both


async def test_hostile_answers_end_as_holds_in_real_cycles(seats: CouncilStage) -> None:
    rng = random.Random(20260302)
    for _ in range(HOSTILE_CYCLES):
        for vendor in VENDORS:
            seats.script(vendor, Script(text=_draw_invalid(rng)))
        record = await seats.run_cycle()
        assert record.outcome is CycleOutcome.HELD
        assert {d.abstention for d in record.decisions} == {Abstention.MALFORMED}
        seats.stage.now += CYCLE_INTERVAL
    assert await seats.stage.list_paper_orders() == ()


def _draw_invalid(rng: random.Random) -> str:
    """A hostile answer that is no valid vote by chance."""
    while True:
        text = make_hostile_answer(rng)
        try:
            parse_answer(text)
        except MalformedAnswer:
            return text


async def test_votes_are_judged_half_a_day_later_by_candles_looked_at_anyway(
    seats: CouncilStage,
) -> None:
    seats.say("open_long", "hold", "hold")
    said = await seats.run_cycle()
    seats.stage.now += HORIZON + CYCLE_INTERVAL
    await seats.run_cycle()
    async with seats.stage.database.tenant(seats.stage.user_id) as tenant:
        card = await tenant.decisions.load_scorecard(since=said.key.cycle_time)
    judged = {score.model.vendor: sum(score.votes.values()) for score in card.models}
    assert judged == dict.fromkeys(VENDORS, 1)
    assert card.quorum is not None
    assert sum(card.quorum.votes.values()) == 1
    assert card.buy_and_hold_return is not None
