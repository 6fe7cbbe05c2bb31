"""All tables, for Alembic's comparison with the database.

The schema lacks every module of rows not imported by this module.
"""

from sqlalchemy import MetaData

from db.engine.base import Base
from db.models import bot, cycles, journal, market, orders, paper, people, positions, spend

MODULES = (people, market, cycles, spend, orders, positions, paper, journal, bot)


def load_metadata() -> MetaData:
    """The metadata of all models."""
    return Base.metadata
