"""Rotation: bring every user's sealed keys under the current master key.

No role may see all users' keys, so it goes user by user through the same door as everybody. It
may be stopped and repeated: what is done is skipped, and the count says what was left.
"""

from dataclasses import dataclass

from db.encryption.envelope import MasterKeys
from db.session import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationReport:
    """What a rotation found: users looked at, accounts wrapped anew (0: nothing was left)."""

    users: int
    rewrapped: int


async def rotate_master_key(database: Database, *, keys: MasterKeys) -> RotationReport:
    """Wrap anew what is not under `keys.current`; older keys must still be in `keys`."""
    async with database.operator() as operator:
        users = await operator.users.list_users()
    rewrapped = 0
    for user in users:
        async with database.tenant(user.user_id) as tenant:
            rewrapped += await tenant.accounts.rewrap_accounts(keys=keys)
    return RotationReport(users=len(users), rewrapped=rewrapped)
