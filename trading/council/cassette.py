"""The cassette: every question and raw answer, named by content, for replays and for evidence.

Prompt, Decision with the exchange -> record_exchange -> CassetteEntry -> the database

A question names no user, so a shared question and the answers are stored once for all users.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from trading.council.decisions import Decision
from trading.council.prompts import Prompt
from trading.domain.units import require_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class CassetteEntry:
    """
    A question and a model's raw answer.

    Attributes:
        question_digest: `Prompt.digest`, the `prompt_hash` of the votes.
        options, options_digest: the request without the question, as JSON, and the JSON's digest.
        prompt_version: the edition of the question.
        answered_by, request_id: as the vendor tells; empty when not told.
        usage: tokens and dollars of the call, as JSON.
    """

    question_digest: str
    seat: str
    asked_at: datetime
    question: str
    options_digest: str
    options: str
    prompt_version: str
    answered_by: str
    request_id: str
    usage: str
    answer: str

    def __post_init__(self) -> None:
        require_utc(asked_at=self.asked_at)


def record_exchange(prompt: Prompt, decision: Decision, *, now: datetime) -> CassetteEntry | None:
    """The entry of an answered question; None where no vendor has sent an answer."""
    exchange, usage = decision.exchange, decision.usage
    if exchange is None:
        return None
    return CassetteEntry(
        question_digest=prompt.digest,
        seat=decision.model.name,
        asked_at=now,
        question=f"{prompt.instructions}\n\n{prompt.facts_text}\n\n{prompt.position_text}",
        options_digest=hashlib.sha256(exchange.options.encode()).hexdigest()[:32],
        options=exchange.options,
        prompt_version=prompt.version,
        answered_by=exchange.answered_by,
        request_id=exchange.request_id,
        usage=(
            f'{{"input_tokens": {usage.input_tokens}, "cached_input_tokens": '
            f'{usage.cached_input_tokens}, "output_tokens": {usage.output_tokens}, '
            f'"cost_usd": "{usage.cost_usd}"}}'
        ),
        answer=exchange.answer,
    )
