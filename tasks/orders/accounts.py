"""Account tasks: what a person asks for that touches a venue.

close: books -> reduce-only exit -> flat, nothing resting      verify: may this account trade?
"""

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.orders.closing import close_position, sweep_orphans
from tasks.orders.position_sync import keep_books
from tasks.runtime.container import connections
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
    here = await connections()
    async with here.database.tenant(user_id) as tenant:
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
    here = await connections()
    async with here.exchange(config) as exchange:
        books = await keep_books(here, exchange, config=config)
        if books.position is None:
            await sweep_orphans(here, exchange, config=config, books=books)
            return ""
        async with here.database.tenant(config.user_id) as tenant:
            await tenant.audit.append(
                PERSON,
                action="close_position",
                detail={"pair": str(config.pair), "quantity": str(books.position.quantity)},
                now=here.clock(),
            )
        closed = await close_position(here, exchange, config=config, position=books.position)
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
    here = await connections()
    if venue is VenueName.PAPER:
        async with here.database.tenant(user_id) as tenant:
            await tenant.paper.load_book()
        return "The paper account can be traded on."
    async with here.live.open(
        here.database, user_id=user_id, venue=venue, clock=here.clock
    ) as account:
        now = here.clock()
        await retry_read(
            here,
            lambda: here.live.confirm_key(here.database, account, user_id=user_id, now=now),
        )
    async with here.database.tenant(user_id) as tenant:
        await tenant.audit.append(
            PERSON, action="verify_account", detail={"venue": str(venue)}, now=here.clock()
        )
        standing = await tenant.accounts.load_standing(venue)
    may = "trade, and neither withdraw nor transfer."
    if standing is not None and standing.moves_profit:
        may = "trade and move profit to your funding wallet there, and not withdraw."
    return f"The {venue} key may {may}{'' if here.live.is_unlocked else f' {LOCKED}'}"
