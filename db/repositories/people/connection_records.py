"""The sealed record of an exchange connection: key and secret together, bound to one generation.

    Credentials -> JSON of key and secret -> seal(place, generation, environment, profit flag)

Every change of a connection, its removal too, takes the next generation. The newest generation is
in `key_generations`, where the application's role can add rows only, so a record put back from an
earlier time does not open. Records of version 1.0 are two cells, key and secret apart, without a
generation; they open only while the connection has no generation at all.
"""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from db.encryption.envelope import (
    Binding,
    DamagedRecord,
    MasterKeys,
    open_sealed,
    read_key_id,
    rewrap,
    seal,
)
from trading.domain.units import UserId, VenueName
from trading.security.credentials import Credentials, Environment

TABLE = "exchange_accounts"
PURPOSE = "credentials"
CELLS = {"sealed_api_key": "api_key", "sealed_api_secret": "api_secret"}
"""Purpose by column of the two cells of version 1.0; the purpose is the field of `Credentials`."""
SEALED_COLUMNS = ("sealed_credentials", *CELLS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """
    The place of a record.

    Attributes:
        generation: the newest generation of the connection; 0 before the first one.
    """

    user_id: UserId
    venue: VenueName
    generation: int

    def seal(self, credentials: Credentials, *, keys: MasterKeys) -> bytes:
        """Seal key and secret for this generation, with environment and profit flag."""
        text = json.dumps([credentials.api_key, credentials.api_secret])
        binding = self._bind(credentials.environment, moves_profit=credentials.moves_profit)
        return seal(text, binding=binding, keys=keys)

    def open(self, row: Row[Any], *, keys: MasterKeys) -> Credentials:
        """
        Open a row of `exchange_accounts`.

        Raises:
            DamagedRecord: for a changed row, or a record of another place or generation.
            PermanentError: for a missing master key.
        """
        if row.sealed_credentials is None:
            api_key, api_secret = self._open_cells(row, keys=keys)
        else:
            binding = self._bind(row.environment, moves_profit=row.moves_profit)
            text = open_sealed(row.sealed_credentials, binding=binding, keys=keys)
            api_key, api_secret = json.loads(text)
        return Credentials(
            api_key=api_key,
            api_secret=api_secret,
            environment=row.environment,
            moves_profit=row.moves_profit,
        )

    def rewrap(self, row: Row[Any], *, keys: MasterKeys) -> bytes:
        """Wrap the record of a row under the current master key; raises as `open`."""
        binding = self._bind(row.environment, moves_profit=row.moves_profit)
        return rewrap(row.sealed_credentials, binding=binding, keys=keys)

    def _open_cells(self, row: Row[Any], *, keys: MasterKeys) -> list[str]:
        if self.generation:
            raise DamagedRecord("Cells of version 1.0 stand in place of a sealed record.")
        return [
            open_sealed(
                getattr(row, column) or b"",
                binding=Binding(
                    table=TABLE, user_id=self.user_id, venue=self.venue, purpose=purpose
                ),
                keys=keys,
            )
            for column, purpose in CELLS.items()
        ]

    def _bind(self, environment: Environment, *, moves_profit: bool) -> Binding:
        flag = "moves_profit" if moves_profit else "keeps_profit"
        return Binding(
            table=TABLE,
            user_id=self.user_id,
            venue=self.venue,
            purpose=PURPOSE,
            facts=(str(self.generation), str(environment), flag),
        )


def list_key_ids(row: Row[Any]) -> set[str]:
    """The master keys named by a row and by its sealed values; "" for a malformed value."""
    ids = {row.master_key_id}
    for blob in filter(None, (getattr(row, column) for column in SEALED_COLUMNS)):
        try:
            ids.add(read_key_id(blob))
        except DamagedRecord:
            ids.add("")
    return ids
