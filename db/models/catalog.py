"""All tables in one place: what Alembic compares with the database.

A module of rows that is not imported here is not in the schema.
"""

from sqlalchemy import MetaData

from db.base import Base
from db.models import bot
from db.models import cycles
from db.models import journal
from db.models import market
from db.models import orders
from db.models import paper
from db.models import people
from db.models import positions
from db.models import spend

MODULES = (people, market, cycles, spend, orders, positions, paper, journal, bot)


def load_metadata() -> MetaData:
    """The schema as the models say it."""
    return Base.metadata
