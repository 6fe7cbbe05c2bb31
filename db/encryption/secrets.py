"""Secret files: created once, readable by the owner only.

`load_or_create` is safe for simultaneous starts: the first hard link wins, and both processes read
the same secret. No secret is ever part of a name, a message or a log line.
"""

import os
import secrets as random_source
from collections.abc import Callable
from pathlib import Path

from trading.domain.errors import PermanentError

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def make_password() -> str:
    """A password of 32 random bytes, URL-safe."""
    return random_source.token_urlsafe(32)


def load_or_create(path: Path, *, make: Callable[[], str] = make_password) -> str:
    """
    Return the secret in `path`; a missing secret is created by `make` and stored.

    Raises:
        PermanentError: when the file is empty or can't be read.
    """
    if not path.exists():
        _create(path, text=make())
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise PermanentError(f"The secret file {path.name} can't be read.") from error
    if not text:
        raise PermanentError(f"The secret file {path.name} is empty: restore it from a backup.")
    return text


def replace_secret(path: Path, *, text: str) -> None:
    """Replace the content of `path` by `text` atomically: never a partial secret."""
    draft = _write_draft(path, text=text)
    draft.replace(path)


def _create(path: Path, *, text: str) -> None:
    draft = _write_draft(path, text=text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: read the other secret
    finally:
        draft.unlink()


def _write_draft(path: Path, *, text: str) -> Path:
    path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    path.parent.chmod(FOLDER_MODE)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{random_source.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft
