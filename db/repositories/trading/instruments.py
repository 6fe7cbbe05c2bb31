"""Instrument rules of venues as last read, shared by all users; only the operator writes."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from db.models.market import InstrumentRow
from db.repositories.base import RENAMES, Repository, table_of, to_columns, to_value
from trading.domain.instruments import Instrument
from trading.domain.units import Pair, VenueName

INSTRUMENTS = table_of(InstrumentRow)
# The table's `symbol` is our pair everywhere, so the venue's spelling has another name here.
INSTRUMENT_RENAMES = {**RENAMES, "symbol": "venue_symbol"}


class InstrumentRepository(Repository):
    """Rules by venue and pair."""

    async def load_instrument(self, venue: VenueName, *, pair: Pair) -> Instrument | None:
        """The rules as last read, None without any; `fetched_at` is the time of the read."""
        row = await self._first(
            select(INSTRUMENTS).where(INSTRUMENTS.c.venue == venue, INSTRUMENTS.c.symbol == pair)
        )
        return to_value(Instrument, row, renames=INSTRUMENT_RENAMES) if row is not None else None

    async def save_instrument(self, instrument: Instrument) -> None:
        """Store the rules; rules older than the stored rules are dropped. Operator only."""
        row = to_columns(instrument, renames=INSTRUMENT_RENAMES)
        statement = insert(INSTRUMENTS).values(row)
        await self._run(
            statement.on_conflict_do_update(
                index_elements=["venue", "symbol"],
                set_=row,
                where=statement.excluded.fetched_at >= INSTRUMENTS.c.fetched_at,
            )
        )
