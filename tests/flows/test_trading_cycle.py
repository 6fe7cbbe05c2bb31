"""The trading cycle: it acts where two agree and every rule allows it, else it says why not."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State

from blocks.venues.offline.generated import SampleMarket
from flows.trading_cycle import trading_cycle
from reports.texts.catalog import render
from tests.doubles.council import council
from tests.doubles.counting_market import CountingMarket
from tests.doubles.faults import CrashingDatabase, Fault
from tests.stage import PAIR, Stage, require_protected_or_flat, require_same_books
from trading.council.decisions import Abstention, Action
from trading.cycle import CycleOutcome, CycleRecord
from trading.domain.alerts import AlertKind
from trading.domain.errors import TransientError
from trading.domain.orders import OrderType
from trading.domain.units import CYCLE_INTERVAL, Pair, PositionSide, TradingState
from trading.market.candles import CandleSeries, Interval
from trading.news.items import NewsItem

pytestmark = pytest.mark.usefixtures("prefect_api")

LONG, SHORT, HOLD, CLOSE = Action.OPEN_LONG, Action.OPEN_SHORT, Action.HOLD, Action.CLOSE


class FrozenMarket(SampleMarket):
    """Candles stopped some time ago; the rest still answers."""

    stopped_at: datetime

    async def fetch_candles(
        self, pair: Pair, interval: Interval, *, limit: int, as_of: datetime
    ) -> CandleSeries:
        then = min(as_of, self.stopped_at)
        return await super().fetch_candles(pair, interval, limit=limit, as_of=then)


class DeadFeed:
    """A feed that never answers."""

    name = "dead"

    async def fetch_news(
        self, pair: Pair, *, since: datetime, as_of: datetime
    ) -> tuple[NewsItem, ...]:
        raise TransientError("did not answer")


async def start(stage: Stage, cycle_time: datetime | None = None) -> State[Any]:
    with stage.in_use():
        return await trading_cycle(
            stage.user_id, str(PAIR), cycle_time or stage.now, return_state=True
        )


async def run_cycle(stage: Stage) -> CycleRecord:
    state = await start(stage)
    assert state.is_completed(), state.message
    return await stage.load_record()


async def test_enters_when_two_of_three_agree(stage: Stage) -> None:
    stage.models = council(LONG, LONG, HOLD)
    record = await run_cycle(stage)
    assert record.outcome is CycleOutcome.ENTERED, record.reason
    assert record.position is not None
    assert record.position.side is PositionSide.LONG
    await require_same_books(stage)


async def test_an_entry_leaves_a_stop_and_a_target_resting(stage: Stage) -> None:
    stage.models = council(SHORT, SHORT)
    record = await run_cycle(stage)
    assert [order.order_type for order in record.orders] == [
        OrderType.MARKET,
        OrderType.STOP_MARKET,
        OrderType.TAKE_PROFIT_MARKET,
    ]
    assert record.position is not None
    assert record.position.stop_price is not None
    assert record.position.target_price is not None
    await require_protected_or_flat(stage)


async def test_closes_when_two_of_three_say_so(stage: Stage) -> None:
    stage.models = council(LONG, LONG)
    await run_cycle(stage)
    stage.now += CYCLE_INTERVAL
    stage.models = council(CLOSE, CLOSE, HOLD)
    record = await run_cycle(stage)
    assert record.outcome is CycleOutcome.EXITED, record.reason
    assert record.position is None
    await require_protected_or_flat(stage)
    await require_same_books(stage)


async def test_the_models_see_a_position_without_its_owner(stage: Stage) -> None:
    stage.models = council(LONG, LONG)
    await run_cycle(stage)
    stage.now += CYCLE_INTERVAL
    await run_cycle(stage)
    flat, held = (prompt.position_text for prompt in stage.models[0].prompts)
    assert flat == "Position: flat"
    assert "long" in held
    assert "1000" not in held


async def test_holds_on_a_tie(stage: Stage) -> None:
    stage.models = council(LONG, LONG, SHORT, SHORT)
    record = await run_cycle(stage)
    assert record.outcome is CycleOutcome.HELD
    assert await stage.list_paper_orders() == ()


async def test_holds_on_one_answer(stage: Stage) -> None:
    stage.models = council(LONG, LONG, LONG)
    stage.models[1].fail_with = TransientError("overloaded")
    stage.models[2].fail_with = ValueError("nonsense")
    record = await run_cycle(stage)
    assert record.outcome is CycleOutcome.HELD
    assert [decision.abstained for decision in record.decisions] == [False, True, True]


async def test_a_silent_model_abstains_at_the_deadline(stage: Stage) -> None:
    stage.settings = stage.settings.model_copy(update={"council_deadline_seconds": 0.5})
    stage.models = council(LONG, LONG, LONG)
    stage.models[2].is_silent = True
    record = await run_cycle(stage)
    assert record.outcome is CycleOutcome.ENTERED, record.reason
    assert record.decisions[2].abstention is Abstention.DEADLINE


async def test_without_any_answer_it_holds_and_the_operator_hears_once(stage: Stage) -> None:
    stage.models = council(LONG, LONG)
    for model in stage.models:
        model.fail_with = TransientError("down")
    assert (await run_cycle(stage)).outcome is CycleOutcome.HELD
    stage.now += CYCLE_INTERVAL
    assert (await run_cycle(stage)).outcome is CycleOutcome.HELD
    async with stage.database.operator() as operator:
        assert await operator.alerts.count_backlog() == 1


async def test_holds_on_candles_with_holes_and_asks_nobody(stage: Stage) -> None:
    stage.market = SampleMarket(outage_every_days=1)
    stage.models = council(LONG, LONG)
    record = await run_cycle(stage)
    assert record.outcome is CycleOutcome.HELD
    assert "missing" in render(record.reason)
    assert stage.models[0].prompts == []


async def test_holds_on_a_stale_feed(stage: Stage) -> None:
    stage.market = market = FrozenMarket()
    market.stopped_at = stage.now - timedelta(minutes=30)
    stage.models = council(LONG, LONG)
    record = await run_cycle(stage)
    assert record.outcome is CycleOutcome.HELD
    assert "stale" in render(record.reason)


async def test_a_market_that_is_down_skips_the_cycle(stage: Stage) -> None:
    stage.market = CountingMarket(fail_with=TransientError("The venue is down."))
    state = await start(stage)
    assert state.name == "Skipped"
    record = await stage.load_record()
    assert record.outcome is CycleOutcome.SKIPPED
    assert "The venue is down." in render(record.reason)


async def test_an_account_that_can_not_be_read_skips_the_cycle(stage: Stage) -> None:
    stage.faults.on["fetch_positions"] = Fault.FAIL
    stage.models = council(LONG, LONG)
    record = await run_cycle(stage)
    assert record.outcome is CycleOutcome.SKIPPED
    assert stage.models[0].prompts == []


async def test_a_dead_feed_is_a_warning(stage: Stage) -> None:
    stage.feeds = (DeadFeed(),)
    stage.models = council(LONG, LONG)
    record = await run_cycle(stage)
    assert record.outcome is CycleOutcome.ENTERED, record.reason
    assert len(record.warnings) == 1


async def test_a_halt_denies_entries_and_lets_exits_pass(stage: Stage) -> None:
    stage.models = council(LONG, LONG)
    await run_cycle(stage)
    await halt(stage)
    stage.models = council(CLOSE, CLOSE)
    stage.now += CYCLE_INTERVAL
    assert (await run_cycle(stage)).outcome is CycleOutcome.EXITED
    stage.models = council(LONG, LONG)
    stage.now += CYCLE_INTERVAL
    record = await run_cycle(stage)
    assert record.outcome is CycleOutcome.DENIED
    assert "trading is halted (state halted)" in render(record.reason)


async def halt(stage: Stage) -> None:
    async with stage.database.operator() as operator:
        await operator.states.set_trading_state(
            None, state=TradingState.HALTED, reason="a test", now=stage.now
        )


async def test_a_second_run_of_a_cycle_is_skipped(stage: Stage) -> None:
    stage.models = council(LONG, LONG)
    first = await run_cycle(stage)
    state = await start(stage)
    assert state.name == "Skipped"
    assert await stage.load_record() == first


async def test_ten_runs_of_one_cycle_at_once_make_one_entry(stage: Stage) -> None:
    stage.models = council(LONG, LONG)
    states = await asyncio.gather(*(start(stage) for _ in range(10)))
    assert sum(state.name == "Skipped" for state in states) == 9
    orders = await stage.list_paper_orders()
    assert sum(not order.reduce_only for order in orders) == 1


async def test_a_run_that_starts_too_late_is_skipped_and_explained(stage: Stage) -> None:
    due = stage.now
    stage.now += timedelta(minutes=11)
    state = await start(stage, due)
    assert state.name == "Skipped"
    record = await stage.load_record()
    assert record.outcome is CycleOutcome.SKIPPED
    assert "too late" in render(record.reason)


async def test_a_paused_pair_is_skipped(stage: Stage) -> None:
    async with stage.database.tenant(stage.user_id) as tenant:
        await tenant.pairs.set_paused(PAIR, is_paused=True)
    assert (await start(stage)).name == "Skipped"
    assert "paused" in render((await stage.load_record()).reason)


async def test_a_pair_that_is_gone_is_skipped(stage: Stage) -> None:
    async with stage.database.tenant(stage.user_id) as tenant:
        await tenant.pairs.remove_pair(PAIR)
    assert (await start(stage)).name == "Skipped"


async def test_a_database_that_is_lost_sends_no_order(stage: Stage) -> None:
    stage.models = council(LONG, LONG)
    database = stage.database
    stage.database = CrashingDatabase(database, stage.faults)
    asked = asyncio.Event()

    def lose_the_database() -> None:
        asked.set()
        stage.faults.on["transaction"] = Fault.FAIL

    stage.models[0].on_question = lose_the_database
    state = await start(stage)
    stage.database = database
    assert asked.is_set()
    assert state.is_failed()
    assert await stage.list_paper_orders() == ()
    assert await stage.list_open_intents() == ()


async def test_a_run_that_fails_closes_its_cycle_and_tells_its_user(stage: Stage) -> None:
    stage.models = council(LONG, LONG)
    stage.faults.on["place_entry"] = Fault.CRASH_AFTER
    state = await start(stage)
    assert state.is_failed()
    record = await stage.load_record()
    assert record.outcome is CycleOutcome.FAILED
    assert "Crash" in render(record.reason)
    assert AlertKind.CYCLE_FAILED in {alert.kind for alert in await stage.list_alerts()}


async def test_a_run_is_named_after_user_pair_and_cycle_time(stage: Stage) -> None:
    state = await start(stage)
    assert state.state_details.flow_run_id is not None
    async with get_client() as client:
        run = await client.read_flow_run(state.state_details.flow_run_id)
        artifacts = await client.read_latest_artifacts(limit=50)
    assert run.name == "u1 BTC/USDT 2025-03-01 12:00"
    assert "receipt-u1-btc-usdt" in {artifact.key for artifact in artifacts}


async def test_a_long_and_a_short_are_booked_to_the_last_digit(stage: Stage) -> None:
    for action in (LONG, CLOSE, SHORT, CLOSE):
        stage.models = council(action, action)
        await run_cycle(stage)
        stage.now += CYCLE_INTERVAL
    record = await stage.load_record()
    await require_same_books(stage)
    assert record.portfolio is not None
    assert record.portfolio.fees > 0
    assert record.portfolio.net_pnl == record.portfolio.equity - Decimal(1000)
