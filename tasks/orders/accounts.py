"""Tasks on a user's account at a venue: book, close a pair, check the key.

sync: snapshot -> books      close: books -> reduce-only exit -> flat      check: key permissions
"""

from dataclasses import replace

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.orders.fee_rates import read_fee_rates
from tasks.orders.order_desk import open_desk
from tasks.orders.position_sync import Books
from tasks.orders.settled import find_settled_position
from tasks.runtime.container import Services, get_services
from tasks.runtime.cycle_context import Cycle
from tasks.runtime.retries import BOOKING_RETRIES
from trading.council.question.evidence import find_entry_reasons
from trading.domain.accounts import PairConfig
from trading.domain.errors import BadInput
from trading.domain.messages import NO_MESSAGE, Message, message
from trading.domain.positions import Position
from trading.domain.units import CYCLE_INTERVAL, Pair, UserId, VenueName, floor_time

PERSON = "user"
"""The actor of a person's request in the audit log."""


@task(name="sync_books", cache_policy=NO_CACHE, **BOOKING_RETRIES)
async def sync_books(cycle: Cycle) -> Books:
    """
    Make the books of a cycle's pair equal to the venue's.

    Raises:
        QuorumError: when the venue or the database does not answer.
    """
    services = await get_services()
    async with open_desk(services, cycle.config) as desk:
        offset = await services.read(desk.account.exchange.measure_clock_offset)
        books = await desk.sync.book()
        rates = await read_fee_rates(desk.account)
    reasons = await _load_entry_reasons(services, cycle, position=books.position)
    return replace(books, clock_offset=offset, fee_rates=rates, entry_reasons=reasons)


async def _load_entry_reasons(
    services: Services, cycle: Cycle, *, position: Position | None
) -> tuple[str, ...]:
    """The reasons in the receipt of the entry; none for an adopted or an unreadable entry."""
    if position is None:
        return ()
    opened_at = floor_time(position.opened_at, CYCLE_INTERVAL)
    async with services.database.tenant(cycle.user_id) as tenant:
        try:
            record = await tenant.cycles.load_cycle(cycle.pair, cycle_time=opened_at)
        except ValueError:
            return ()
    return () if record is None else find_entry_reasons(record.decisions, side=position.side)


@task(name="select_pairs", cache_policy=NO_CACHE)
async def select_pairs(user_id: UserId, pair: Pair | None) -> tuple[PairConfig, ...]:
    """
    The given pair of the user, or all pairs for None.

    Raises:
        BadInput: when the user does not trade the pair, or any pair.
    """
    services = await get_services()
    async with services.database.tenant(user_id) as tenant:
        configs = await tenant.pairs.list_pairs()
    chosen = tuple(config for config in configs if pair in {None, config.pair})
    if not chosen:
        raise BadInput(
            message("pair-missing-none", pair=str(pair)) if pair else message("no-pairs")
        )
    return chosen


@task(name="close_pair", task_run_name="close {config.pair}", cache_policy=NO_CACHE)
async def close_pair(config: PairConfig) -> Message:
    """
    Close a pair's position and cancel the pair's orders; `NO_MESSAGE` when flat, else the reason.

    No retries: this task sends an order.
    """
    return await close_now(await get_services(), config)


async def close_now(services: Services, config: PairConfig, *, is_noted: bool = False) -> Message:
    """
    Close a pair's position; `NO_MESSAGE` when flat, else the reason.

    The request to close is settled. With a slow database each statement takes a round trip, so
    nothing that the exit does not need comes before the exit: a position that the venue shows as
    the books do is closed without booking first.

    Args:
        is_noted: whether the caller has noted this attempt in the request.

    Raises:
        QuorumError: when the venue or the database does not answer; a request stays open.
    """
    if not is_noted:
        async with services.database.tenant(config.user_id) as tenant:
            await tenant.close_requests.mark_tried(config.pair, now=services.clock())
    async with open_desk(services, config) as desk:
        position = await find_settled_position(desk.account)
        if position is None:
            books = await desk.sync.book()
            if books.protectable is None:
                await desk.closer.cancel_orphans(books)
                return await _settle_request(services, config, reason=books.unknown_reason)
            position = books.protectable
        closed = await desk.closer.close_position(position)
        return await _settle_request(services, config, reason=closed.reason, closed=position)


async def _settle_request(
    services: Services,
    config: PairConfig,
    *,
    reason: Message = NO_MESSAGE,
    closed: Position | None = None,
) -> Message:
    """Remove the request of a flat pair, or keep the reason why a position is left; audit."""
    async with services.database.tenant(config.user_id) as tenant:
        if closed is not None:
            await tenant.audit.append(
                PERSON,
                action="close_position",
                detail={"pair": str(config.pair), "quantity": str(closed.quantity)},
                now=services.clock(),
            )
        requests = tenant.close_requests
        if reason:
            await requests.mark_tried(config.pair, now=services.clock(), reason=reason)
        else:
            await requests.remove_request(config.pair)
    return reason


@task(name="check_account", cache_policy=NO_CACHE)
async def check_account(user_id: UserId, venue: VenueName) -> Message:
    """
    Check that a user's account may trade at a venue and record the result.

    Returns:
        A sentence with the permissions.

    Raises:
        PermanentError: with the reason when the account may not trade.
        TransientError: when the venue does not answer.
    """
    services = await get_services()
    if venue is VenueName.PAPER:
        async with services.database.tenant(user_id) as tenant:
            await tenant.paper.load_book()
        return message("key-paper")
    await services.live.reseal(services.database, user_id=user_id)
    async with services.live.open(
        services.database, user_id=user_id, venue=venue, clock=services.clock
    ) as account:
        now = services.clock()
        await services.read(
            lambda: services.live.confirm_key(services.database, account, user_id=user_id, now=now)
        )
    async with services.database.tenant(user_id) as tenant:
        await tenant.audit.append(
            PERSON, action="verify_account", detail={"venue": str(venue)}, now=services.clock()
        )
        standing = await tenant.accounts.load_standing(venue)
    is_mover = standing is not None and standing.moves_profit
    name = venue.title()
    told = message("key-moves-profit", venue=name) if is_mover else message("key-fine", venue=name)
    return told if services.live.is_unlocked else message("key-fine-locked", told=told)
