"""The views: one line that says where a user, a model or the last trades stand."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from psycopg.rows import dict_row

from db.session import Database
from tests.database import MakeUser, TestDatabase
from tests.db.schema import connect_as
from tests.db.values import CLAUDE, TREND, fill_tenant, make_fill
from trading.domain.units import UserId


async def fill(database: Database, user_id: UserId, *, now: datetime) -> None:
    async with database.tenant(user_id) as tenant:
        await fill_tenant(tenant, now)


def look(url: str, view: str, *, user_id: UserId | None = None) -> list[dict[str, Any]]:
    with connect_as(url) as connection:
        connection.row_factory = dict_row  # type: ignore[assignment]
        if user_id is not None:
            connection.execute("SELECT set_config('quorum.user_id', %s, true)", (str(user_id),))
        rows = connection.execute(f"SELECT * FROM {view} ORDER BY 1").fetchall()
    return [dict(row) for row in rows]


async def test_an_overview_says_where_each_user_stands(
    database: Database, database_run: TestDatabase, make_user: MakeUser, now: datetime
) -> None:
    ann, bob = await make_user("ann"), await make_user("bob")
    await fill(database, ann, now=now)
    first, second = look(database_run.urls.operator, "user_overview")
    assert first == {
        "user_id": ann,
        "name": "ann",
        "trading_state": "active",
        "is_banned": False,
        "pairs": 1,
        "paused_pairs": 0,
        "capital": Decimal(1000),
        "open_positions": 1,
        "closed_positions": 1,
        "net_pnl": Decimal("4.52"),  # 5 realized, two times 0.24 in fees
        "last_cycle_time": now,
        "last_outcome": "entered",
    }
    assert (second["user_id"], second["pairs"], second["net_pnl"]) == (bob, 0, 0)
    assert second["last_cycle_time"] is None


async def test_models_are_counted_by_user(
    database: Database, database_run: TestDatabase, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user()
    await fill(database, ann, now=now)
    silent, voting = look(
        database_run.urls.app, "(SELECT model, * FROM ai_provider_stats_by_user) AS s", user_id=ann
    )
    assert (silent["model"], silent["votes"], silent["abstentions"]) == (CLAUDE.name, 0, 1)
    assert (silent["average_latency_ms"], silent["cost_usd"]) == (None, Decimal("0.0031"))
    assert (voting["model"], voting["votes"], voting["entry_votes"]) == (TREND.name, 1, 1)
    assert (voting["average_confidence"], voting["is_offline"]) == (Decimal(80), True)


async def test_the_last_100_trades_of_a_user_are_numbered(
    database: Database, database_run: TestDatabase, make_user: MakeUser, now: datetime
) -> None:
    ann = await make_user()
    fills = [make_fill(now + timedelta(minutes=n), f"t-{n:03}") for n in range(105)]
    async with database.tenant(ann) as tenant:
        await tenant.trades.add_fills([replace(one, fee=Decimal(0)) for one in fills])
    rows = look(database_run.urls.app, "recent_trades_by_user", user_id=ann)
    newest = min(rows, key=lambda row: row["recency"])
    assert len(rows) == 100
    assert (newest["recency"], newest["trade_id"], newest["notional"]) == (1, "t-104", 600)


async def test_a_tenant_sees_only_its_own_lines(
    database: Database, database_run: TestDatabase, make_user: MakeUser, now: datetime
) -> None:
    users = [await make_user(name) for name in ("ann", "bob")]
    for user_id in users:
        await fill(database, user_id, now=now)
    views = ("user_overview", "recent_trades_by_user", "ai_provider_stats_by_user", "paper_ledger")
    for view in views:
        assert look(database_run.urls.app, view) == [], view
        for user_id in users:
            seen = {row["user_id"] for row in look(database_run.urls.app, view, user_id=user_id)}
            assert seen == {user_id}, view
