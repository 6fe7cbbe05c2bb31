"""Live cycles through the whole path: bot's key, worker's lock, flow, venue; and no secret told.

sealed canary key -> user_accounts -> unchanged ccxt -> the venue's double;  models and X with
canary keys;  then every place is searched: tables, receipts, Prefect's server and results, logs,
exceptions, what the bot renders
"""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio
from prefect.client.schemas.objects import State
from pydantic import SecretStr
from sqlalchemy import make_url

from blocks.feeds.shared import SharedFeed
from blocks.feeds.x import XReader
from blocks.logging.logs import open_process_log
from blocks.logging.scrubbing import Scrubber
from blocks.venues.offline.generated import SampleMarket
from commands.stats import load_report, summarize
from flows.reconcile import reconcile
from flows.trading_cycle import trading_cycle
from reports.documents.receipts import render_receipt_markdown, render_receipt_text
from reports.texts.catalog import list_languages, render
from tasks.monitoring.key_checks import LATER, check_keys
from tasks.runtime.caching import RESULTS
from tasks.runtime.container import Services, use_services, user_accounts
from tasks.runtime.states import as_awaitable
from telegram.views.reports.alerts import render_alert
from telegram.views.reports.receipt import render_why
from telegram.views.reports.stats import render_stats
from tests.blocks.venues.venue_cases import World
from tests.database import TestDatabase
from tests.doubles.council import council
from tests.doubles.feeds import serve_feed
from tests.doubles.models import Script, answer_text, serve_models
from tests.doubles.venue.engine import TICK
from tests.doubles.venue.faults import Action as VenueAction
from tests.doubles.venue.faults import Fault
from tests.flows.canaries import CANARY, CANARY_KEY, OwnPrices, connect, find, list_places, world
from tests.flows.council_stage import connect_models
from tests.prefect_server import PrefectServer
from tests.stage import PAIR, Stage
from trading.council.decisions import Action
from trading.cycle import CycleOutcome, CycleRecord
from trading.domain.alerts import AlertKind
from trading.domain.fees import PaidFee
from trading.domain.units import CYCLE_INTERVAL, Mode, VenueName, floor_to_step, sum_money
from trading.security.credentials import KeyCheck

__all__ = ["world"]

MODEL_KEY = "canary-c41d7e-model-key"
X_TOKEN = "canary-e88b02-x-token"
SYMBOL = "BTCUSDT"
BNB_PRICE = Decimal(500)


@dataclass(slots=True, kw_only=True)
class LiveCycles:
    """A user whose pair trades live at the double, connected as a worker is."""

    stage: Stage
    world: World
    services: Services

    async def follow_price(self) -> None:
        """Let the double's price be that of the sample now."""
        ticker = await SampleMarket().fetch_ticker(PAIR, as_of=self.stage.now)
        self.world.server.engine.set_price(SYMBOL, floor_to_step(ticker.last_price, TICK))

    async def run(self) -> State[Any]:
        """One cycle at the stage's time, and half an hour passes."""
        await self.follow_price()
        with use_services(self.services):
            state = cast(
                "State[Any]",
                await trading_cycle(
                    int(self.stage.user_id), str(PAIR), self.stage.now, return_state=True
                ),
            )
        self.world.clock.advance(CYCLE_INTERVAL.total_seconds())
        self.stage.now = self.world.clock()
        return state

    def list_entries(self) -> list[str]:
        """Names of the orders that were posted and opened something."""
        account = self.world.server.engine.accounts[CANARY_KEY]
        return [order.name for order in account.orders if not order.is_reduce_only]


def read_x(url: str, folder: Path) -> SharedFeed:
    reader = XReader(
        token=SecretStr(X_TOKEN),
        query="list:1",
        file=folder / "x.json",
        budget=FreeReads(),
        base_url=url,
    )
    return SharedFeed(reader=reader)


class FreeReads:
    """A budget without a limit."""

    async def reserve(self, read_id: str, *, bound_usd: Decimal, at: datetime) -> bool:
        del read_id, bound_usd, at
        return True

    async def settle(self, read_id: str, *, cost_usd: Decimal, at: datetime) -> None:
        """Nothing to keep."""


async def open_cycles(stage: Stage, world: World, folder: Path) -> LiveCycles:
    world.server.latency_ms = (0, 0)
    services = await connect(stage, world, folder)
    config = replace(
        await stage.load_config(), mode=Mode.LIVE, venue=world.name, created_at=stage.now
    )
    async with stage.database.tenant(stage.user_id) as tenant:
        await tenant.pairs.remove_pair(PAIR)
        await tenant.pairs.add_pair(config)
    markets: dict[VenueName, Any] = {world.name: OwnPrices(world.name)}
    accounts = user_accounts(
        stage.database, markets=markets, clock=world.clock, live=services.live
    )
    services = replace(services, markets=markets, exchange_of=accounts)
    return LiveCycles(stage=stage, world=world, services=services)


@dataclass(slots=True, kw_only=True)
class Ground:
    """Where live cycles are played, and where something may be left of them."""

    stage: Stage
    world: World
    folder: Path
    prefect: PrefectServer
    owner: TestDatabase
    stack: AsyncExitStack

    async def open(self) -> LiveCycles:
        """The user's only pair, live from now on, and a worker whose lock is open."""
        live = await open_cycles(self.stage, self.world, self.folder)
        self.stack.push_async_callback(live.services.live.close)
        return live

    async def search(self, *texts: str, records: Sequence[CycleRecord]) -> dict[str, bytes]:
        """What was written down, and what people are shown of it."""
        alerts = await self.stage.list_alerts()
        shown = [
            *(
                render_why(one, language=language)
                for one in records
                for language in list_languages()
            ),
            *(
                render_alert(one, language=language)
                for one in alerts
                for language in list_languages()
            ),
            *(render_receipt_text(one) for one in records),
            *(render_receipt_markdown(one) for one in records),
        ]
        folders = (self.folder, RESULTS)
        texts = (*texts, *map(repr, (*records, *shown)))
        return list_places(self.owner, self.prefect, folders=folders, texts=texts)


@pytest.fixture
def left_behind(
    prefect_api: PrefectServer, database_run: TestDatabase, tmp_path: Path
) -> tuple[PrefectServer, TestDatabase, Path]:
    return prefect_api, database_run, tmp_path


@pytest_asyncio.fixture
async def ground(
    stage: Stage, world: World, left_behind: tuple[PrefectServer, TestDatabase, Path]
) -> AsyncIterator[Ground]:
    prefect, owner, folder = left_behind
    async with AsyncExitStack() as stack:
        yield Ground(
            stage=stage, world=world, folder=folder, prefect=prefect, owner=owner, stack=stack
        )


@pytest.mark.parametrize("obstacle", ["lock", "prices"])
async def test_a_closed_lock_and_prices_of_a_file_close_the_way_in_and_never_the_way_out(
    ground: Ground, obstacle: str
) -> None:
    stage, world = ground.stage, ground.world
    stage.models = council(*[Action.OPEN_LONG] * 3)
    live = await ground.open()
    free = live.services
    locked = replace(free.live, is_unlocked=obstacle != "lock")
    ground.stack.push_async_callback(locked.close)
    markets = free.markets if obstacle == "lock" else {world.name: SampleMarket()}
    accounts = user_accounts(stage.database, markets=markets, clock=world.clock, live=locked)
    shut = replace(free, live=locked, markets=markets, exchange_of=accounts)
    account = world.server.engine.accounts[CANARY_KEY]

    live.services = shut
    await live.run()
    refused = await stage.load_record()
    entries = live.list_entries()
    live.services = free
    await live.run()
    entered = await stage.load_record()
    held, resting = account.signed[SYMBOL], account.resting(SYMBOL)
    live.services = replace(shut, models=council(*[Action.CLOSE] * 3))
    await live.run()

    assert ("Live trading is locked" if obstacle == "lock" else "not the venue's own") in render(
        refused.reason
    )
    assert entries == []
    assert (entered.mode, entered.outcome) == (Mode.LIVE, CycleOutcome.ENTERED), entered.reason
    assert [order.quantity for order in resting] == [held] * 2
    assert account.signed[SYMBOL] == 0
    assert (await stage.load_record()).outcome is CycleOutcome.EXITED


async def test_live_cycles_that_go_well_and_wrong_tell_no_secret_anywhere(
    ground: Ground, caplog: pytest.LogCaptureFixture
) -> None:
    stage, world = ground.stage, ground.world
    caplog.set_level(logging.DEBUG)
    open_process_log(ground.folder / "logs", process="worker", scrubber=Scrubber())
    double = await ground.stack.enter_async_context(serve_models())
    feed = await ground.stack.enter_async_context(serve_feed())
    feed.status, feed.body = 401, f"no such token: {X_TOKEN}".encode()
    double.deepseek.answer_with(Script(status=401))  # its error quotes the key
    live = await ground.open()
    live.services = replace(
        live.services,
        models=connect_models(double, key=MODEL_KEY),
        feeds=(read_x(feed.url, ground.folder),),
    )
    records: list[CycleRecord] = []

    states = [await live.run()]
    records.append(await stage.load_record())
    for vendor in (double.openai, double.anthropic):
        vendor.answer_with(Script(text=answer_text("close")))
    world.server.faults = [
        Fault(where="POST", action=VenueAction.ANSWER, status=502, body="<html>no</html>"),
        Fault(where="GET", action=VenueAction.CUT_BODY, skip=2),
    ]
    states.append(await live.run())
    records.append(await stage.load_record())
    world.server.engine.accounts[CANARY_KEY].secret = "changed"
    states.append(await live.run())
    records.append(await stage.load_record())
    with use_services(live.services):
        world.clock.advance(timedelta(days=1).total_seconds())
        refused = await as_awaitable(check_keys(return_state=True))
        broken: Any = await reconcile(int(stage.user_id), return_state=True)

    assert [record.outcome for record in records[:2]] == [
        CycleOutcome.ENTERED,
        CycleOutcome.EXITED,
    ], [record.reason for record in records]
    assert len(double.journal) >= 5
    assert feed.asked
    places = await ground.search(
        caplog.text,
        *map(repr, (*states, refused, broken, live.services, live.services.live)),
        records=records,
    )
    password = make_url(ground.owner.urls.app).password
    assert isinstance(password, str)
    (entry,) = live.list_entries()
    found_in = {place for _, place in find(places, entry)}
    assert {"table orders", "receipts", "table order_intents"} <= found_in
    assert any(place.startswith("text") for place in found_in)
    assert any(place.startswith("prefect's") for place in found_in)
    assert "table key_checks" in places
    assert "signature" in caplog.text
    assert find(places, CANARY, CANARY_KEY, MODEL_KEY, X_TOKEN, password) == []


async def test_every_key_is_asked_once_a_day_and_a_refused_one_opens_nothing(
    ground: Ground,
) -> None:
    stage, world = ground.stage, ground.world
    live = await ground.open()
    account = world.server.engine.accounts[CANARY_KEY]

    async def check(*, hours: float) -> int:
        world.clock.advance(hours * 3600)
        stage.now = world.clock()
        world.server.requests.clear()
        with use_services(live.services):
            return await check_keys.fn()

    async def load_standing() -> KeyCheck:
        async with stage.database.tenant(stage.user_id) as tenant:
            standing = await tenant.accounts.load_standing(world.name)
        assert standing is not None
        return standing

    assert await check(hours=0) == 0
    verified = await load_standing()
    assert await check(hours=23) == 0
    assert world.server.requests == []
    account.is_withdrawal_allowed = True
    assert await check(hours=2) == 1
    refused = await load_standing()
    assert await check(hours=2) == 1
    alerts = await stage.list_alerts()
    stage.models = council(*[Action.OPEN_LONG] * 3)
    live.services = replace(live.services, models=stage.models)
    await live.run()
    record = await stage.load_record()
    account.is_withdrawal_allowed = False
    assert await check(hours=2) == 0

    assert verified.verified_at is not None
    assert refused.verified_at is None
    assert "untick “" in render(refused.refusal)
    assert [("untick “" in render(alert.text), alert.kind) for alert in alerts] == [
        (True, AlertKind.STATE_CHANGED)
    ]
    assert "untick “" in render(record.reason)
    assert live.list_entries() == []
    assert "fine again" in render((await stage.list_alerts())[0].text)
    assert render((await load_standing()).refusal) == ""


async def test_a_venue_that_does_not_answer_refuses_no_key(ground: Ground) -> None:
    stage, world = ground.stage, ground.world
    live = await ground.open()
    world.server.faults = [Fault(where="GET", action=VenueAction.ANSWER, status=502, body="{}")]

    with use_services(live.services):
        refused = await check_keys.fn()
        async with stage.database.operator() as operator:
            due = await operator.keys.list_due_checks(world.clock(), limit=10)
            later = await operator.keys.list_due_checks(world.clock() + LATER, limit=10)

    assert (refused, due, later) == (0, (), ((stage.user_id, world.name),))
    assert await stage.list_alerts() == ()


async def test_an_entry_and_an_exit_say_their_fees_in_the_asset_and_in_the_quote(
    ground: Ground,
) -> None:
    """Books, receipt and statistics say a fee in BNB in its asset and in the quote."""
    ground.stage.models = council(*[Action.OPEN_LONG] * 3)
    live = await ground.open()
    asset = "BNB" if live.world.name is VenueName.BINANCE else "USDT"
    engine = live.world.server.engine
    engine.price["BNBUSDT"] = BNB_PRICE
    engine.accounts[CANARY_KEY].fee_asset = asset

    await live.run()
    entered = await live.stage.load_record()
    live.services = replace(live.services, models=council(*[Action.CLOSE] * 3))
    await live.run()
    exited = await live.stage.load_record()

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
