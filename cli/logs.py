"""Where the command line writes what people need not read: one rotating file in the home.

logging -> QUORUM_HOME/logs/quorum.log

Messages carry ids and sentences, never values that a user gave: those may be keys.
"""

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG_BYTES = 5_000_000
LOG_FILES = 3
FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def log_to_home() -> Path:
    """Send the root logger to the home's log file, once; answers its path."""
    from cli.settings import CliSettings

    path = (CliSettings().home / "logs" / "quorum.log").absolute()
    root = logging.getLogger()
    if not any(getattr(handler, "baseFilename", "") == str(path) for handler in root.handlers):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES)
        handler.setFormatter(logging.Formatter(FORMAT))
        root.addHandler(handler)
    return path
