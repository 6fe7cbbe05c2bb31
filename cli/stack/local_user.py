"""The local paper user: so that a fresh machine has somebody to trade for.

no local user, or one that has never had a pair -> user, BTC/USDT, paper money

A pair that its person has removed stays removed: a user with any cycle behind him is left alone.
"""

from datetime import datetime
from decimal import Decimal

from cli.commands.users import LOCAL_USER
from commands import pairs as changes
from db.session import Database
from trading.domain.accounts import PairConfig, User
from trading.domain.units import Pair, VenueName
from trading.requests import build_pair_config

FIRST_PAIR = Pair("BTC", "USDT")
FIRST_CAPITAL = Decimal(10_000)
"""Paper USDT."""


async def ensure_local_user(database: Database, *, venue: VenueName, now: datetime) -> bool:
    """Make the local user and its first pair on `venue`'s prices; False when both stand."""
    user = await _find_or_add(database, now=now)
    async with database.operator() as operator:
        has_traded = any(
            user_id == user.user_id for user_id, _ in await operator.cycles.load_last_cycle_times()
        )
    async with database.tenant(user.user_id) as tenant:
        await tenant.lock_risk()
        if has_traded or await tenant.pairs.list_pairs():
            return False
        config = build_pair_config(
            user_id=user.user_id, pair=FIRST_PAIR, venue=venue, capital=FIRST_CAPITAL, now=now
        )
        await changes.add_pair(tenant, config, actor=LOCAL_USER, now=now)
        return True


async def list_local_pairs(database: Database) -> tuple[PairConfig, ...]:
    """The running pairs of users of this machine; those of Telegram users are not among them."""
    async with database.operator() as operator:
        local = {u.user_id for u in await operator.users.list_users() if u.telegram_id is None}
        configs = await operator.pairs.list_all_pairs()
    return tuple(c for c in configs if c.user_id in local and not c.is_paused)


async def _find_or_add(database: Database, *, now: datetime) -> User:
    async with database.operator() as operator:
        for user in await operator.users.list_users():
            if user.name == LOCAL_USER and user.telegram_id is None:
                return user
        return await operator.users.add_user(LOCAL_USER, now=now, is_admin=True)
