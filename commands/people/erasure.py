"""Before the erasure of a user: the user must be flat; the pairs are removed with deployments.

Caller -> check_flat -> remove_pairs -> erasure by the owner (`db.server.erasure`)
"""

from commands import pairs
from commands.caller import Caller
from trading.security.erasure import UserMarks, check_erasable


async def check_flat(caller: Caller) -> None:
    """Raise BadInput for a user with an open position or an order in doubt."""
    async with caller.tenant() as tenant:
        held = await tenant.positions.list_open_positions()
        intents = await tenant.intents.list_open_intents()
    check_erasable(
        held=[str(position.pair) for position in held],
        in_doubt=[str(record.intent.pair) for record in intents],
    )


async def remove_pairs(caller: Caller) -> None:
    """Remove each pair of the user, and the deployment of each pair."""
    for config in await caller.list_pairs():
        await pairs.remove_pair(caller, config.pair)


async def load_marks(caller: Caller) -> UserMarks:
    """The names and numbers by which logs and alerts name the user."""
    async with caller.tenant() as tenant:
        accounts = await tenant.accounts.list_accounts()
    return UserMarks(
        user_id=caller.user.user_id,
        name=caller.user.name,
        telegram_id=caller.user.telegram_id,
        hints=tuple(account.hint for account in accounts),
    )
