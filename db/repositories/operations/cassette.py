"""The cassette in the database: entries by the digest of their question.

CassetteEntry -> add -> deflated rows;  digests -> load -> CassetteEntry ...
"""

import zlib
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select

from db.codecs.compression import MOST_BYTES
from db.models.cassette import CassetteAnswerRow, CassetteTextRow
from db.repositories.base import OperatorRepository, do_nothing, table_of, to_columns, to_value
from trading.council.cassette import CassetteEntry
from trading.domain.errors import PermanentError

TEXTS = table_of(CassetteTextRow)
ANSWERS = table_of(CassetteAnswerRow)
LEVEL = 9
IN_TEXTS = ("question", "options", "answer")


class CassetteRepository(OperatorRepository):
    """Questions and raw answers of all models."""

    async def add(self, entry: CassetteEntry) -> None:
        """Store an entry; a text that is stored already is not stored again."""
        texts = {entry.question_digest: entry.question, entry.options_digest: entry.options}
        for digest, text in texts.items():
            row = {"digest": digest, "body": _pack(text), "stored_at": entry.asked_at}
            await self._put_row(TEXTS, row, on_conflict=do_nothing)
        row = {**to_columns(entry, without=IN_TEXTS), "body": _pack(entry.answer)}
        await self._put_row(ANSWERS, row, on_conflict=do_nothing)

    async def load(self, question_digests: Collection[str]) -> tuple[CassetteEntry, ...]:
        """The entries of these questions, oldest first."""
        question, options = TEXTS.alias("question"), TEXTS.alias("options")
        statement = (
            select(
                ANSWERS,
                question.c.body.label("question_body"),
                options.c.body.label("options_body"),
            )
            .join(question, question.c.digest == ANSWERS.c.question_digest)
            .join(options, options.c.digest == ANSWERS.c.options_digest)
            .where(ANSWERS.c.question_digest.in_(question_digests))
            .order_by(ANSWERS.c.asked_at, ANSWERS.c.seat)
        )
        return tuple(_to_entry(row) for row in await self._all(statement))

    async def remove_before(self, instant: datetime) -> int:
        """Remove answers of before an instant, and texts that no answer needs; removed answers."""
        removed = await self._run(delete(ANSWERS).where(ANSWERS.c.asked_at < instant))
        needed = select(ANSWERS.c.question_digest).union(select(ANSWERS.c.options_digest))
        old = (TEXTS.c.stored_at < instant) & TEXTS.c.digest.not_in(needed)
        await self._run(delete(TEXTS).where(old))
        return removed


def _to_entry(row: Row[Any]) -> CassetteEntry:
    return to_value(
        CassetteEntry,
        row,
        question=_unpack(row.question_body),
        options=_unpack(row.options_body),
        answer=_unpack(row.body),
    )


def _pack(text: str) -> bytes:
    return zlib.compress(text.encode(), LEVEL)


def _unpack(body: bytes) -> str:
    stream = zlib.decompressobj()
    text = stream.decompress(body, MOST_BYTES)
    if not stream.eof:
        raise PermanentError("A stored question or answer is damaged or too long.")
    return text.decode()
