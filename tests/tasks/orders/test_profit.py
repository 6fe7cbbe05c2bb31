"""Profit set aside: on paper at once, live for who asks for it, in doubt never a second time."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from db.encryption.envelope import MasterKeys, load_master_keys
from reports.texts.catalog import render
from tasks.cycle import portfolio_update as watching
from tasks.orders import accounts
from tasks.runtime.container import Services, use_services, user_accounts
from tests.blocks.venues.venue_cases import World
from tests.doubles.venue.faults import Action as VenueAction
from tests.doubles.venue.faults import Fault
from tests.flows.canaries import CANARY_KEY, OwnPrices, connect, world
from tests.order_path import open_cycle
from tests.stage import CAPITAL, PAIR, Stage
from trading.domain.alerts import AlertKind
from trading.domain.positions import Position
from trading.domain.transfers import TransferStatus
from trading.domain.units import CYCLE_INTERVAL, Mode, PositionSide, VenueName

__all__ = ["world"]

PROFIT = Decimal("150.50")
MARK = Decimal(100_000)
RIGHT: dict[VenueName, dict[str, object]] = {
    VenueName.BINANCE: {"permitsUniversalTransfer": True},
    VenueName.BYBIT: {"Wallet": ["AccountTransfer"]},
}


async def earn(stage: Stage, venue: VenueName) -> None:
    """A position that was closed with a profit."""
    won = Position(
        venue=venue,
        pair=PAIR,
        side=PositionSide.FLAT,
        quantity=Decimal(0),
        average_entry_price=MARK,
        opened_at=stage.now,
        closed_at=stage.now,
        realized_pnl=PROFIT,
    )
    async with stage.database.tenant(stage.user_id) as tenant:
        await tenant.positions.save_position(won)


async def watch(stage: Stage, services: Services) -> None:
    """The end of a cycle: the portfolio is watched."""
    cycle = await open_cycle(stage)
    with use_services(services):
        books = await accounts.sync_books.fn(cycle)
        await watching._update_portfolio.fn(cycle, books, MARK)


async def list_statuses(stage: Stage) -> list[TransferStatus]:
    async with stage.database.tenant(stage.user_id) as tenant:
        aside = await tenant.transfers.sum_set_aside(PAIR, since=stage.now.replace(year=2020))
        is_open = [t.status for t in await tenant.transfers.list_open_transfers()]
    return is_open or ([TransferStatus.DONE] if aside else [])


async def tell(stage: Stage) -> list[str]:
    alerts = await stage.list_alerts()
    return [render(one.text) for one in alerts if one.kind is AlertKind.WITHDRAWAL_DUE]


async def test_on_paper_it_is_booked_aside_once_and_equity_is_the_capital_again(
    stage: Stage,
) -> None:
    await earn(stage, VenueName.PAPER)
    async with stage.database.tenant(stage.user_id) as tenant:
        await tenant.paper.deposit(PROFIT, now=stage.now)  # what the made-up position won

    for _ in range(2):
        await watch(stage, stage.connect())
        stage.now += CYCLE_INTERVAL

    async with stage.database.tenant(stage.user_id) as tenant:
        book = await tenant.paper.load_book()
        state = await tenant.states.load_pair_state(PAIR)
    assert state is not None
    assert (state.last_equity, state.set_aside, state.net_pnl) == (CAPITAL, PROFIT, PROFIT)
    assert book.ledger.withdrawals == PROFIT
    assert (
        sum("150.50 USDT PAPER of profit was set aside" in text for text in await tell(stage)) == 1
    )


@pytest_asyncio.fixture
async def live(stage: Stage, world: World, tmp_path: Path) -> AsyncIterator[Services]:
    """A live pair that has earned, at a venue with one more right, of an owner who wants it."""
    world.server.latency_ms = (0, 0)
    services = await connect(stage, world, tmp_path)
    config = replace(
        await stage.load_config(), mode=Mode.LIVE, venue=world.name, created_at=stage.now
    )
    async with stage.database.tenant(stage.user_id) as tenant:
        await tenant.pairs.remove_pair(PAIR)
        await tenant.pairs.add_pair(config)
        await tenant.accounts.set_moves_profit(
            world.name, moves_profit=True, keys=load_keys(services)
        )
    await earn(stage, world.name)
    world.server.engine.accounts[CANARY_KEY].extra_rights = RIGHT[world.name]
    markets: dict[VenueName, Any] = {world.name: OwnPrices(world.name)}
    accounts = user_accounts(
        stage.database, markets=markets, clock=world.clock, live=services.live
    )
    yield replace(services, exchange_of=accounts)
    await services.live.close()


def load_keys(services: Services) -> MasterKeys:
    """The master keys of a live stage."""
    return load_master_keys(services.live.settings.secrets)


def pass_cycle(stage: Stage, world: World, *, hours: float = 0.5) -> None:
    world.clock.advance(hours * 3600)
    stage.now = world.clock()


def list_moved(world: World) -> list[Decimal]:
    return [amount for _, amount, _ in world.server.engine.accounts[CANARY_KEY].moved]


async def test_live_it_moves_once_for_who_asked_for_it(
    stage: Stage, world: World, live: Services
) -> None:
    for _ in range(3):
        await watch(stage, live)
        pass_cycle(stage, world)

    assert list_moved(world) == [PROFIT]
    assert any("moved to your funding wallet" in text for text in await tell(stage))


async def test_live_nothing_moves_for_who_has_not_asked(
    stage: Stage, world: World, live: Services
) -> None:
    async with stage.database.tenant(stage.user_id) as tenant:
        await tenant.accounts.set_moves_profit(
            world.name, moves_profit=False, keys=load_keys(live)
        )

    await watch(stage, live)

    assert list_moved(world) == []
    assert len(await tell(stage)) == 1  # the notice


async def test_a_transfer_in_doubt_is_looked_up_and_never_sent_again(
    stage: Stage, world: World, live: Services
) -> None:
    world.server.faults = [
        Fault(where="POST .*transfer", action=VenueAction.ANSWER, status=502, body="<html>")
    ]

    await watch(stage, live)
    doubt = await list_statuses(stage)
    pass_cycle(stage, world)
    await watch(stage, live)

    assert doubt == [TransferStatus.UNKNOWN]
    assert await list_statuses(stage) == [TransferStatus.DONE]
    assert list_moved(world) == [PROFIT]
    assert (
        sum(line.startswith("POST") and "transfer" in line for line in world.server.requests) == 1
    )


@pytest.mark.parametrize("is_refused", [True, False])
async def test_what_did_not_move_is_equity_again(
    stage: Stage, world: World, live: Services, *, is_refused: bool
) -> None:
    if is_refused:
        world.server.engine.accounts[CANARY_KEY].extra_rights = {}
    else:
        world.server.faults = [
            Fault(where="POST .*transfer", action=VenueAction.LOSE_REQUEST, is_done=False)
        ]

    await watch(stage, live)
    pass_cycle(stage, world, hours=0.5 if is_refused else 25)
    async with stage.database.tenant(stage.user_id) as tenant:
        await tenant.accounts.set_moves_profit(
            world.name, moves_profit=False, keys=load_keys(live)
        )
    await watch(stage, live)

    assert await list_statuses(stage) == []
    assert list_moved(world) == []
    words = "was not moved" if is_refused else "never showed up"
    assert any(words in text for text in await tell(stage))
