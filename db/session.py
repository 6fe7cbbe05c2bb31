"""Database sessions: transactions on the rows of a single user, or across users for the operator.

    Database.tenant(user_id)  -> Tenant    one transaction as quorum_app, bound to the user
    Database.operator()       -> Operator  one transaction as quorum_operator

The transaction is the unit of work: leaving the block commits, an exception rolls back, and no
other code commits. The tenant is set for the transaction only (`set_config(..., true)`), so a
connection returns to the pool without a tenant. No transaction may be open across a call to a
venue or model.

The pool is small (a connection costs the server some 5 MB), and the server ends every statement,
lock wait or idle transaction at a time limit.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from db.engine.errors import classify, is_connection_lost
from db.engine.settings import DatabaseSettings
from db.repositories.operations.alerts import AlertRepository, OutboxRepository
from db.repositories.operations.cassette import CassetteRepository
from db.repositories.operations.health import HealthRepository
from db.repositories.operations.spend import OperatorSpendRepository, SpendRepository
from db.repositories.people.accounts import AccountRepository, OperatorKeyRepository
from db.repositories.people.audit import AuditRepository, OperatorAuditRepository
from db.repositories.people.bot import (
    ButtonRepository,
    DialogRepository,
    OperatorBotRepository,
    RaiseRepository,
)
from db.repositories.people.export import ExportRepository
from db.repositories.people.users import OwnUserRepository, UserRepository
from db.repositories.trading.breakers import BreakerRepository
from db.repositories.trading.close_requests import (
    CloseRequestRepository,
    OperatorCloseRequestRepository,
)
from db.repositories.trading.cycles import CycleRepository, OperatorCycleRepository
from db.repositories.trading.decisions import DecisionRepository, OperatorDecisionRepository
from db.repositories.trading.foreign_positions import (
    ForeignPositionRepository,
    OperatorForeignPositionRepository,
)
from db.repositories.trading.funding import FundingRepository
from db.repositories.trading.instruments import InstrumentRepository
from db.repositories.trading.intents import IntentRepository, OperatorIntentRepository
from db.repositories.trading.orders import OrderRepository
from db.repositories.trading.pairs import OperatorPairRepository, PairRepository
from db.repositories.trading.paper import PaperRepository
from db.repositories.trading.positions import OperatorPositionRepository, PositionRepository
from db.repositories.trading.snapshots import SnapshotRepository
from db.repositories.trading.states import OperatorStateRepository, StateRepository
from db.repositories.trading.trades import TradeRepository
from db.repositories.trading.transfers import TransferRepository
from trading.domain.errors import OutcomeUnknown, PermanentError, TransientError
from trading.domain.messages import message
from trading.domain.units import UserId

POOL_TIMEOUT_SECONDS = 10
POOL_RECYCLE_SECONDS = 1800
CONNECT_TIMEOUT_SECONDS = 10
_SEALING = "SELECT {}(hashtextextended('quorum.sealing', 0))"
TRIES = 1 + 2 * 100
"""More than a pool and its overflow hold: after a restart of the server all of them are dead."""


class Tenant:
    """The repositories of a user within a transaction."""

    def __init__(self, connection: AsyncConnection, *, user_id: UserId) -> None:
        self.user_id = user_id
        self._connection = connection
        self.users = OwnUserRepository(connection, user_id=user_id)
        self.accounts = AccountRepository(connection, user_id=user_id)
        self.pairs = PairRepository(connection, user_id=user_id)
        self.states = StateRepository(connection, user_id=user_id)
        self.cycles = CycleRepository(connection, user_id=user_id)
        self.decisions = DecisionRepository(connection, user_id=user_id)
        self.spend = SpendRepository(connection, user_id=user_id)
        self.intents = IntentRepository(connection, user_id=user_id)
        self.orders = OrderRepository(connection, user_id=user_id)
        self.trades = TradeRepository(connection, user_id=user_id)
        self.funding = FundingRepository(connection, user_id=user_id)
        self.transfers = TransferRepository(connection, user_id=user_id)
        self.positions = PositionRepository(connection, user_id=user_id)
        self.close_requests = CloseRequestRepository(connection, user_id=user_id)
        self.foreign_positions = ForeignPositionRepository(connection, user_id=user_id)
        self.breakers = BreakerRepository(connection, user_id=user_id)
        self.paper = PaperRepository(connection, user_id=user_id)
        self.alerts = AlertRepository(connection, user_id=user_id)
        self.audit = AuditRepository(connection, user_id=user_id)
        self.buttons = ButtonRepository(connection, user_id=user_id)
        self.dialogs = DialogRepository(connection, user_id=user_id)
        self.raises = RaiseRepository(connection, user_id=user_id)
        self.export = ExportRepository(connection, user_id=user_id)
        self.instruments = InstrumentRepository(connection)
        self.snapshots = SnapshotRepository(connection)

    async def lock_risk(self) -> None:
        """
        Serialize risk reservations of this user; the lock is held until the transaction ends.

        Take the lock before summing up reservations, so that two cycles can't both pass a limit.
        """
        key = text("SELECT pg_advisory_xact_lock(hashtextextended('quorum.risk', :user_id))")
        await self._connection.execute(key, {"user_id": self.user_id})

    async def lock_sealing(self) -> None:
        """
        Wait for the last step of a key rotation; the next such step waits for this transaction.

        Take the lock before the master keys are read for sealing: a rotation then never forgets a
        key between the reading and the commit of the sealed record.
        """
        await self._connection.execute(text(_SEALING.format("pg_advisory_xact_lock_shared")))


class Operator:
    """The operator's repositories, across users, within a transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.users = UserRepository(connection)
        self.keys = OperatorKeyRepository(connection)
        self.pairs = OperatorPairRepository(connection)
        self.states = OperatorStateRepository(connection)
        self.cycles = OperatorCycleRepository(connection)
        self.decisions = OperatorDecisionRepository(connection)
        self.intents = OperatorIntentRepository(connection)
        self.positions = OperatorPositionRepository(connection)
        self.close_requests = OperatorCloseRequestRepository(connection)
        self.foreign_positions = OperatorForeignPositionRepository(connection)
        self.alerts = OutboxRepository(connection)
        self.spend = OperatorSpendRepository(connection)
        self.audit = OperatorAuditRepository(connection)
        self.bot = OperatorBotRepository(connection)
        self.health = HealthRepository(connection)
        self.instruments = InstrumentRepository(connection)
        self.snapshots = SnapshotRepository(connection)
        self.cassette = CassetteRepository(connection)
        self._connection = connection

    async def lock_sealing(self) -> None:
        """Let no key be sealed until the transaction ends; waits for sealings in progress."""
        await self._connection.execute(text(_SEALING.format("pg_advisory_xact_lock")))


class Database:
    """
    Connection pools of a process.

    Args:
        app_url: address of the role bound to a single user at a time.
        operator_url: address of the operator's role; None for a process without operator access.
        settings: pool size and timeouts; the defaults when absent.
    """

    def __init__(
        self,
        app_url: str,
        *,
        operator_url: str | None = None,
        settings: DatabaseSettings | None = None,
    ) -> None:
        patience = settings or DatabaseSettings()
        self._app = _make_engine(app_url, settings=patience)
        self._operator = _make_engine(operator_url, settings=patience) if operator_url else None

    @asynccontextmanager
    async def tenant(self, user_id: UserId) -> AsyncIterator[Tenant]:
        """
        Open a transaction on the rows of a user.

        Raises:
            TransientError: when the database does not answer, or a wait exceeds its limit.
            OutcomeUnknown: when the connection was lost during the commit: read before repeating.
            PermanentError: when the database refuses.
        """
        async with _transaction(self._app, begin=_BEGIN_AS.format(int(user_id))) as connection:
            yield Tenant(connection, user_id=user_id)

    @asynccontextmanager
    async def operator(self) -> AsyncIterator[Operator]:
        """Open a transaction across users; raises as `tenant` does."""
        if self._operator is None:
            raise PermanentError("This process has no operator's access to the database.")
        async with _transaction(self._operator, begin=_BEGIN) as connection:
            yield Operator(connection)

    async def close(self) -> None:
        """Give all connections back."""
        await self._app.dispose()
        if self._operator is not None:
            await self._operator.dispose()


_BEGIN = "BEGIN"
_BEGIN_AS = "BEGIN; SELECT set_config('quorum.user_id', '{}', true)"


@asynccontextmanager
async def _transaction(engine: AsyncEngine, *, begin: str) -> AsyncIterator[AsyncConnection]:
    """Begin, yield, commit; driver errors leave as ours."""
    try:
        async with AsyncExitStack() as stack:
            connection = await _open(engine, begin)
            stack.push_async_exit(connection)
            yield connection
            await _commit(connection)
    except (DBAPIError, PoolTimeout) as error:
        # `from None`: the driver's text may hold rows.
        raise classify(error) from None
    except StatementError as error:
        # Our column types refused a value: the caller's own error goes on.
        raise error.orig or error from None


async def _open(engine: AsyncEngine, begin: str) -> AsyncConnection:
    """Return a connection with a transaction begun; a pooled connection found dead is dropped."""
    for _ in range(TRIES):
        connection = await engine.connect()
        if await _begin(connection, begin):
            return connection
        await connection.close()
    raise TransientError(message("database-silent"))


async def _begin(connection: AsyncConnection, statement: str) -> bool:
    """
    Begin in a single round trip, which also tests whether the connection is alive.

    A typical transaction reads a row or two: separate round trips for a ping, a BEGIN and the
    tenant would take most of the time.
    """
    is_begun = False
    try:
        raw = await connection.get_raw_connection()
        driver: Any = raw.driver_connection
        await driver.execute(statement, prepare=False)  # two statements can't be prepared
        is_begun = True
    except (psycopg.OperationalError, psycopg.InterfaceError):
        return False
    finally:
        if not is_begun:
            await connection.invalidate()
    return True


async def _commit(connection: AsyncConnection) -> None:
    try:
        await connection.commit()
    except DBAPIError as error:
        if is_connection_lost(error):
            raise OutcomeUnknown(message("database-lost-in-commit")) from None
        raise


def _make_engine(url: str, *, settings: DatabaseSettings) -> AsyncEngine:
    timeouts = {
        "statement_timeout": settings.database_statement_timeout_ms,
        "lock_timeout": settings.database_lock_timeout_ms,
        "idle_in_transaction_session_timeout": settings.database_idle_in_transaction_timeout_ms,
    }
    return create_async_engine(
        url,
        pool_size=settings.database_pool_size,
        max_overflow=settings.database_pool_size,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        pool_recycle=POOL_RECYCLE_SECONDS,
        isolation_level="AUTOCOMMIT",  # the driver begins nothing by itself: `_begin` does
        hide_parameters=True,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "application_name": "quorum",
            "options": " ".join(f"-c {name}={value}" for name, value in timeouts.items()),
        },
    )
