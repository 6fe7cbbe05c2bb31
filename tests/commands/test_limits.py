"""A looser limit waits for its time; then the limit holds and the audit names it."""

from datetime import datetime, timedelta

from commands.limits import apply_due_raises
from db.session import Database
from tests.database import MakeUser
from tests.db.reads import list_entries
from tests.db.repositories.talk import make_raise
from tests.db.values import BTC, make_config

HOUR = timedelta(hours=1)


async def test_a_limit_is_raised_when_it_is_due_and_said_in_the_audit(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    user_id = await make_user()
    async with database.tenant(user_id) as tenant:
        await tenant.pairs.add_pair(make_config(user_id, now))
        await tenant.raises.save_raise(make_raise(now))
    async with database.operator() as operator:
        assert await operator.bot.list_users_with_due_raises(now) == ()
        assert await operator.bot.list_users_with_due_raises(now + HOUR) == (user_id,)

    assert await apply_due_raises(database, now=now) == 0
    assert await apply_due_raises(database, now=now + HOUR) == 1

    async with database.tenant(user_id) as tenant:
        config = await tenant.pairs.load_pair(BTC)
        actions = [entry.action for entry in await list_entries(tenant.audit, limit=9)]
    assert config is not None
    assert config.overrides["max_leverage"] == "2"
    assert actions == ["raise_limit"]
