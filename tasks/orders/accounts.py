"""Account tasks: what a person asks for that touches a venue.

close: books -> reduce-only exit -> flat, nothing resting      verify: may this account trade?
"""

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.orders.closing import close_position, sweep_orphans
from tasks.orders.position_sync import keep_books
from tasks.runtime.container import get_services
from tasks.runtime.live_accounts import LOCKED
from tasks.runtime.retries import retry_read
from trading.domain.accounts import PairConfig
from trading.domain.errors import BadInput
from trading.domain.units import Pair, UserId, VenueName

PERSON = "user"
"""The actor of what a person asked for, in the audit log."""


@task(name="select_pairs", cache_policy=NO_CACHE)
async def select_pairs(user_id: UserId, pair: Pair | None) -> tuple[PairConfig, ...]:
    """
    The user's pairs to act on: one, or all for None.

    Raises:
        BadInput: when the user does not trade it.
    """
    services = await get_services()
    async with services.database.tenant(user_id) as tenant:
        configs = await tenant.pairs.list_pairs()
    chosen = tuple(config for config in configs if pair in {None, config.pair})
    if not chosen:
        raise BadInput(f"You do not trade {pair}." if pair else "You trade no pair.")
    return chosen


@task(name="close_pair", task_run_name="close {config.pair}", cache_policy=NO_CACHE)
async def close_pair(config: PairConfig) -> str:
    """
    Close one pair's position and cancel what rests for it; "" when it is flat, else why not.

    No retries: it sends an order.
    """
    services = await get_services()
    async with services.exchange(config) as exchange:
        books = await keep_books(services, exchange, config=config)
        if books.position is None:
            await sweep_orphans(services, exchange, config=config, books=books)
            return ""
        async with services.database.tenant(config.user_id) as tenant:
            await tenant.audit.append(
                PERSON,
                action="close_position",
                detail={"pair": str(config.pair), "quantity": str(books.position.quantity)},
                now=services.clock(),
            )
        closed = await close_position(services, exchange, config=config, position=books.position)
    return closed.reason


@task(name="check_account", cache_policy=NO_CACHE)
async def check_account(user_id: UserId, venue: VenueName) -> str:
    """
    Make sure that the user's account at a venue may be traded on, and say so in the database.

    Returns:
        What may be done with it, a sentence.

    Raises:
        PermanentError: with the sentence that says why not.
        TransientError: when the venue does not answer.
    """
    services = await get_services()
    if venue is VenueName.PAPER:
        async with services.database.tenant(user_id) as tenant:
            await tenant.paper.load_book()
        return "The paper account can be traded on."
    async with services.live.open(
        services.database, user_id=user_id, venue=venue, clock=services.clock
    ) as account:
        now = services.clock()
        await retry_read(
            services,
            lambda: services.live.confirm_key(
                services.database, account, user_id=user_id, now=now
            ),
        )
    async with services.database.tenant(user_id) as tenant:
        await tenant.audit.append(
            PERSON, action="verify_account", detail={"venue": str(venue)}, now=services.clock()
        )
        standing = await tenant.accounts.load_standing(venue)
    may = "trade, and neither withdraw nor transfer."
    if standing is not None and standing.moves_profit:
        may = "trade and move profit to your funding wallet there, and not withdraw."
    return f"The {venue} key may {may}{'' if services.live.is_unlocked else f' {LOCKED}'}"
