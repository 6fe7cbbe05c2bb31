"""Live cycles with fees in BNB: books, receipt and statistics say the asset and the quote."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest_asyncio

from commands.stats import load_report, summarize
from reports.documents.receipts import render_receipt_text
from reports.texts.catalog import list_languages
from telegram.views.reports.stats import render_stats
from tests.blocks.venues.venue_cases import World
from tests.doubles.council import council
from tests.flows.canaries import CANARY_KEY, world
from tests.flows.test_trading_cycle_live import LiveCycles, open_cycles
from tests.prefect_server import PrefectServer
from tests.stage import PAIR, Stage
from trading.council.decisions import Action
from trading.cycle import CycleOutcome, CycleRecord
from trading.domain.fees import PaidFee
from trading.domain.units import VenueName, sum_money

__all__ = ["world"]

BNB_PRICE = Decimal(500)


@pytest_asyncio.fixture
async def live(
    stage: Stage, world: World, prefect_api: PrefectServer, tmp_path: Path
) -> AsyncIterator[LiveCycles]:
    async with AsyncExitStack() as stack:
        stage.models = council(*[Action.OPEN_LONG] * 3)
        cycles = await open_cycles(stage, world, tmp_path)
        stack.push_async_callback(cycles.services.live.close)
        yield cycles


async def run(live: LiveCycles) -> CycleRecord:
    await live.run()
    return await live.stage.load_record()


async def test_an_entry_and_an_exit_say_their_fees_in_the_asset_and_in_the_quote(
    live: LiveCycles,
) -> None:
    asset = "BNB" if live.world.name is VenueName.BINANCE else "USDT"
    engine = live.world.server.engine
    engine.price["BNBUSDT"] = BNB_PRICE
    engine.accounts[CANARY_KEY].fee_asset = asset

    entered = await run(live)
    live.services = replace(live.services, models=council(*[Action.CLOSE] * 3))
    exited = await run(live)

    assert (entered.outcome, exited.outcome) == (CycleOutcome.ENTERED, CycleOutcome.EXITED)
    fills = engine.accounts[CANARY_KEY].fills
    paid = sum_money(fill.fee for fill in fills)
    (fee,) = entered.fees
    assert fee == PaidFee(asset=asset, amount=fills[0].fee_amount, value=fills[0].fee)
    async with live.stage.database.tenant(live.stage.user_id) as tenant:
        booked = await tenant.trades.list_fills(PAIR, limit=9)
        (closed,) = await tenant.positions.list_closed_positions(PAIR)
        report = await load_report(tenant, await live.stage.load_config())
    assert {fill.fee_asset for fill in booked} == ({"BNB"} if asset == "BNB" else {None})
    assert closed.fees == paid
    stats = summarize(report)
    assert stats.latest is not None
    assert stats.latest.fees == paid
    shown = [str(render_stats([stats], language=language)) for language in list_languages()]
    lines = render_receipt_text(entered).split("\n")
    (receipt,) = [line.strip() for line in lines if "Fees paid" in line]
    if asset == "USDT":
        assert stats.other_fees == ()
        assert receipt == f"Fees paid: {fee.amount.normalize():f} USDT."
        return
    assert stats.other_fees == (PaidFee(asset="BNB", amount=paid / BNB_PRICE, value=paid),)
    assert receipt == (f"Fees paid: {fee.amount.normalize():f} BNB, booked as {fee.value:.2f}.")
    assert all("BNB" in text for text in shown)
