"""Base classes of repositories, and the conversion between rows and values.

Every statement of a tenant repository starts with `_select`, `_insert`, `_update` or `_delete`,
which add the session's user: row-level security protects in any case, and a test reads the
sources for both. Methods take domain arguments and never a user id.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import (
    Compiled,
    Delete,
    Dialect,
    Executable,
    Row,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine.base import Base
from trading.domain.units import UserId

RENAMES: Mapping[str, str] = {"pair": "symbol"}
"""Fields whose column has another name: tables say `symbol` for what the domain calls a pair."""


type OnConflict = Callable[[Insert, Collection[str]], Insert]
"""What an insert of these columns does about a row that is there; values it never sees.
A function of its module: it is part of what a compiled statement is known by."""


def do_nothing(new: Insert, columns: Collection[str]) -> Insert:  # noqa: ARG001 (the type's)
    """ON CONFLICT: keep the existing row."""
    return new.on_conflict_do_nothing()


class Repository:
    """Statements on a connection, within the transaction of the session."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def _all(self, statement: Executable) -> list[Row[Any]]:
        return list((await self._connection.execute(statement)).all())

    async def _first(self, statement: Executable) -> Row[Any] | None:
        return (await self._connection.execute(statement)).first()

    async def _scalar(self, statement: Executable) -> Any:
        return (await self._connection.execute(statement)).scalar()

    async def _run(self, statement: Executable) -> int:
        """Execute a statement; return the number of rows changed."""
        # psycopg reports the count of an INSERT only on request
        counted = statement.execution_options(preserve_rowcount=True)
        return (await self._connection.execute(counted)).rowcount

    async def _put_row(
        self, table: Table, row: Mapping[str, Any], *, on_conflict: OnConflict
    ) -> int:
        """
        Insert a row by a cached compiled statement; return the number of rows inserted.

        SQLAlchemy compiles an INSERT with ON CONFLICT anew each time, and the compilation takes
        longer than the execution.
        """
        put = _compile(table, tuple(row), on_conflict, self._connection.dialect)
        done = await self._connection.execute(
            cast("Executable", put), row, execution_options={"preserve_rowcount": True}
        )
        return done.rowcount


class OperatorRepository(Repository):
    """Statements across users, as far as the operator role's policies go."""


class TenantRepository(Repository):
    """Statements on the rows of the session's user."""

    def __init__(self, connection: AsyncConnection, *, user_id: UserId) -> None:
        super().__init__(connection)
        self._user_id = user_id

    def _select(self, table: Table, *columns: Any) -> Select[Any]:
        return select(*(columns or (table,))).where(table.c.user_id == self._user_id)

    def _insert(self, table: Table, *rows: Mapping[str, Any]) -> Insert:
        owned = [{**row, "user_id": self._user_id} for row in rows]
        # SQLAlchemy compiles a list of rows anew each time, a single row once.
        return insert(table).values(owned[0] if len(owned) == 1 else owned)

    async def _put(self, table: Table, row: Mapping[str, Any], *, on_conflict: OnConflict) -> int:
        """Insert a row of the user; return the number of rows inserted."""
        owned = {**row, "user_id": self._user_id}
        return await self._put_row(table, owned, on_conflict=on_conflict)

    def _update(self, table: Table) -> Update:
        return update(table).where(table.c.user_id == self._user_id)

    def _delete(self, table: Table) -> Delete:
        return delete(table).where(table.c.user_id == self._user_id)


@lru_cache(maxsize=256)
def _compile(
    table: Table, columns: tuple[str, ...], on_conflict: OnConflict, dialect: Dialect
) -> Compiled:
    values = {name: bindparam(name, type_=table.c[name].type) for name in columns}
    return on_conflict(insert(table).values(values), columns).compile(dialect=dialect)


def table_of(row: type[Base]) -> Table:
    """The table of a class of rows."""
    return cast("Table", row.__table__)


def to_value[V](
    kind: type[V], row: Row[Any], *, renames: Mapping[str, str] = RENAMES, **given: Any
) -> V:
    """Build a `trading` value from a row: each field from its column, or `given`."""
    columns = row._mapping  # noqa: SLF001  (SQLAlchemy's public name, underscored like namedtuple's)
    missing = (f.name for f in fields(cast("Any", kind)) if f.name not in given)
    return kind(**given, **{name: columns[renames.get(name, name)] for name in missing})


def to_columns(
    value: Any, *, renames: Mapping[str, str] = RENAMES, without: Iterable[str] = ()
) -> dict[str, Any]:
    """A value's fields by column name, less some."""
    left_out = frozenset(without)
    return {
        renames.get(field.name, field.name): getattr(value, field.name)
        for field in fields(value)
        if field.name not in left_out
    }
