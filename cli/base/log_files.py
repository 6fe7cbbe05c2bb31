"""Log files without a user: lines about the user are blanked, mentions are masked, in place.

folder, UserMarks -> number of changed lines

Processes go on writing to the files meanwhile: no byte moves and no file changes its length, so
nothing that another process appends is lost.
"""

import re
from pathlib import Path

from trading.security.erasure import UserMarks

PATTERNS = ("*.jsonl*", "*.log*")
BLANK = b" "
COVER = b"*"


def forget_in_logs(folder: Path, *, marks: UserMarks) -> int:
    """Remove the user from all log files below the folder; the number of changed lines."""
    files = sorted({file for pattern in PATTERNS for file in folder.rglob(pattern)})
    return sum(_forget_in_file(file, marks=marks) for file in files if file.is_file())


def _forget_in_file(file: Path, *, marks: UserMarks) -> int:
    about = re.compile(marks.about.encode(), re.IGNORECASE)
    words = re.compile(marks.words.encode(), re.IGNORECASE)
    count = 0
    with file.open("r+b") as opened:
        while line := opened.readline():
            body = line.rstrip(b"\r\n")
            clean = BLANK * len(body) if about.search(body) else words.sub(_cover, body)
            if clean != body:
                end = opened.tell()
                opened.seek(end - len(line))
                opened.write(clean)
                opened.seek(end)
                count += 1
    return count


def _cover(found: re.Match[bytes]) -> bytes:
    return COVER * len(found.group())
