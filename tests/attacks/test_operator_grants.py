"""Attack: the operator's role relabels a closed cycle to remove it, or takes over an account."""

from datetime import datetime

import psycopg
import pytest

from db.session import Database
from tests.database import MakeUser, TestDatabase
from tests.db.values import fill_tenant

FORBIDDEN = [
    "UPDATE users SET telegram_id = 666",
    "UPDATE users SET is_admin = true",
    "UPDATE users SET name = 'x'",
    "UPDATE cycles SET cycle_time = cycle_time - interval '1 year'",
    "UPDATE cycles SET receipt = NULL",
    "UPDATE alerts SET text = 'x'",
    "UPDATE alerts SET user_id = 1",
    "UPDATE close_requests SET requested_at = now()",
    "UPDATE audit_chain SET link = content",
    "DELETE FROM audit_chain",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_operator_changes_only_what_its_work_needs(
    database_run: TestDatabase, statement: str
) -> None:
    address = database_run.urls.operator.replace("postgresql+psycopg", "postgresql")
    with (
        psycopg.connect(address) as operator,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        operator.execute(statement)


async def test_a_closed_cycle_keeps_its_outcome(
    database: Database, database_run: TestDatabase, make_user: MakeUser, now: datetime
) -> None:
    async with database.tenant(await make_user()) as tenant:
        await fill_tenant(tenant, now)
    address = database_run.urls.operator.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(address) as operator:
        closed = operator.execute("SELECT count(*) FROM cycles WHERE outcome IS NOT NULL")
        count = closed.fetchone()
        assert count is not None
        assert count[0] > 0
        relabel = "UPDATE cycles SET outcome = 'held', closed_at = '2020-01-01'"
        done = operator.execute(f"{relabel} WHERE outcome IS NOT NULL")
        assert done.rowcount == 0
