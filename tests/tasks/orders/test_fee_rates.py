"""The account's own fee rates: read once a day, counted in sizing, never in the way."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest
import pytest_asyncio

from db.session import Database
from tasks.orders.fee_rates import RETRY_AFTER
from tests.database import MakeUser
from tests.doubles.venue.faults import Action as VenueAction
from tests.doubles.venue.faults import Fault
from tests.live_stage import LiveStage, open_live_stage
from tests.order_path import gather_evidence, open_cycle, take
from tests.stage import Stage
from trading.council.decisions import Action
from trading.cycle import CycleOutcome
from trading.domain.instruments import FeeRates
from trading.domain.units import VenueName
from trading.risk.results import DenialReason

PATHS = {VenueName.BINANCE: "/fapi/v1/commissionRate", VenueName.BYBIT: "/v5/account/fee-rate"}
TAKER = Decimal("0.0003")


@pytest_asyncio.fixture(params=[VenueName.BINANCE, VenueName.BYBIT])
async def live(
    request: pytest.FixtureRequest, database: Database, make_user: MakeUser
) -> AsyncIterator[LiveStage]:
    user_id = await make_user("live")
    async with open_live_stage(request.param, database=database, user_id=user_id) as made:
        made.world.account.taker_rate = TAKER
        yield made


async def read_rates(stage: Stage) -> FeeRates | None:
    evidence = await gather_evidence(stage, await open_cycle(stage))
    _, books = evidence.complete
    return books.fee_rates


def count(live: LiveStage) -> int:
    return live.world.server.requests.count(f"GET {PATHS[live.world.name]}")


async def test_the_rates_of_the_account_are_read_once_a_day(live: LiveStage) -> None:
    rates = await read_rates(live)

    assert rates is not None
    assert rates.taker == TAKER
    assert count(live) == 1
    live.now += timedelta(minutes=30)
    assert await read_rates(live) == rates
    assert count(live) == 1
    live.world.account.taker_rate = Decimal("0.0004")
    live.now += timedelta(days=1)
    again = await read_rates(live)
    assert again is not None
    assert again.taker == Decimal("0.0004")


async def test_an_account_with_dear_fees_is_denied_a_trade_that_cannot_pay_them(
    live: LiveStage,
) -> None:
    live.world.account.taker_rate = Decimal("0.006")  # 1.2 % for both ways, and a target of 2 %

    path = await take(live, Action.OPEN_LONG)

    assert DenialReason.COSTS_TOO_HIGH in {one.code for one in path.decision.verdict.denials}


@pytest.mark.parametrize("body", ["{}", "[]", "no json"])
async def test_unreadable_rates_block_neither_entry_nor_exit(live: LiveStage, body: str) -> None:
    live.world.server.faults = [
        Fault(where=PATHS[live.world.name], action=VenueAction.ANSWER, status=200, body=body)
    ]

    path = await take(live, Action.OPEN_LONG)
    assert path.execution is not None, path.decision.verdict.denials
    assert path.execution.outcome is CycleOutcome.ENTERED
    live.now += timedelta(minutes=30)
    assert await read_rates(live) is None
    assert count(live) == 1, "tried again only after an hour"
    live.world.server.faults = []
    live.now += RETRY_AFTER
    assert await read_rates(live) is not None


async def test_a_paper_account_pays_the_instrument_s_rates(stage: Stage) -> None:
    assert await read_rates(stage) is None
