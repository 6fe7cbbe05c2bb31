"""A key may trade and nothing else; what is not known is refused."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from blocks.venues.base.key_permissions import find_binance_faults, find_bybit_faults
from reports.texts.catalog import render
from tests.blocks.venues.venue_cases import World, open_world
from trading.domain.errors import PermanentError
from trading.domain.units import VenueName

BYBIT_FINE = {
    "readOnly": 0,
    "permissions": {"ContractTrade": ["Order", "Position"], "Wallet": [], "Earn": []},
    "ips": ["203.0.113.7"],
}
RIGHTS = ("/sapi/v1/account/apiRestrictions", "/v5/user/query-api")
"""The question for a key's rights at Binance and at Bybit."""


@pytest_asyncio.fixture(params=[VenueName.BINANCE, VenueName.BYBIT], scope="module")
async def opened(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with open_world(request.param) as world:
        yield world


@pytest.fixture
def world(opened: World) -> World:
    opened.reset()
    return opened


async def test_a_key_that_may_only_trade_is_taken(world: World) -> None:
    world.server.requests.clear()
    await world.exchange.check_key()
    assert any(line.endswith(RIGHTS) for line in world.server.requests)


async def test_a_key_that_may_withdraw_is_refused_with_what_to_untick(world: World) -> None:
    world.account.is_withdrawal_allowed = True

    with pytest.raises(PermanentError, match=r"untick “.*[Ww]ithdraw"):
        await world.exchange.check_key()


@pytest.mark.parametrize(
    "right", ["enableInternalTransfer", "permitsUniversalTransfer", "enableTomorrow"]
)
async def test_a_right_at_binance_beside_trading_is_refused(world: World, right: str) -> None:
    world.account.extra_rights = (
        {right: True} if world.name is VenueName.BINANCE else {right: ["Anything"]}
    )

    with pytest.raises(PermanentError, match="untick “"):
        await world.exchange.check_key()


@pytest.mark.parametrize("missing", ["enableReading", "enableFutures", "ipRestrict"])
def test_what_binance_needs_is_named(missing: str) -> None:
    rights = {"enableReading": True, "enableFutures": True, "ipRestrict": True}

    assert find_binance_faults(rights) == ()
    (fault,) = find_binance_faults({**rights, missing: False})
    assert fault


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"readOnly": 1}, "Read-Write"),
        ({"ips": ["*"]}, "trusted IP"),
        ({"ips": []}, "trusted IP"),
        ({"permissions": None}, "new key"),
        ({"permissions": {"ContractTrade": ["Order"]}}, "Positions"),
        (
            {"permissions": {"ContractTrade": ["Order", "Position", "Steal"]}},
            "untick “Steal” under ContractTrade",
        ),
        (
            {"permissions": {"ContractTrade": ["Order", "Position"], "Wallet": ["Withdraw"]}},
            "untick “Withdraw” under Wallet",
        ),
    ],
)
def test_what_bybit_needs_is_named(change: dict[str, object], words: str) -> None:
    assert find_bybit_faults(BYBIT_FINE) == ()
    assert any(words in render(fault) for fault in find_bybit_faults({**BYBIT_FINE, **change}))
