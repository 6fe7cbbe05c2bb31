"""Prompts: the council's questions, equal bytes for equal facts.

    snapshot, indicators, news -> trading.council.question.evidence -> Facts, PositionView
    Facts, PositionView, edition -> build_prompt -> Prompt

The stable part comes first (vendors cache prefixes), the facts next, the position last. A prompt
holds no user data: no ids, balances or amounts; a position appears only as side, distances and
age, rounded so coarsely that users with the same trade ask the same question.

Headlines stand in neither question of this module: a model can be talked into anything, so the
words of strangers must not reach a question whose answer can open a position. The mood of the news
is a number and may stand in every question.
"""

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

from trading.council.question.fact_sheet import Fact, build_position_fact, build_sheet
from trading.council.question.facts import Facts, PositionView
from trading.council.question.first_edition import render_first_edition
from trading.council.question.instructions import INSTRUCTIONS


class Edition(StrEnum):
    """Edition of the question; the first is asked for comparison only."""

    V1 = "v1"
    V2 = "v2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """
    A question to the council.

    Attributes:
        instructions: stable for a release; facts_text: deterministic; position_text: "flat" or
            the view.
        facts, position: the same in numbers, for voters that compute instead of read.
        sheet: the numbered facts, whose figures the reasons may quote; empty in the first edition.
    """

    instructions: str
    facts_text: str
    position_text: str
    facts: Facts
    position: PositionView | None
    edition: Edition = Edition.V2
    sheet: tuple[Fact, ...] = ()

    @property
    def digest(self) -> str:
        """Digest of the text: equal prompts share the answers. 32 hex digits."""
        text = "\x1f".join((self.instructions, self.facts_text, self.position_text))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def version(self) -> str:
        """Edition and a digest of the instructions, as in "v2-1a2b3c4d": changes with the text."""
        return f"{self.edition}-{hashlib.sha256(self.instructions.encode()).hexdigest()[:8]}"


def build_prompt(
    facts: Facts, position: PositionView | None, *, edition: Edition = Edition.V2
) -> Prompt:
    """The question: the same text, to the byte, for the same facts and view."""
    if edition is Edition.V1:
        instructions, facts_text, position_text = render_first_edition(facts, position)
        return Prompt(
            instructions=instructions,
            facts_text=facts_text,
            position_text=position_text,
            facts=facts,
            position=position,
            edition=edition,
        )
    sheet = build_sheet(facts)
    head = f"Market: {facts.pair} perpetual on {facts.venue}, {facts.as_of:%Y-%m-%d %H:%M} UTC"
    held = () if position is None else (build_position_fact(position),)
    return Prompt(
        instructions=INSTRUCTIONS,
        facts_text="\n".join((head, *(fact.line for fact in sheet))),
        position_text=_render_position(position, held),
        facts=facts,
        position=position,
        sheet=(*sheet, *held),
    )


def _render_position(position: PositionView | None, held: tuple[Fact, ...]) -> str:
    if position is None:
        return "Position: flat"
    quotes = (f"- {json.dumps(text, ensure_ascii=False)}" for text in position.entry_reasons)
    reasons = "\n".join(("Reasons at the entry:", *quotes)) if position.entry_reasons else ""
    return "\n".join(part for part in (*(fact.line for fact in held), reasons) if part)
