"""The answer of a model, checked against a schema; a wrong answer is rejected, never repaired.

    text -> parse_answer -> Proposal | MalformedAnswer

Numbers must be finite and in range; the field names must be exact; an additional or repeated field
is refused. An entry with a confidence of 1 or less is refused: the model meant a share, not
percent. Two deviations lose no information and are accepted: a JSON number in quotes, and a code
fence around the whole answer. Reasons are cut to the stored length (printable, without links). The
stop and target of a close or hold are ignored.
No field exists for a symbol, a price, an amount or a link, so no answer can name any of the four.
"""

import json
import re
from decimal import Decimal
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from trading.council.decisions import MAX_REASON_CHARACTERS, MAX_REASONS, Action, Proposal
from trading.council.prompts import Edition
from trading.reporting.formatting import quote_stranger

MAX_ANSWER_CHARACTERS = 20_000

FIRST_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        "action",
        "confidence",
        "stop_pct",
        "target_pct",
        "reasons",
        "would_change_mind",
    ],
    "properties": {
        "action": {"type": "string", "enum": [action.value for action in Action]},
        "confidence": {"type": "number", "description": "0 to 100, in percent"},
        "stop_pct": {
            "anyOf": [{"type": "number"}, {"type": "null"}],
            "description": "percent from the entry price; null unless the action opens",
        },
        "target_pct": {
            "anyOf": [{"type": "number"}, {"type": "null"}],
            "description": "percent from the entry price; null unless the action opens",
        },
        "reasons": {
            "type": "array",
            "items": {"type": "string"},
            "description": "at most 5 short sentences",
        },
        "would_change_mind": {"type": "string", "description": "one short sentence"},
    },
}
"""The schema of the first edition, frozen."""

_WIN_PROBABILITY = {
    "anyOf": [{"type": "number"}, {"type": "null"}],
    "description": "0 to 100: of 100 such trades, how many profit; null unless the action opens",
}


def _insert_win_probability() -> dict[str, Any]:
    """The first schema with a win probability behind the confidence."""
    fields = dict(FIRST_SCHEMA["properties"])
    head = {name: fields.pop(name) for name in ("action", "confidence")}
    properties = head | {"win_probability": _WIN_PROBABILITY} | fields
    return FIRST_SCHEMA | {"required": [*properties], "properties": properties}


ANSWER_SCHEMA: dict[str, Any] = _insert_win_probability()
"""The schema in the form that vendors accept: without bounds, which our reader checks."""

SCHEMAS = {Edition.V1: FIRST_SCHEMA, Edition.V2: ANSWER_SCHEMA}

type _Percent = Annotated[float, Field(gt=0, lt=100)]
type _Text = Annotated[str, Field(max_length=2_000)]


class MalformedAnswer(Exception):
    """The answer breaks the schema; the message names the place, in our words only."""


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    action: Literal["open_long", "open_short", "close", "hold"]
    confidence: Annotated[float, Field(ge=0, le=100)]
    stop_pct: float | None
    target_pct: float | None
    reasons: Annotated[list[_Text], Field(max_length=20)]
    would_change_mind: _Text


class _SecondAnswer(_Answer):
    win_probability: float | None


class _Levels(BaseModel):
    model_config = ConfigDict(strict=True, allow_inf_nan=False)

    stop_pct: _Percent
    target_pct: _Percent


class _SecondLevels(_Levels):
    win_probability: Annotated[float, Field(ge=0, le=100)]


_ANSWERS: dict[Edition, tuple[type[_Answer], type[_Levels]]] = {
    Edition.V1: (_Answer, _Levels),
    Edition.V2: (_SecondAnswer, _SecondLevels),
}


def parse_answer(text: str, *, edition: Edition = Edition.V2) -> Proposal:
    """
    Parse a model's answer.

    Raises:
        MalformedAnswer: for anything that is not exactly the schema.
    """
    fields = _load_object(text)
    try:
        kind, kind_of_levels = _ANSWERS[edition]
        answer = kind.model_validate(fields)
        action = Action(answer.action)
        levels = kind_of_levels.model_validate(fields) if action.is_entry else None
    except ValidationError as error:
        raise MalformedAnswer(_explain(error)) from None
    if action.is_entry and answer.confidence <= 1:
        raise MalformedAnswer("confidence: a share instead of percent")
    chance = levels.win_probability if isinstance(levels, _SecondLevels) else None
    if chance is not None and 0 < chance <= 1:
        raise MalformedAnswer("win_probability: a share instead of percent")
    return Proposal(
        action=action,
        confidence=_exact(answer.confidence),
        win_probability=None if chance is None else _exact(chance),
        stop_pct=None if levels is None else _exact(levels.stop_pct),
        target_pct=None if levels is None else _exact(levels.target_pct),
        reasons=tuple(map(_shorten, answer.reasons[:MAX_REASONS])),
        would_change_mind=_shorten(answer.would_change_mind),
    )


def _load_object(text: str) -> object:
    if len(text) > MAX_ANSWER_CHARACTERS:
        raise MalformedAnswer(f"longer than {MAX_ANSWER_CHARACTERS} characters")
    try:
        return json.loads(
            _unfence(text), object_pairs_hook=_read_pairs, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError):  # JSONDecodeError is a ValueError, so are huge integers
        raise MalformedAnswer("not JSON") from None


def _unfence(text: str) -> str:
    """The text inside a code fence around the whole answer; any other text unchanged."""
    start, _, rest = text.strip().partition("\n")
    if start.rstrip() not in {"```", "```json"} or not rest.endswith("\n```"):
        return text
    return rest.removesuffix("```")


def _read_pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The fields of an object, numbers in quotes as numbers. Refuses a doubled name."""
    fields = {name: _unquote(value) if name in _NUMBERS else value for name, value in pairs}
    if len(fields) != len(pairs):
        raise MalformedAnswer("a field is there twice")
    return fields


def _unquote(value: object) -> object:
    return float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value


def _refuse_constant(_: str) -> NoReturn:
    raise MalformedAnswer("a number is not finite")


def _explain(error: ValidationError) -> str:
    """Our field names and pydantic's error types; never a word of the answer itself."""
    known = ANSWER_SCHEMA["properties"]
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if not first["loc"]:
        return f"the answer: {first['type']}"
    place = first["loc"][0]
    return f"{place if place in known else 'a field'}: {first['type']}"


_NUMBERS = ("confidence", "win_probability", "stop_pct", "target_pct")
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,15})(\.\d{1,15})?", re.ASCII)


def _exact(number: float) -> Decimal:
    return Decimal(repr(float(number)))


def _shorten(text: str) -> str:
    plain = quote_stranger(text)
    if len(plain) <= MAX_REASON_CHARACTERS:
        return plain
    return plain[: MAX_REASON_CHARACTERS - 1].rstrip() + "…"
