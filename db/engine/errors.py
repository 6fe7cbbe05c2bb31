"""Classifies database errors into our kinds of failure; no other room sees the driver's errors.

driver error -> classify -> TransientError | PermanentError

The driver's text can hold rows ("Failing row contains ..."), so only the server's first line and
the name of the constraint are passed on.
"""

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from trading.domain.errors import PermanentError, QuorumError, TransientError
from trading.domain.messages import message

# SQLSTATE classes and codes that pass by themselves: connection, resources, operator's
# intervention (statement timeout, shutdown), serialization, deadlock, lock timeout.
TRANSIENT_CLASSES = frozenset({"08", "53", "57"})
TRANSIENT_CODES = frozenset({"40001", "40P01", "55P03", "25P03"})


def classify(error: DBAPIError | PoolTimeout) -> QuorumError:
    """The error to raise instead of the driver's."""
    if isinstance(error, PoolTimeout):
        return TransientError(message("database-no-connection"))
    code = getattr(error.orig, "sqlstate", None)
    if code is None and isinstance(error.orig, psycopg.OperationalError):
        return TransientError(message("database-silent"))
    told = message("database-refused", why=describe(error.orig))
    if code and (code[:2] in TRANSIENT_CLASSES or code in TRANSIENT_CODES):
        return TransientError(told)
    return PermanentError(told)


def is_connection_lost(error: DBAPIError) -> bool:
    """Whether the answer to the last statement was lost, so that the outcome is unknown."""
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) is None


def describe(error: BaseException | None) -> str:
    """The server's first line and the constraint's name: never an address, a row, a parameter."""
    if not isinstance(error, psycopg.Error) or not error.diag.message_primary:
        return f"no connection ({type(error).__name__})."
    constraint = error.diag.constraint_name
    return f"{error.diag.message_primary}" + (f" [{constraint}]" if constraint else "") + "."
