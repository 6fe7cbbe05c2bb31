"""All tables in one place: what Alembic compares with the database.

A module of rows that is not imported here is not in the schema.
"""

from sqlalchemy import MetaData

from db.engine.base import Base
from db.models import bot, cycles, journal, market, orders, paper, people, positions, spend

MODULES = (people, market, cycles, spend, orders, positions, paper, journal, bot)


def load_metadata() -> MetaData:
    """The schema as the models say it."""
    return Base.metadata
