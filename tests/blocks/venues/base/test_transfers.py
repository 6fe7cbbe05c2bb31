"""Profit moved within an account: posted once, found by its name or mark, never guessed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import pytest_asyncio

from blocks.venues.base.key_permissions import find_binance_faults, find_bybit_faults
from blocks.venues.base.response_classifier import NO_ANSWER
from reports.texts.catalog import render
from tests.blocks.venues.venue_cases import BTC, World, open_world
from tests.doubles.venue.faults import Action, Fault
from trading.domain.errors import PermanentError, TransientError
from trading.domain.transfers import ProfitTransfer, TransferStatus
from trading.domain.units import UserId, VenueName

RIGHT: dict[VenueName, dict[str, object]] = {
    VenueName.BINANCE: {"permitsUniversalTransfer": True},
    VenueName.BYBIT: {"Wallet": ["AccountTransfer"]},
}
WITHDRAW: dict[VenueName, dict[str, object]] = {
    VenueName.BINANCE: {"permitsUniversalTransfer": True, "enableWithdrawals": True},
    VenueName.BYBIT: {"Wallet": ["AccountTransfer", "Withdraw"]},
}
LOST = (
    Fault(where="POST .*transfer", action=Action.LOSE_ANSWER),
    Fault(where="POST .*transfer", action=Action.CUT_BODY),
    Fault(where="POST .*transfer", action=Action.ANSWER, body=""),
    Fault(where="POST .*transfer", action=Action.ANSWER, body='{"retCode":0,"result":{}}'),
    Fault(where="POST .*transfer", action=Action.ANSWER, status=502, body="<html>no</html>"),
)


@pytest_asyncio.fixture(params=[VenueName.BINANCE, VenueName.BYBIT], scope="module")
async def opened(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with open_world(request.param) as world:
        yield world


@pytest.fixture
def world(opened: World) -> World:
    opened.reset()
    opened.account.extra_rights = RIGHT[opened.name]
    opened.exchange._client.may_transfer = False
    return opened


def wish(world: World, *, amount: str = "12.34", days: int = 0) -> ProfitTransfer:
    return ProfitTransfer(
        user_id=UserId(1),
        venue=world.name,
        pair=BTC,
        amount=Decimal(amount),
        requested_at=world.clock() + timedelta(days=days),
    )


async def test_it_moves_the_money_once_and_is_found_again(world: World) -> None:
    transfer = wish(world)

    moved = await world.exchange.transfers.move(transfer)
    found = await world.exchange.transfers.find(transfer)
    other = await world.exchange.transfers.find(replace(transfer, user_id=UserId(2)))

    assert moved.status is TransferStatus.DONE
    assert found == moved
    assert [amount for _, amount, _ in world.account.moved] == [Decimal("12.34")]
    assert world.account.balance == Decimal(10_000) - Decimal("12.34")
    assert other is None or world.name is VenueName.BINANCE


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: f"{fault.action} {fault.body[:12]}")
async def test_an_answer_that_proves_nothing_is_unknown_and_the_look_up_tells(
    world: World, fault: Fault
) -> None:
    transfer = wish(world)
    world.server.faults = [replace(fault)]

    moved = await world.exchange.transfers.move(transfer)
    found = await world.exchange.transfers.find(transfer)

    assert moved.status is TransferStatus.UNKNOWN
    assert moved.reason
    assert found is not None
    assert found.status is TransferStatus.DONE
    assert len(world.account.moved) == 1


async def test_what_never_arrived_is_not_shown(world: World) -> None:
    transfer = wish(world)
    world.server.faults = [
        Fault(where="POST .*transfer", action=Action.LOSE_REQUEST, is_done=False)
    ]

    moved = await world.exchange.transfers.move(transfer)

    assert moved.status is TransferStatus.UNKNOWN
    assert await world.exchange.transfers.find(transfer) is None
    assert world.account.moved == []


async def test_a_key_without_the_right_is_refused_for_sure(world: World) -> None:
    world.account.extra_rights = {}

    moved = await world.exchange.transfers.move(wish(world))

    assert moved.status is TransferStatus.REFUSED
    assert "rights" in render(moved.reason)
    assert world.account.moved == []


async def test_a_used_up_limit_sends_nothing(world: World) -> None:
    world.exchange._client._budget.note(NO_ANSWER, wait=60, now=world.clock())
    posted = len(world.server.requests)

    moved = await world.exchange.transfers.move(wish(world))

    assert (moved.status, len(world.server.requests)) == (TransferStatus.REFUSED, posted)


async def test_another_amount_or_another_hour_is_another_transfer(world: World) -> None:
    await world.exchange.transfers.move(wish(world))

    assert await world.exchange.transfers.find(wish(world, amount="12.35", days=1)) is None


async def test_an_answer_in_an_unknown_form_is_asked_again(world: World) -> None:
    world.server.faults = [
        Fault(where="GET .*transfer", action=Action.ANSWER, body='{"retCode":0,"rows":[{}]}')
    ]

    with pytest.raises(TransientError):
        await world.exchange.transfers.find(wish(world))


async def test_only_who_asks_for_it_may_have_the_right_and_nobody_may_withdraw(
    world: World,
) -> None:
    with pytest.raises(PermanentError, match="untick “"):
        await world.exchange.check_key()
    world.exchange._client.may_transfer = True
    await world.exchange.check_key()
    world.account.extra_rights = WITHDRAW[world.name]
    with pytest.raises(PermanentError, match=r"untick “.*[Ww]ithdraw"):
        await world.exchange.check_key()


@pytest.mark.parametrize("right", ["enableInternalTransfer", "enableMargin", "enableTomorrow"])
def test_the_one_more_right_brings_no_other_at_binance(right: str) -> None:
    rights = {"enableReading": True, "enableFutures": True, "ipRestrict": True}

    assert find_binance_faults({**rights, right: True}, may_transfer=True)


@pytest.mark.parametrize("right", ["Withdraw", "SubMemberTransfer", "SubMemberTransferList"])
def test_the_one_more_right_brings_no_other_at_bybit(right: str) -> None:
    rights = {
        "readOnly": 0,
        "permissions": {"ContractTrade": ["Order", "Position"], "Wallet": [right]},
        "ips": ["203.0.113.7"],
    }

    assert find_bybit_faults(rights, may_transfer=True)
