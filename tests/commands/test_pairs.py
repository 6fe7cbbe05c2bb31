"""A changed capital is paid in or out, audited, and refused where the amount is too little."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from commands.caller import Caller, Services
from commands.pairs import set_capital
from commands.settings import CommandSettings
from db.session import Database
from tests.database import MakeUser
from tests.db.reads import list_entries
from tests.db.values import BTC, make_config
from tests.telegram.stage import teach_pairs
from trading.domain.errors import BadInput
from trading.domain.units import VenueName


@pytest.fixture
async def ann(database: Database, make_user: MakeUser, now: datetime) -> Caller:
    """Ann trades BTC on paper with 1,000."""
    user_id = await make_user()
    async with database.operator() as operator:
        user = await operator.users.load_user(user_id)
    assert user is not None
    await teach_pairs(database, now=now)
    async with database.tenant(user_id) as tenant:
        config = replace(make_config(user_id, now - timedelta(days=1)), venue=VenueName.BINANCE)
        await tenant.pairs.add_pair(config)
        await tenant.paper.deposit(config.capital, now=now)
    services = Services(database=database, deployments=None, settings=CommandSettings())
    return Caller(services=services, user=user, now=now)


@pytest.mark.parametrize("amount", ["1500", "400"])
async def test_paper_money_follows_the_capital(ann: Caller, amount: str) -> None:
    changed = await set_capital(ann, BTC, amount=amount)

    assert (changed.before, changed.config.capital) == (Decimal(1000), Decimal(amount))
    async with ann.tenant() as tenant:
        (config,) = await tenant.pairs.list_pairs()
        assert config == changed.config
        assert (await tenant.paper.load_book()).balance == Decimal(amount)
        (entry,) = await list_entries(tenant.audit)
    assert entry.action == "set_capital"
    assert entry.detail == {"pair": "BTC/USDT", "capital": amount, "before": "1000"}


async def test_a_refused_capital_changes_nothing(ann: Caller) -> None:
    with pytest.raises(BadInput, match="too little"):
        await set_capital(ann, BTC, amount="1")

    async with ann.tenant() as tenant:
        (config,) = await tenant.pairs.list_pairs()
        assert config.capital == Decimal(1000)
        assert (await tenant.paper.load_book()).balance == Decimal(1000)
