"""Checks the permissions of every connected key once a day, with or without trades.

    database -> keys that are due -> the venue, a few at a time -> verified | refused | later

A key with new, excessive permissions is found within a day, before the next entry: entries are
then refused, and an alert tells the owner the permissions to remove. The watchdog runs this task.
"""

from datetime import timedelta
from functools import partial

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_logger

from db.encryption.envelope import DamagedRecord
from reports.texts.catalog import tell
from tasks.runtime.container import Services, get_services
from tasks.runtime.loops import run_limited
from trading.domain.errors import PermanentError, QuorumError
from trading.domain.units import UserId, VenueName

MOST_AT_A_TIME = 20
"""Keys of a single run: 240 an hour, 5,760 a day."""
AT_ONCE = 5
LATER = timedelta(minutes=15)
"""A venue without an answer is asked again after this time; other keys come first."""

logger = get_logger(__name__)


@task(name="check_keys", cache_policy=NO_CACHE)
async def check_keys() -> int:
    """Check the permissions of the keys due for a check; the number of refused keys."""
    services = await get_services()
    async with services.database.operator() as operator:
        due = await operator.keys.list_due_checks(services.clock(), limit=MOST_AT_A_TIME)
    return sum(await run_limited(partial(_check, services), due, at_once=AT_ONCE))


async def _check(services: Services, key: tuple[UserId, VenueName]) -> bool:
    """Whether the key was refused; an unreadable key is checked again later."""
    user_id, venue = key
    now = services.clock()
    try:
        await services.live.reseal(services.database, user_id=user_id)
        account = await services.live.connect(
            services.database, user_id=user_id, venue=venue, clock=services.clock
        )
        try:
            await services.live.confirm_key(services.database, account, user_id=user_id, now=now)
        except PermanentError:
            return True
        finally:
            await account.close()
    except DamagedRecord as error:
        await services.live.refuse_key(
            services.database, venue, user_id=user_id, why=error.message, now=now
        )
        return True
    except QuorumError as error:
        logger.warning("User %s's %s key was not checked: %s", user_id, venue, tell(error))
        async with services.database.tenant(user_id) as tenant:
            await tenant.accounts.put_check_off(venue, until=now + LATER)
    return False
