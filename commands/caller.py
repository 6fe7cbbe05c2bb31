"""The user who gives a command, the time of the command, and the services behind it.

surface (command line, bot) -> Services, Caller -> command -> result value, or BadInput
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from commands.deployments.gateway import Gateway
from commands.settings import CommandSettings
from db.session import Database, Operator, Tenant
from reports.texts.catalog import tell as tell_error
from trading.domain.accounts import PairConfig, User
from trading.domain.errors import PermanentError, TransientError
from trading.domain.instruments import Instrument
from trading.domain.units import Pair, VenueName

logger = logging.getLogger(__name__)


class Market(Protocol):
    """The market of this process, where the surface may ask a venue itself."""

    async def load_instrument(
        self, venue: VenueName, *, pair: Pair, known: Instrument | None, now: datetime
    ) -> Instrument:
        """
        Load a venue's rules for a pair.

        Args:
            venue: a real venue.
            pair: pair to look up.
            known: stored rules younger than a day, None without such rules.
            now: time of the command, aware UTC.

        Raises:
            BadInput: for a pair that the venue does not trade.
            TransientError: when the venue does not answer.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """
    Connections and settings of the commands.

    Attributes:
        deployments: gateway to Prefect, None while no Prefect API runs.
        venue: venue whose prices a new pair trades on.
        market: market of this process; with None a flow looks pairs up.
    """

    database: Database
    deployments: Gateway | None
    settings: CommandSettings
    venue: VenueName = VenueName.BINANCE
    market: Market | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """
    One command of one user.

    Attributes:
        now: time of the command, aware UTC.
        acting_as: name in the audit log; empty for the Telegram account or the user's name.
    """

    services: Services
    user: User
    now: datetime
    acting_as: str = field(default="", repr=False)

    @property
    def actor(self) -> str:
        """Name in the audit log."""
        account = self.user.telegram_id
        own = f"telegram:{account}" if account is not None else self.user.name
        return self.acting_as or own

    @asynccontextmanager
    async def tenant(self) -> AsyncIterator[Tenant]:
        """A transaction of the user."""
        async with self.services.database.tenant(self.user.user_id) as tenant:
            yield tenant

    @asynccontextmanager
    async def operator(self) -> AsyncIterator[Operator]:
        """A transaction across users."""
        async with self.services.database.operator() as operator:
            yield operator

    async def list_pairs(self) -> tuple[PairConfig, ...]:
        """List the user's pairs, oldest first."""
        async with self.tenant() as tenant:
            return await tenant.pairs.list_pairs()

    async def audit(self, tenant: Tenant, action: str, **detail: str) -> None:
        """Write an audit entry in the user's transaction."""
        await tenant.audit.append(self.actor, action=action, detail=detail, now=self.now)

    async def follow(self, tell: Callable[[Gateway], Awaitable[object]]) -> bool:
        """
        Make Prefect match the committed change.

        Returns False when the Prefect API is away or refuses; the next sync, or the next
        `quorum up`, repeats the change. The change itself is saved, so the failure is only logged.
        """
        if self.services.deployments is None:
            return False
        try:
            await tell(self.services.deployments)
        except (PermanentError, TransientError) as error:
            logger.warning("Prefect does not follow yet: %s", tell_error(error))
            return False
        return True
