"""Telegram's reading of texts and keyboards: what it refuses, it refuses here with its own words.

HTML -> tokens -> plain text, entities | BadRequest;  reply_markup -> rows of buttons | BadRequest
"""

import json
import re
from dataclasses import dataclass
from html import unescape
from typing import Any

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
}
TEXT_CHARACTERS = 4096
CAPTION_CHARACTERS = 1024
CALLBACK_BYTES = 64
COMMAND_NAME = re.compile(r"[a-z0-9_]{1,32}")
COMMANDS = 100
_TAG = re.compile(r"<(/?)([a-zA-Z-]+)((?:\s[^<>]*)?)>")
_ENTITY = re.compile(r"&(lt|gt|amp|quot|#\d+|#[xX][0-9a-fA-F]+);")


class BadRequest(Exception):
    """What Telegram answers with status 400."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text as the chat shows it; entities count UTF-16 units, as Telegram does."""

    plain: str
    entities: tuple[dict[str, Any], ...] = ()


def read_text(text: str, *, parse_mode: str | None, limit: int = TEXT_CHARACTERS) -> Text:
    """The text of a message. Raises BadRequest when it is empty, too long or can't be parsed."""
    if "\x00" in text or not _is_encodable(text):
        raise BadRequest("strings must be encoded in UTF-8")
    if parse_mode not in {None, "", "HTML", "html"}:
        raise BadRequest("unsupported parse_mode")
    found = _parse_html(text) if parse_mode else Text(plain=text)
    plain = found.plain.strip()
    if not plain and limit == TEXT_CHARACTERS:
        raise BadRequest("message text is empty")
    if count_units(plain) > limit:
        kind = "message" if limit == TEXT_CHARACTERS else "message caption"
        raise BadRequest(f"{kind} is too long")
    return Text(plain=plain, entities=found.entities)


def read_markup(markup: str | None) -> list[list[dict[str, str]]]:
    """Rows of inline buttons; a reply keyboard has none. Raises BadRequest as Telegram does."""
    if not markup:
        return []
    rows = json.loads(markup).get("inline_keyboard", [])
    for button in (button for row in rows for button in row):
        if not button.get("text"):
            raise BadRequest("can't parse inline keyboard button: text must be non-empty")
        data = button.get("callback_data")
        if data is None and not button.get("url"):
            raise BadRequest("can't parse inline keyboard button: text buttons are not allowed")
        if data is not None and not 1 <= len(data.encode()) <= CALLBACK_BYTES:
            raise BadRequest("BUTTON_DATA_INVALID")
    kept: list[list[dict[str, str]]] = rows
    return kept


def check_commands(commands: list[dict[str, str]]) -> None:
    """A menu of commands. Raises BadRequest for names and descriptions Telegram refuses."""
    if len(commands) > COMMANDS:
        raise BadRequest("BOT_COMMANDS_TOO_MUCH")
    for one in commands:
        if not COMMAND_NAME.fullmatch(one["command"]):
            raise BadRequest("BOT_COMMAND_INVALID")
        if not 1 <= len(one["description"]) <= 256:
            raise BadRequest("BOT_COMMAND_DESCRIPTION_INVALID")


def count_units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _parse_html(text: str) -> Text:
    plain: list[str] = []
    entities: list[dict[str, Any]] = []
    open_tags: list[tuple[str, int]] = []
    at = 0
    while at < len(text):
        if text[at] == "<":
            tag = _TAG.match(text, at)
            if tag is None:
                raise BadRequest(_offended(f'unsupported start tag "{text[at + 1 : at + 9]}"', at))
            _apply_tag(tag, open_tags, units=count_units("".join(plain)), entities=entities)
            at = tag.end()
        elif entity := _ENTITY.match(text, at):
            plain.append(unescape(entity[0]))
            at = entity.end()
        else:
            plain.append(text[at])
            at += 1
    if open_tags:
        name = open_tags[-1][0]
        raise BadRequest(
            f"can't parse entities: can't find end tag corresponding to start tag {name}"
        )
    return Text(plain="".join(plain), entities=tuple(entities))


def _apply_tag(
    tag: re.Match[str],
    open_tags: list[tuple[str, int]],
    units: int,
    entities: list[dict[str, Any]],
) -> None:
    is_end, name = bool(tag[1]), tag[2].lower()
    if name not in TAGS:
        kind = "end" if is_end else "start"
        raise BadRequest(_offended(f'unsupported {kind} tag "{name}"', tag.start()))
    if not is_end:
        open_tags.append((name, units))
        return
    if not open_tags or open_tags[-1][0] != name:
        raise BadRequest(_offended("unexpected end tag", tag.start()))
    _, begin = open_tags.pop()
    if units > begin:
        entities.append({"type": TAGS[name], "offset": begin, "length": units - begin})


def _offended(what: str, at: int) -> str:
    return f"can't parse entities: {what} at byte offset {at}"
