"""A reply as a person sees it: one chat bubble with its buttons, as a picture.

Reply (HTML) -> the double's reading of it -> words with their fonts -> lines -> PNG

A picture of what is sent, not of any messenger: fonts are those that matplotlib carries.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
from PIL import Image, ImageDraw, ImageFont

from telegram.views.message import Reply
from tests.doubles.telegram_text import read_text

SCALE = 2
WIDTH = 470 * SCALE
PADDING = 12 * SCALE
SIZE = 14 * SCALE
LINE = 20 * SCALE
BUTTON = 34 * SCALE
BACKGROUND, BUBBLE, INK, QUIET = "#d7e3ec", "#ffffff", "#1b2430", "#5b6b7b"
QUOTE, BLUE = "#e9f1f8", "#2b6cb0"
FONTS = {
    "": "DejaVuSans.ttf",
    "bold": "DejaVuSans-Bold.ttf",
    "italic": "DejaVuSans-Oblique.ttf",
    "code": "DejaVuSansMono.ttf",
}
VARIATION = "\ufe0f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Characters of one style without a space, and whether a space stands before them."""

    text: str
    style: str
    has_space: bool


@dataclass(slots=True, kw_only=True)
class Line:
    """What fits side by side."""

    is_quoted: bool
    words: list[Word] = field(default_factory=list)
    width: float = 0


def draw_reply(path: Path, reply: Reply, *, command: str, photo: bytes | None = None) -> None:
    """Write the picture of a command and its answer."""
    lines = list(_lay_out(reply))
    image = Image.open(BytesIO(photo)).convert("RGB") if photo else None
    if image is not None:
        inner = WIDTH - 2 * PADDING
        image = image.resize((inner, image.height * inner // image.width))
    above = BUTTON + PADDING
    picture_height = image.height + PADDING if image else 0
    bubble = picture_height + LINE * len(lines) + 2 * PADDING
    height = above + bubble + (BUTTON + PADDING // 2) * len(reply.buttons) + 2 * PADDING
    canvas = Image.new("RGB", (WIDTH + 2 * PADDING, height), BACKGROUND)
    pen = ImageDraw.Draw(canvas)
    _draw_command(pen, command)
    box = (PADDING, above, PADDING + WIDTH, above + bubble)
    pen.rounded_rectangle(box, radius=14 * SCALE, fill=BUBBLE)
    if image is not None:
        canvas.paste(image, (2 * PADDING, above + PADDING))
    _draw_lines(pen, lines, top=above + PADDING + picture_height)
    _draw_buttons(pen, reply, top=above + bubble + PADDING // 2)
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas.save(path, optimize=True)


def _draw_command(pen: ImageDraw.ImageDraw, command: str) -> None:
    width = _measure(command, "") + 2 * PADDING
    right = WIDTH + PADDING
    pen.rounded_rectangle(
        (right - width, PADDING // 2, right, PADDING // 2 + BUTTON),
        radius=12 * SCALE,
        fill="#e3f5d7",
    )
    pen.text(
        (right - width + PADDING, PADDING // 2 + BUTTON / 2),
        command,
        font=_font(""),
        fill=INK,
        anchor="lm",
    )


def _draw_lines(pen: ImageDraw.ImageDraw, lines: list[Line], *, top: int) -> None:
    for number, line in enumerate(lines):
        y, x = top + number * LINE, 2 * PADDING
        if line.is_quoted:
            pen.rectangle((x - 4 * SCALE, y, WIDTH, y + LINE), fill=QUOTE)
            pen.rectangle((x - 4 * SCALE, y, x - 1 * SCALE, y + LINE), fill=BLUE)
            x += 6 * SCALE
        for word in line.words:
            x += round(_measure(" ", "")) if word.has_space else 0
            ink = BLUE if word.style == "code" or word.text.startswith("/") else INK
            pen.text((x, y + LINE / 2), word.text, font=_font(word.style), fill=ink, anchor="lm")
            x += round(_measure(word.text, word.style))


def _draw_buttons(pen: ImageDraw.ImageDraw, reply: Reply, *, top: int) -> None:
    gap = PADDING // 2
    for number, row in enumerate(reply.buttons):
        y, width = top + number * (BUTTON + gap), (WIDTH - gap * (len(row) - 1)) / len(row)
        for place, button in enumerate(row):
            x = PADDING + place * (width + gap)
            pen.rounded_rectangle((x, y, x + width, y + BUTTON), radius=8 * SCALE, fill="#a9bccb")
            pen.text(
                (x + width / 2, y + BUTTON / 2),
                button.label,
                font=_font("bold"),
                fill=BUBBLE,
                anchor="mm",
            )


def _lay_out(reply: Reply) -> Iterator[Line]:
    """Lines of words that fit into the bubble; empty ones stay empty."""
    text = read_text(reply.text, parse_mode="HTML")
    styles = _find_styles(text.plain, text.entities)
    begin = 0
    for row in text.plain.split("\n"):
        quoted = any("quote" in style for style in styles[begin : begin + max(1, len(row))])
        yield from _wrap(row, styles[begin : begin + len(row)], is_quoted=quoted and bool(row))
        begin += len(row) + 1


def _wrap(row: str, styles: list[str], *, is_quoted: bool) -> Iterator[Line]:
    line = Line(is_quoted=is_quoted)
    room = WIDTH - 2 * PADDING - (8 * SCALE if is_quoted else 0)
    for word in _split(row, styles):
        width = _measure(word.text, word.style) + (_measure(" ", "") if word.has_space else 0)
        if line.words and line.width + width > room:
            yield line
            line = Line(is_quoted=is_quoted)
            width -= _measure(" ", "") if word.has_space else 0
            word = Word(text=word.text, style=word.style, has_space=False)  # noqa: PLW2901
        line.words.append(word)
        line.width += width
    yield line


def _split(row: str, styles: list[str]) -> Iterator[Word]:
    """Runs of one style between spaces."""
    has_space, run, style = False, "", ""
    for character, own in zip(row, styles, strict=True):
        plain = own.removeprefix("quote ").removeprefix("quote")
        if run and (character == " " or plain != style):
            yield Word(text=run, style=style, has_space=has_space)
            has_space, run = False, ""
        if character == " ":
            has_space = True
        elif character != VARIATION:
            run, style = run + character, plain
    if run:
        yield Word(text=run, style=style, has_space=has_space)


def _find_styles(plain: str, entities: tuple[dict[str, object], ...]) -> list[str]:
    """Each character's style; entities count in UTF-16 units."""
    styles = [""] * len(plain)
    for entity in sorted(entities, key=lambda one: "quote" not in str(one["type"])):
        kind, begin = str(entity["type"]), int(str(entity["offset"]))
        end, unit = begin + int(str(entity["length"])), 0
        for place, character in enumerate(plain):
            if begin <= unit < end:
                is_quote = "quote" in kind
                prefix = "quote " if "quote" in styles[place] else ""
                styles[place] = "quote " if is_quote else prefix + kind
            unit += 2 if ord(character) > 0xFFFF else 1
    return styles


@cache
def _font(style: str) -> ImageFont.FreeTypeFont:
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    return ImageFont.truetype(str(folder / FONTS.get(style.strip(), FONTS[""])), SIZE)


def _measure(text: str, style: str) -> float:
    return float(_font(style).getlength(text))
