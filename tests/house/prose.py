"""Measures how many sentences of a room lean on a pronoun, and fails a room above the limit.

docstrings and comments -> sentences of three words or more -> share with a pronoun -> breach

A sentence with a pronoun ("it", "one", "that", "what") often leaves its noun to the reader.
Well-kept code of this field has such a pronoun in 11 to 26 % of its sentences. The limit leaves
room for the sentences in which a pronoun reads naturally.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

# All rooms with product code. A room never leaves the list.
ROOMS: tuple[str, ...] = (
    "blocks", "cli", "commands", "db", "flows", "reports", "tasks", "telegram", "trading",
)  # fmt: skip
LIMIT_PERCENT = 28
SHORTEST_SENTENCE = 3  # words; shorter ones are labels

PRONOUNS = frozenset(
    {
        "it", "its", "one", "ones", "that", "those", "these", "they", "them", "their",
        "which", "what", "whatever", "who", "whose", "whoever",
        "nobody", "somebody", "everybody", "anybody",
    }
)  # fmt: skip
# Comments for tools, not for people.
TOOL_COMMENT = re.compile(r"(noqa|type:|pragma|mypy|ruff|fmt:|!)")
CODE = re.compile(r"`[^`]*`|^ {4,}.*$", re.MULTILINE)  # quoted code and indented drawings
WORD = re.compile(r"[A-Za-z]+")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")

type Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def measure(sources: Iterator[str]) -> tuple[int, int]:
    """Sentences with a pronoun, and all sentences, of these Python sources."""
    found = [sentence for source in sources for sentence in sentences(source)]
    return sum(map(leans, found)), len(found)


def leans(sentence: str) -> bool:
    """Whether a pronoun stands in the sentence."""
    return not PRONOUNS.isdisjoint(word.lower() for word in WORD.findall(sentence))


def sentences(source: str) -> Iterator[str]:
    """The sentences of the docstrings and comments of one Python source."""
    for text in (*_docstrings(source), *_comments(source)):
        for sentence in SENTENCE_END.split(" ".join(text.split())):
            if len(sentence.split()) >= SHORTEST_SENTENCE:
                yield sentence


def _docstrings(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Documented.__value__):
            yield CODE.sub("CODE", ast.get_docstring(node) or "")


def _comments(source: str) -> Iterator[str]:
    """Comments, those on consecutive lines joined."""
    block: list[str] = []
    layout = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            text = token.string.lstrip("#: ")
            if text and not TOOL_COMMENT.match(text):
                block.append(text)
        elif token.type not in layout:
            yield " ".join(block)
            block = []


def check_rooms(root: Path, rooms: tuple[str, ...] = ROOMS) -> list[str]:
    """One sentence for each room above the limit, with its share and its worst files."""
    breaches = []
    for room in rooms:
        files = [
            path for path in sorted((root / room).rglob("*.py")) if "migrations" not in path.parts
        ]
        leaning, total = measure(path.read_text(encoding="utf-8") for path in files)
        if leaning * 100 > LIMIT_PERCENT * total:
            worst = sorted(files, key=lambda path: -measure(iter([path.read_text()]))[0])
            names = ", ".join(path.relative_to(root).as_posix() for path in worst[:3])
            breaches.append(
                f"{room}: {100 * leaning / total:.0f} % of the sentences lean on a pronoun, "
                f"at most {LIMIT_PERCENT} % may; most of them in {names}"
            )
    return breaches


def main() -> int:
    """Print the rooms above the limit; 1 if there are any."""
    breaches = check_rooms(Path(__file__).resolve().parents[2])
    print("\n".join(breaches) or f"Prose: {len(ROOMS)} rooms within {LIMIT_PERCENT} %.")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
