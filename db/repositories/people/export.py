"""All rows of a user, for the user: every table with a user, without sealed keys.

tables with `user_id` -> rows of the tenant, receipts unpacked -> rows by table
"""

from collections.abc import Mapping
from typing import Any

from db.codecs.receipts import unpack_receipt
from db.models.catalog import load_metadata
from db.repositories.base import TenantRepository

SEALED = "sealed_"
RECEIPT = "receipt"


class ExportRepository(TenantRepository):
    """The tenant's rows of every table."""

    async def load_tables(self) -> Mapping[str, list[dict[str, Any]]]:
        """Rows by table and column; tables without a row of the user are left out."""
        found: dict[str, list[dict[str, Any]]] = {}
        for table in load_metadata().sorted_tables:
            if "user_id" not in table.c:
                continue
            columns = [column for column in table.c if not column.name.startswith(SEALED)]
            rows = await self._all(self._select(table, *columns))
            if rows:
                found[table.name] = [_to_plain(dict(row._mapping)) for row in rows]  # noqa: SLF001  (SQLAlchemy's public name)
        return found


def _to_plain(row: dict[str, Any]) -> dict[str, Any]:
    if row.get(RECEIPT) is not None:
        row[RECEIPT] = unpack_receipt(row[RECEIPT])
    return row
