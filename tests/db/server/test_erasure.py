"""Erasure by an owner without superuser's rights, whom row-level security binds as well."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from db.server.bootstrap import prepare_database_now
from db.server.erasure import FORCED, erase_user
from db.session import Database
from tests.db.conftest import copy_home
from tests.db.schema import connect_as
from tests.db.values import fill_tenant
from trading.domain.errors import BadInput
from trading.security.erasure import UserMarks

SUPERUSERS: list[str] = []
"""Address of the superuser of the test's database."""


@pytest.fixture(scope="module")
def owner_url(made_home: Path, module_folder: Path) -> Iterator[str]:
    """A database whose owner may make roles and is no superuser, as in docker-compose.yml."""
    server = copy_home(made_home, module_folder)
    server.start()
    with connect_as(server.url) as admin:
        admin.autocommit = True
        admin.execute("CREATE ROLE quorum_owner LOGIN NOSUPERUSER CREATEROLE PASSWORD 'x'")
        admin.execute("CREATE DATABASE books OWNER quorum_owner")
    SUPERUSERS.append(server.url.replace("/postgres?", "/books?"))
    url = make_url(server.url).set(username="quorum_owner", password="x", database="books")
    yield url.render_as_string(hide_password=False)
    server.stop()


async def test_an_owner_that_is_bound_erases_and_is_bound_again(
    owner_url: str, tmp_path: Path, now: datetime
) -> None:
    urls = prepare_database_now(owner_url, secrets=tmp_path / "secrets")
    database = Database(urls.app, operator_url=urls.operator)
    async with database.operator() as operator:
        users = [await operator.users.add_user(name, now=now) for name in ("ann", "bob")]
    async with database.tenant(users[0].user_id) as tenant:
        await fill_tenant(tenant, now)
        await tenant.audit.append("ann", action="x", detail={}, now=now)
    marks = UserMarks(user_id=users[0].user_id, name="ann")

    with pytest.raises(BadInput, match="open position"):
        erase_user(urls.admin, marks, pseudonym="p", actor="operator", now=now)
    with connect_as(SUPERUSERS[0]) as admin:
        admin.execute("DELETE FROM positions WHERE closed_at IS NULL")
    with pytest.raises(BadInput, match="not settled"):
        erase_user(urls.admin, marks, pseudonym="p", actor="operator", now=now)
    with connect_as(SUPERUSERS[0]) as admin:
        admin.execute("DELETE FROM order_intents WHERE status NOT IN ('resolved', 'abandoned')")

    with pytest.raises(BadInput, match="is running"):
        erase_user(urls.admin, marks, pseudonym="p", actor="operator", now=now)

    later = now + timedelta(hours=1)
    assert erase_user(urls.admin, marks, pseudonym="p", actor="operator", now=later) == 2

    with connect_as(SUPERUSERS[0]) as admin:
        forced = admin.execute(
            "SELECT bool_and(relforcerowsecurity) FROM pg_class WHERE oid = ANY(%s::regclass[])",
            (list(FORCED),),
        ).fetchone()
    assert forced == (True,)
    async with database.operator() as operator:
        assert [user.name for user in await operator.users.list_users()] == ["bob"]
        entries = await operator.audit.list_entries(limit=10)
    assert [(e.user_id, e.action) for e in entries] == [
        (None, "erase_user"),
        (None, "x"),
        (None, "filled"),
    ]
    await database.close()
