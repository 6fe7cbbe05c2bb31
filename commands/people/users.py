"""Users: find, list, add and register; the local paper user of a new installation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from commands import changes
from commands.caller import Caller
from db.session import Database
from trading.domain.accounts import Language, PairConfig, User
from trading.domain.errors import BadInput
from trading.domain.messages import message
from trading.domain.units import Pair, VenueName
from trading.requests import build_pair_config, check_user_name

LOCAL_USER = "local"
FIRST_PAIR = Pair("BTC", "USDT")
FIRST_CAPITAL = Decimal(10_000)
"""Paper USDT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A Telegram account in the private chat with the bot; both have the same number."""

    telegram_id: int
    name: str
    language: Language


async def list_users(database: Database) -> tuple[User, ...]:
    """List every user, oldest first."""
    async with database.operator() as operator:
        return await operator.users.list_users()


async def list_all_pairs(database: Database) -> tuple[PairConfig, ...]:
    """List the pairs of every user, oldest first."""
    async with database.operator() as operator:
        return await operator.pairs.list_all_pairs()


async def list_local_pairs(database: Database) -> tuple[PairConfig, ...]:
    """List the running pairs of users without a Telegram account."""
    local = {user.user_id for user in await list_users(database) if user.telegram_id is None}
    configs = await list_all_pairs(database)
    return tuple(c for c in configs if c.user_id in local and not c.is_paused)


async def find_user(database: Database, text: str) -> User:
    """
    Find a user by name or number; for an empty text the local user.

    Raises:
        BadInput: when no user, or several users, match.
    """
    word = text.strip() or LOCAL_USER
    everyone = await list_users(database)
    found = [u for u in everyone if word in {u.name, str(u.user_id)}]
    if len(found) == 1:
        return found[0]
    if found:
        raise BadInput(message("user-ambiguous", count=len(found), user=word))
    known = ", ".join(f"{u.name} ({u.user_id})" for u in everyone[:10]) or "-"
    if text.strip():
        raise BadInput(message("user-not-found", user=word, known=known))
    raise BadInput(message("user-local-missing", user=word, known=known))


async def add_user(database: Database, name: str, *, now: datetime) -> User:
    """Add a user without a Telegram account. Raises BadInput for a bad or a used name."""
    plain = check_user_name(name)
    async with database.operator() as operator:
        if any(user.name == plain for user in await operator.users.list_users()):
            raise BadInput(message("user-name-taken", name=plain))
        return await operator.users.add_user(plain, now=now)


async def register(database: Database, person: Person, *, now: datetime) -> User:
    """Add the user of a Telegram account."""
    async with database.operator() as operator:
        user = await operator.users.add_user(
            person.name,
            now=now,
            telegram_id=person.telegram_id,
            language=person.language,
        )
        await operator.audit.append(
            f"telegram:{person.telegram_id}",
            action="register",
            detail={"name": user.name},
            now=now,
            about=user.user_id,
        )
    return user


async def export_user(caller: Caller) -> Mapping[str, list[dict[str, Any]]]:
    """Load all rows about the user by table, without sealed keys; the export is audited."""
    async with caller.tenant() as tenant:
        tables = await tenant.export.load_tables()
        await caller.audit(tenant, "export", tables=str(len(tables)))
    return tables


async def ensure_local_user(database: Database, *, venue: VenueName, now: datetime) -> bool:
    """
    Add the local user and a first paper pair on the venue's prices, where they are missing.

    A local user with any cycle keeps its pairs as they are: a removed pair stays removed.

    Returns:
        True when the first pair was added.
    """
    user = await find_or_add_local(database, now=now)
    async with database.operator() as operator:
        times = await operator.cycles.load_last_cycle_times()
    has_traded = any(user_id == user.user_id for user_id, _ in times)
    async with database.tenant(user.user_id) as tenant:
        await tenant.lock_risk()
        if has_traded or await tenant.pairs.list_pairs():
            return False
        config = build_pair_config(
            user_id=user.user_id, pair=FIRST_PAIR, venue=venue, capital=FIRST_CAPITAL, now=now
        )
        await changes.add_pair(tenant, config, actor=LOCAL_USER, now=now)
        return True


async def find_or_add_local(database: Database, *, now: datetime) -> User:
    """The local user of this installation, added without a pair where missing."""
    async with database.operator() as operator:
        for user in await operator.users.list_users():
            if user.name == LOCAL_USER and user.telegram_id is None:
                return user
        return await operator.users.add_user(LOCAL_USER, now=now, is_admin=True)
