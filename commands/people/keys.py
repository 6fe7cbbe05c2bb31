"""Connect and disconnect a venue: seal, verify and delete a user's API key; rotate master keys.

credentials -> sealed in the database -> flow verify-account -> the venue's answer

The flow opens the sealed key itself; its parameters are ids.

A rotation moves every user's keys under the current master key. No database role sees all users'
keys, so the rotation takes one user's transaction after another; a stopped rotation may be
repeated, and keys under the current master key are skipped. A record that does not open is listed
and passed over. The last pass excludes every sealing, so no other process seals under a key that
the caller of `finish_rotation` forgets.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from commands.caller import Caller
from db.encryption.envelope import MasterKeys
from db.session import Database, Tenant
from trading.domain.accounts import User
from trading.domain.errors import BadInput, QuorumError, TransientError
from trading.domain.messages import NO_MESSAGE, Message, message, read_state
from trading.domain.units import UserId, VenueName
from trading.requests import check_disconnectable
from trading.security.credentials import Credentials

VERIFY_ACCOUNT = "verify-account/verify-account"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedKey:
    """
    A sealed key.

    Attributes:
        hint: last characters of the key.
        answer: the venue's verdict about the key's rights, empty before the venue
            has answered.
    """

    venue: VenueName
    hint: str
    answer: Message = NO_MESSAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationReport:
    """
    A pass over all users.

    Attributes:
        rewrapped: number of accounts wrapped anew.
        damaged: user and venue of each record that does not open.
        needed: ids of the master keys named by the damaged records.
    """

    users: int
    rewrapped: int
    damaged: tuple[tuple[UserId, VenueName], ...] = ()
    needed: frozenset[str] = frozenset()


async def connect(
    caller: Caller,
    venue: VenueName,
    *,
    credentials: Credentials,
    load_keys: Callable[[], MasterKeys],
) -> ConnectedKey:
    """
    Seal a key under the current master key and have the venue verify the key.

    Args:
        load_keys: reads the master keys; called at each sealing, because a rotation may have
            replaced the keys since the start of the process.
    """
    async with caller.tenant() as tenant:
        await tenant.lock_sealing()
        await tenant.accounts.save_credentials(
            venue, credentials=credentials, keys=load_keys(), now=caller.now
        )
        await _audit(caller, tenant, "connect", venue=venue, hint=credentials.hint)
    return ConnectedKey(venue=venue, hint=credentials.hint, answer=await _verify(caller, venue))


async def disconnect(caller: Caller, venue: VenueName) -> None:
    """
    Delete the key of a venue.

    Raises:
        BadInput: without such a key, and while a pair trades live with the key.
    """
    async with caller.tenant() as tenant:
        check_disconnectable(venue, existing=await tenant.pairs.list_pairs())
        if not await tenant.accounts.remove_account(venue):
            raise BadInput(message("key-missing", venue=venue.title()))
        await _audit(caller, tenant, "disconnect", venue=venue)


async def load_profit_settings(caller: Caller) -> dict[VenueName, bool]:
    """Whether live profit is moved to the funding wallet, by connected venue."""
    async with caller.tenant() as tenant:
        accounts = await tenant.accounts.list_accounts()
        standings = {one.venue: await tenant.accounts.load_standing(one.venue) for one in accounts}
    return {venue: bool(one and one.moves_profit) for venue, one in standings.items()}


async def set_moves_profit(
    caller: Caller, venue: VenueName, *, is_moved: bool, load_keys: Callable[[], MasterKeys]
) -> None:
    """
    Move live profit to the user's own funding wallet, or leave profit in the account.

    The choice is sealed with the key; the next key check verifies the key's rights again.

    Raises:
        BadInput: when no key of the venue is connected.
        PermanentError: when the stored key does not open.
    """
    async with caller.tenant() as tenant:
        await tenant.lock_sealing()
        if not await tenant.accounts.set_moves_profit(
            venue, moves_profit=is_moved, keys=load_keys()
        ):
            raise BadInput(message("key-missing", venue=venue.title()))
        await tenant.accounts.put_check_off(venue, until=caller.now)
        flag = str(is_moved).lower()
        await _audit(caller, tenant, "set_profit", venue=venue, moves_profit=flag)


async def list_damaged(
    database: Database, *, keys: MasterKeys
) -> tuple[tuple[User, VenueName], ...]:
    """List users and venues whose stored key does not open, or is an old copy put back."""
    async with database.operator() as operator:
        users = await operator.users.list_users()
    damaged: list[tuple[User, VenueName]] = []
    for user in users:
        async with database.tenant(user.user_id) as tenant:
            found = await tenant.accounts.list_damaged(keys=keys)
        damaged += [(user, venue) for venue in found]
    return tuple(damaged)


async def rotate_master_key(database: Database, *, keys: MasterKeys) -> RotationReport:
    """Wrap every account under `keys.current`; `keys` must still hold the older keys."""
    async with database.operator() as operator:
        users = await operator.users.list_users()
    return await _rewrap_users(database, users=users, keys=keys)


async def finish_rotation(
    database: Database, *, keys: MasterKeys, forget: Callable[[frozenset[str]], object]
) -> RotationReport:
    """
    Wrap the accounts sealed during the rotation, then call `forget`; no key is sealed meanwhile.

    Args:
        keys: as for `rotate_master_key`, which has run before.
        forget: takes the ids of the master keys still named by damaged records, and removes the
            other older keys.
    """
    async with database.operator() as operator:
        await operator.lock_sealing()
        users = await operator.users.list_users()
        report = await _rewrap_users(database, users=users, keys=keys)
        forget(report.needed)
    return report


async def _rewrap_users(
    database: Database, *, users: Sequence[User], keys: MasterKeys
) -> RotationReport:
    rewrapped, damaged = 0, []
    needed: set[str] = set()
    for user in users:
        async with database.tenant(user.user_id) as tenant:
            done = await tenant.accounts.rewrap_accounts(keys=keys)
        rewrapped += done.count
        damaged += [(user.user_id, venue) for venue in done.damaged]
        needed |= done.needed
    return RotationReport(
        users=len(users), rewrapped=rewrapped, damaged=tuple(damaged), needed=frozenset(needed)
    )


async def _audit(
    caller: Caller, tenant: Tenant, action: str, *, venue: VenueName, **detail: str
) -> None:
    """Write an audit entry with the generation, so that a record put back is found later."""
    generation = await tenant.accounts.load_generation(venue)
    await caller.audit(tenant, action, venue=str(venue), generation=str(generation), **detail)


async def _verify(caller: Caller, venue: VenueName) -> Message:
    """Ask the venue about a sealed key; empty when no answer comes in time."""
    gateway = caller.services.deployments
    if gateway is None:
        return NO_MESSAGE
    try:
        end = await gateway.run_to_end(
            VERIFY_ACCOUNT,
            parameters={"user_id": int(caller.user.user_id), "venue": str(venue)},
            seconds=caller.services.settings.lookup_seconds,
        )
    except TransientError:
        return NO_MESSAGE
    except QuorumError as error:
        return error.message
    return read_state(end.message)
