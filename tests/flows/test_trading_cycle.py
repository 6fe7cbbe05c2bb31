"""The trading cycle: it acts where two agree and every rule allows it, else it says why not."""

import pytest

from flows.trading_cycle import trading_cycle
from tests.doubles.council import council
from tests.stage import PAIR
from tests.stage import Stage
from tests.stage import require_protected_or_flat
from tests.stage import require_same_books
from trading.cycle import CycleOutcome
from trading.cycle import CycleRecord
from trading.decisions import Action
from trading.errors import TransientError
from trading.orders import OrderType
from trading.units import PositionSide

pytestmark = pytest.mark.usefixtures("prefect_api")

LONG, SHORT, HOLD, CLOSE = Action.OPEN_LONG, Action.OPEN_SHORT, Action.HOLD, Action.CLOSE


async def run_cycle(stage: Stage) -> CycleRecord:
    with stage.in_use():
        state = await trading_cycle(stage.user_id, str(PAIR), stage.now, return_state=True)
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
