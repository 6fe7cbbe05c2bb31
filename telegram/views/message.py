"""What a view answers: a text for Telegram and its buttons, both plain data.

    block, block ..., buttons -> build_reply -> Reply -> (a handler sends it)

A block is whole in itself (its tags are closed), so a text that would be too long loses whole
blocks from its end and says so. A button names a verb and its argument; who may press it, until
when and how often is the handlers' matter.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from reports.texts.catalog import say
from trading.domain.accounts import Language
from trading.reporting.formatting import quote_stranger

MAX_TEXT_CHARACTERS = 4096
"""Telegram's limit of a message; its tags count here too, there they don't."""
MAX_CAPTION_CHARACTERS = 1024
"""Telegram's limit below a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """
    Pressing it means the command `action argument`, confirmed.

    Attributes:
        label: what stands on it.
        action: a verb without its slash, "close".
        argument: what it is about, "BTC/USDT"; "" for nothing.
    """

    label: str
    action: str
    argument: str = ""


type Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """
    One message.

    Attributes:
        text: Telegram HTML, 1 to `MAX_TEXT_CHARACTERS` characters.
        buttons: rows of buttons.

    Raises:
        ValueError: when the text is empty or too long.
    """

    text: str
    buttons: Rows = ()

    def __post_init__(self) -> None:
        if not 1 <= len(self.text) <= MAX_TEXT_CHARACTERS:
            raise ValueError(
                f"a message has 1 to {MAX_TEXT_CHARACTERS} characters, got {len(self.text)}"
            )


def build_reply(
    *blocks: str,
    language: Language,
    buttons: Rows = (),
    limit: int = MAX_TEXT_CHARACTERS,
) -> Reply:
    """
    Blocks with an empty line between them; empty ones are left out, too many are cut and said.

    Args:
        blocks: Telegram HTML, each with its tags closed; the first fits into `limit` by itself.
        limit: Of the text, characters.
    """
    parts = [block for block in blocks if block]
    text = "\n\n".join(parts)
    while len(text) > limit:
        parts.pop()
        text = "\n\n".join([*parts, say(language, "message-cut")])
    return Reply(text=text, buttons=buttons)


def plain(text: str) -> str:
    """Our own text or a person's, harmless in HTML; what can't be printed becomes a space."""
    printable = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    return escape(printable, quote=False)


def quote(text: str, *, limit: int = 300) -> str:
    """A stranger's words: one line without links, shortened, harmless in HTML."""
    words = quote_stranger(text)
    return plain(words if len(words) <= limit else f"{words[: limit - 1]}…")


def bold(text: str) -> str:
    """Escaped and bold."""
    return f"<b>{plain(text)}</b>"


def code(text: str) -> str:
    """Escaped; a tap copies it."""
    return f"<code>{plain(text)}</code>"


def fold(lines: Iterable[str]) -> str:
    """Lines of HTML in a quotation that a tap unfolds; "" for none."""
    text = "\n".join(lines)
    return f"<blockquote expandable>{text}</blockquote>" if text else ""


def join_lines(*lines: str) -> str:
    """One block of lines; empty ones are left out."""
    return "\n".join(line for line in lines if line)
