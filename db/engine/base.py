"""Base of all tables: constraint names and row timestamps.

A migration can drop a named constraint on every machine, so all names follow a single convention.
A trigger of the database maintains `updated_at`, not the writing code.
"""

from datetime import datetime

from sqlalchemy import MetaData, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from db.engine.types import Instant

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Parent of all rows. Rows never leave `db/`: repositories answer `trading` values."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


class Kept:
    """Mixin: when the row was written and last changed, by the database's clock."""

    row_created_at: Mapped[datetime] = mapped_column(
        Instant, server_default=func.now(), sort_order=98
    )
    updated_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now(), sort_order=99)
