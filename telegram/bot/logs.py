"""The bot's log: JSON lines to a file, readable lines to standard error, both without the token.

A traceback of an HTTP library may quote a Bot API address, and the token is part of the address.
"""

import logging
from pathlib import Path
from typing import override

from pydantic import SecretStr

from blocks.logging.logs import open_process_log
from blocks.logging.scrubbing import Scrubber, list_secret_values

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
HIDDEN = "***"


class HidingFormatter(logging.Formatter):
    """Replaces a secret by stars, in messages and in tracebacks."""

    def __init__(self, secret: str) -> None:
        super().__init__(FORMAT)
        self._secret = secret

    @override
    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        return line.replace(self._secret, HIDDEN) if self._secret else line


def keep_logs(folder: Path, *, token: SecretStr | None) -> Path:
    """Send INFO and above to standard error and `folder`; returns the file."""
    log_to_stderr(token)
    values = (*list_secret_values(), *([token.get_secret_value()] if token else []))
    return open_process_log(folder, process="bot", scrubber=Scrubber(values))


def log_to_stderr(token: SecretStr | None) -> None:
    """Send INFO and above to standard error, and only warnings of libraries."""
    handler = logging.StreamHandler()
    handler.setFormatter(HidingFormatter(token.get_secret_value() if token else ""))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in ("httpx", "aiogram.event"):
        logging.getLogger(name).setLevel(logging.WARNING)
