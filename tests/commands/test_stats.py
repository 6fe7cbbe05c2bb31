"""A pair's results don't mistake a change of capital for a gain or a loss."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from commands.stats import load_report
from db.session import Database
from tests.database import MakeUser
from tests.db.values import make_config, make_key, make_portfolio, make_record

HALF_HOUR = timedelta(minutes=30)


async def test_a_lowered_capital_is_no_drawdown(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    user_id = await make_user()
    config = replace(make_config(user_id, now), capital=Decimal(500))
    before = make_portfolio(now)
    after = replace(before, capital=Decimal(500), equity=before.equity - 500)
    async with database.tenant(user_id) as tenant:
        await tenant.pairs.add_pair(config)
        for number, portfolio in enumerate((before, after)):
            at = now + number * HALF_HOUR
            record = replace(
                make_record(user_id, at),
                key=make_key(user_id, at),
                portfolio=replace(portfolio, as_of=at),
            )
            await tenant.cycles.close_cycle(record)
        report = await load_report(tenant, config)

    assert len(report.portfolios) == 2
    assert report.statistics.max_drawdown == 0
