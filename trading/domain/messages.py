"""Messages: a text for people as a code with typed arguments, independent of any language.

raise site -> Message(code, arguments) -> database, alert, receipt -> `reports.texts` -> text

`write_message` and `read_message` keep a message in one text column or JSON string. A text that is
not a written message is a sentence of an older version and is shown unchanged.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

PLAIN = "plain"
"""Code of a text that is not translated: `text` is shown unchanged in every language."""

_PREFIX = '{"code":'

type Argument = str | int | Decimal | datetime | Message | tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """
    A text for people.

    Attributes:
        code: identifier of the message in every catalog, such as "pair-missing"; an empty plain
            text is false.
        arguments: values by the names that the catalogs use. A tuple of messages is shown as a
            list.
    """

    code: str
    arguments: Mapping[str, Argument] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self != NO_MESSAGE

    def __hash__(self) -> int:
        return hash((self.code, tuple(self.arguments.items())))

    def __str__(self) -> str:
        """The plain text, or the code with its arguments: `pair-missing pair=BTC/USDT`."""
        if self.code == PLAIN:
            return str(self.arguments["text"])
        words = [f"{name}={_show(value)}" for name, value in self.arguments.items()]
        return " ".join([self.code, *words])


def message(code: str, /, **arguments: Argument) -> Message:
    """Build a message from its code and its arguments."""
    return Message(code, arguments)


def plain(text: str) -> Message:
    """Wrap a text that is not translated: a vendor's words, a person's words, a log line."""
    return Message(PLAIN, {"text": text})


NO_MESSAGE = plain("")


def write_message(told: Message) -> str:
    """Write a message as text; a plain message is the text itself unless it looks written."""
    if told.code == PLAIN and not str(told).startswith(_PREFIX):
        return str(told)
    return json.dumps(_pack(told), ensure_ascii=False, separators=(",", ":"))


def read_message(text: str) -> Message:
    """Read what `write_message` wrote; any other text becomes a plain message."""
    if not text.startswith(_PREFIX):
        return plain(text)
    try:
        return _unpack(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError):
        return plain(text)


def _pack(told: Message) -> dict[str, object]:
    arguments = {name: _pack_value(value) for name, value in told.arguments.items()}
    return {"code": told.code, "arguments": arguments}


def _pack_value(value: Argument) -> object:
    match value:
        case Message():
            return _pack(value)
        case tuple():
            return [_pack(one) for one in value]
        case Decimal():
            return {"decimal": str(value)}
        case datetime():
            return {"instant": value.isoformat()}
        case int():
            return value
        case _:
            return str(value)


def _unpack(kept: Mapping[str, object]) -> Message:
    arguments = kept["arguments"]
    if not isinstance(arguments, dict):
        raise TypeError("the arguments of a message are an object")
    return Message(
        str(kept["code"]), {str(name): _unpack_value(value) for name, value in arguments.items()}
    )


def _unpack_value(value: object) -> Argument:
    match value:
        case {"code": str(code), "arguments": dict(arguments)}:
            return _unpack({"code": code, "arguments": arguments})
        case {"decimal": str(digits)}:
            return Decimal(digits)
        case {"instant": str(instant)}:
            return datetime.fromisoformat(instant).astimezone(UTC)
        case list():
            return tuple(_unpack(one) for one in value)
        case str() | int():
            return value
        case _:
            raise TypeError("an argument of an unknown kind")


def _show(value: Argument) -> str:
    if isinstance(value, tuple):
        return "[" + "; ".join(map(str, value)) + "]"
    return f"({value})" if isinstance(value, Message) else str(value)
