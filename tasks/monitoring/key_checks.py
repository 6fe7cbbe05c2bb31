"""Key checks: what every connected key may do, asked once a day, traded on or not.

    database -> keys that are due -> the venue, a few at a time -> verified | refused | later

A key that its owner has given more rights meanwhile is found within a day, before it is needed: it
opens nothing from then on, and the owner reads what to untick. The watchdog runs this.
"""

import asyncio
from datetime import timedelta

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_logger

from tasks.runtime.container import Services, get_services
from trading.domain.errors import PermanentError, QuorumError
from trading.domain.units import UserId, VenueName

MOST_AT_A_TIME = 20
"""Of one look: 240 an hour, 5,760 a day."""
AT_ONCE = 5
LATER = timedelta(minutes=15)
"""A venue that did not answer is asked again then; meanwhile others have their turn."""

logger = get_logger(__name__)


@task(name="check_keys", cache_policy=NO_CACHE)
async def check_keys() -> int:
    """Ask for the rights of the keys that are due; how many were refused."""
    services = await get_services()
    async with services.database.operator() as operator:
        due = await operator.keys.list_due_checks(services.clock(), limit=MOST_AT_A_TIME)
    room = asyncio.Semaphore(AT_ONCE)

    async def check(user_id: UserId, venue: VenueName) -> bool:
        async with room:
            return await _check(services, user_id, venue=venue)

    return sum(await asyncio.gather(*(check(user_id, venue) for user_id, venue in due)))


async def _check(services: Services, user_id: UserId, *, venue: VenueName) -> bool:
    """Whether the key was refused; one that can't be opened or asked is looked at later."""
    now = services.clock()
    try:
        account = await services.live.connect(
            services.database, user_id=user_id, venue=venue, clock=services.clock
        )
        try:
            await services.live.confirm_key(services.database, account, user_id=user_id, now=now)
        except PermanentError:
            return True
        finally:
            await account.close()
    except QuorumError as error:
        logger.warning("User %s's %s key was not checked: %s", user_id, venue, error.sentence)
        async with services.database.tenant(user_id) as tenant:
            await tenant.accounts.put_check_off(venue, until=now + LATER)
    return False
