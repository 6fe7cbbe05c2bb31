"""Rotation of the master key: every user's sealed API keys move under the current master key.

No database role sees all users' keys, so the rotation takes one user's transaction after another.
A stopped rotation may be repeated: keys under the current master key are skipped.
"""

from dataclasses import dataclass

from db.encryption.envelope import MasterKeys
from db.session import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationReport:
    """Number of users, and of accounts that were wrapped anew (0: the rotation is complete)."""

    users: int
    rewrapped: int


async def rotate_master_key(database: Database, *, keys: MasterKeys) -> RotationReport:
    """Wrap every account under `keys.current`; `keys` must still hold the older keys."""
    async with database.operator() as operator:
        users = await operator.users.list_users()
    rewrapped = 0
    for user in users:
        async with database.tenant(user.user_id) as tenant:
            rewrapped += await tenant.accounts.rewrap_accounts(keys=keys)
    return RotationReport(users=len(users), rewrapped=rewrapped)
