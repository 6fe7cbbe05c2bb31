"""Whose command it is: the session, the user, and his pairs, opened once for a verb."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.base.session import Session, open_session
from cli.commands.users import find_user
from trading.domain.accounts import PairConfig, User
from trading.domain.errors import TransientError

if TYPE_CHECKING:
    from blocks.prefect.gateway import Deployments
    from db.session import Tenant

NOT_RUNNING = "Prefect is not running, so it follows at the next `quorum up`."


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One verb's session, and the user whose verb it is."""

    session: Session
    user: User

    @asynccontextmanager
    async def tenant(self) -> AsyncIterator["Tenant"]:
        """One transaction of that user."""
        async with self.session.database.tenant(self.user.user_id) as tenant:
            yield tenant

    async def list_pairs(self) -> tuple[PairConfig, ...]:
        """The user's pairs."""
        async with self.tenant() as tenant:
            return await tenant.pairs.list_pairs()

    async def follow(self, tell: "Callable[[Deployments], Awaitable[object]]") -> bool:
        """
        Make Prefect match what was just committed.

        False when no Prefect API is up or it does not answer: the next `quorum up` makes up for
        it. Raises PermanentError when the API refuses.
        """
        if self.session.deployments is None:
            return False
        try:
            await tell(self.session.deployments)
        except TransientError:
            return False
        return True


@asynccontextmanager
async def open_scope(user_text: str, *, needs_prefect: bool = False) -> AsyncIterator[Scope]:
    """
    Open a session for the user of that name or number; the local user for nothing.

    Only a verb that changes something for Prefect needs its client, which takes 1.5 s to import.
    """
    async with open_session(needs_prefect=needs_prefect) as session:
        async with session.database.operator() as operator:
            user = await find_user(operator, user_text)
        yield Scope(session=session, user=user)
