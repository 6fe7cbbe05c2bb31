"""The answer of a view: a text for Telegram and buttons, both plain data.

    block, block ..., buttons -> build_reply -> Reply -> (a handler sends it)

The tags of a block are closed within the block, so a text above the limit loses whole blocks from
the end and ends with a note about the cut. A button names a verb and an argument; the handlers
check the person, the age and the number of presses.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from reports.texts.catalog import say
from trading.domain.accounts import Language
from trading.reporting.formatting import quote_stranger

WORD_JOINER = "\u2060"
_LINKS = re.compile(r"(?<!\w)[@#](?=\w)|(?<=\w)\.(?=[^\W\d])|:(?=//)")
_TAPPABLE = re.compile(rf"(?<!\w)/(?=\w)|{_LINKS.pattern}")
MAX_TEXT_CHARACTERS = 4096
"""Telegram's limit of a message; its tags count here too, there they don't."""
MAX_CAPTION_CHARACTERS = 1024
"""Telegram's limit below a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """
    Pressing the button means the command `action argument`, confirmed.

    Attributes:
        label: text on the button.
        action: a verb without the slash, "close".
        argument: subject of the verb, "BTC/USDT"; "" for nothing.
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
    Join blocks by an empty line; empty blocks are dropped, a longer text is cut and marked.

    Args:
        blocks: Telegram HTML, each with closed tags; the first fits into `limit` alone.
        limit: of the text, characters.
    """
    parts = [block for block in blocks if block]
    text = "\n\n".join(parts)
    while len(text) > limit:
        parts.pop()
        text = "\n\n".join([*parts, say(language, "message-cut")])
    return Reply(text=text, buttons=buttons)


def plain(text: str) -> str:
    """Escape Quorum's or a user's text for HTML; unprintable characters become spaces."""
    printable = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    return escape(printable, quote=False)


def quote(text: str, *, limit: int = 300) -> str:
    """A stranger's words: a single line, nothing to tap, shortened, escaped for HTML."""
    words = quote_stranger(text)
    return defuse(plain(words if len(words) <= limit else f"{words[: limit - 1]}…"))


def defuse(text: str, *, keeps_commands: bool = False) -> str:
    """
    The text with links, `@names`, `#tags` and `/commands` broken by invisible joiners.

    Telegram makes such words tappable; a tapped command is sent as the reader's own. Commands are
    kept in a text of ours that quotes strangers.
    """
    tappable = _LINKS if keeps_commands else _TAPPABLE
    return tappable.sub(lambda found: found[0] + WORD_JOINER, text)


def bold(text: str) -> str:
    """Escaped and bold."""
    return f"<b>{plain(text)}</b>"


def code(text: str) -> str:
    """Text escaped as code; a tap copies the text."""
    return f"<code>{plain(text)}</code>"


def fold(lines: Iterable[str]) -> str:
    """Lines of HTML in an expandable quotation; "" without lines."""
    text = "\n".join(lines)
    return f"<blockquote expandable>{text}</blockquote>" if text else ""


def join_lines(*lines: str) -> str:
    """A block of lines; empty lines are left out."""
    return "\n".join(line for line in lines if line)
