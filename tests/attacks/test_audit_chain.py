"""Attack: a writer of the database edits, deletes, swaps or cuts off entries of the audit log."""

from datetime import datetime

import pytest

from commands.operations import seal_audit, verify_audit
from db.session import Database
from tests.database import MakeUser, TestDatabase
from trading.domain.units import UserId
from trading.security.audit_chain import ChainFault


@pytest.fixture
async def user_id(make_user: MakeUser) -> UserId:
    return await make_user()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit_log SET actor = 'nobody' WHERE entry_id = 2", ChainFault.CHANGED),
        ("DELETE FROM audit_log WHERE entry_id = 2", ChainFault.MISSING),
        (
            "DELETE FROM audit_chain WHERE entry_id = 3; DELETE FROM audit_log WHERE entry_id = 3",
            ChainFault.TRUNCATED,
        ),
    ],
)
async def test_the_log_of_the_database_is_verified(
    database: Database,
    database_run: TestDatabase,
    user_id: UserId,
    *,
    statement: str,
    fault: ChainFault,
    now: datetime,
) -> None:
    async with database.tenant(user_id) as tenant:
        for number in range(3):
            await tenant.audit.append("ann", action="x", detail={"n": str(number)}, now=now)
    head = await seal_audit(database)
    assert head is not None
    assert await seal_audit(database) == head
    assert await verify_audit(database, heads=[head.head]) == (3, [])

    with database_run.connect() as owner:
        owner.execute(statement)

    _, faults = await verify_audit(database, heads=[head.head])
    assert fault in [found.fault for found in faults]
