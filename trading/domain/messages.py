"""Messages: a text for people as a code with typed arguments, independent of any language.

raise site -> Message(code, arguments) -> database, alert, receipt -> `reports.texts` -> text

`write_message` and `read_message` keep a message in one text column or JSON string. A text that is
not a written message is a sentence of an older version and is shown unchanged.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator

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
        """The English text where a catalog is loaded, else the form of `describe`."""
        return _english(self)

    def describe(self) -> str:
        """The plain text, or the code with its arguments: `pair-missing pair=BTC/USDT`."""
        if self.code == PLAIN:
            return str(self.arguments["text"])
        words = [f"{name}={_show(value)}" for name, value in self.arguments.items()]
        return " ".join([self.code, *words])


_english: Callable[[Message], str] = Message.describe


def speak_english(render: Callable[[Message], str]) -> None:
    """Let logs and exceptions show messages as `render` does: `reports.texts` calls this."""
    global _english  # noqa: PLW0603 - one catalog a process, set when the catalog is imported
    _english = render


def message(code: str, /, **arguments: Argument) -> Message:
    """Build a message from its code and its arguments."""
    return Message(code, arguments)


def plain(text: str) -> Message:
    """Wrap a text that is not translated: a vendor's words, a person's words, a log line."""
    return Message(PLAIN, {"text": text})


NO_MESSAGE = plain("")


def write_message(told: Message) -> str:
    """Write a message as text; a plain message is the text itself unless it looks written."""
    if told.code == PLAIN and not told.describe().startswith(_PREFIX):
        return told.describe()
    return json.dumps(_pack(told), ensure_ascii=False, separators=(",", ":"))


def read_message(text: str) -> Message:
    """Read what `write_message` wrote; any other text becomes a plain message."""
    if not text.startswith(_PREFIX):
        return plain(text)
    try:
        return _unpack(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError):
        return plain(text)


def write_state(told: Message) -> str:
    """Write the text of a Prefect state: a sentence for the UI, then the kept form."""
    kept = write_message(told)
    return kept if kept == str(told) else f"{told}\n{kept}"


def read_state(text: str) -> Message:
    """Read what `write_state` wrote; any other text becomes a plain message."""
    last = text.rpartition("\n")[2]
    return read_message(last if last.startswith(_PREFIX) else text)


KeptMessage = Annotated[
    Message,
    PlainValidator(lambda kept: kept if isinstance(kept, Message) else read_message(str(kept))),
    PlainSerializer(write_message, return_type=str),
]
"""A message within a value that pydantic writes as JSON: kept as text by `write_message`."""


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
        return "[" + "; ".join(one.describe() for one in value) + "]"
    return f"({value.describe()})" if isinstance(value, Message) else str(value)
