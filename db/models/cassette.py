"""Tables of the cassette: texts by content, and the raw answers to the questions among the texts.

cassette_texts 1-n cassette_answers

Bodies are deflated JSON or text. No row belongs to a user.
"""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.engine.base import Base
from db.engine.types import Instant


class CassetteTextRow(Base):
    """A question, or the options of a request, stored once under its digest."""

    __tablename__ = "cassette_texts"
    __table_args__ = (Index(None, "stored_at"),)

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    stored_at: Mapped[datetime] = mapped_column(Instant)


class CassetteAnswerRow(Base):
    """A model's raw answer to a question."""

    __tablename__ = "cassette_answers"
    __table_args__ = (Index(None, "asked_at"),)

    question_digest: Mapped[str] = mapped_column(Text, primary_key=True)
    seat: Mapped[str] = mapped_column(Text, primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    options_digest: Mapped[str] = mapped_column(Text)
    prompt_version: Mapped[str] = mapped_column(Text)
    answered_by: Mapped[str] = mapped_column(Text)
    request_id: Mapped[str] = mapped_column(Text)
    usage: Mapped[str] = mapped_column(Text)
    body: Mapped[bytes] = mapped_column(LargeBinary)
