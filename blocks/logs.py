"""Logs: one line of JSON for each event in a rotating file, and readable ones at the console.

logging (ours, Prefect's, libraries') -> structlog: time, level, correlation -> scrubbed -> file

Levels: warning (a feed is down), error (a model timed out), critical (a stop that can't be placed,
a breaker), fatal is critical too and ends the process. Correlation (`user`, `pair`, `cycle`) is
bound where a cycle is opened and stands on every line that the cycle causes, libraries' too.
"""

import logging
from collections.abc import MutableMapping
from contextlib import AbstractContextManager
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import structlog

from blocks.scrubbing import Scrubber
from blocks.scrubbing import list_secret_values

LOG_BYTES = 10_000_000
LOG_FILES = 5
PREFECT_LOGGERS = ("prefect", "prefect.flow_runs", "prefect.task_runs")
"""They do not pass their lines on to the root."""


def keep_log(folder: Path, *, process: str, scrubber: Scrubber | None = None) -> Path:
    """
    Write this process's log to `folder`/`process`.jsonl, once; answers the path.

    Args:
        folder: made for its owner only.
        process: worker, metrics; several of a kind share the file's name, not the folder.
        scrubber: of this process's environment when None.
    """
    path = (folder / f"{process}.jsonl").absolute()
    root = logging.getLogger()
    if any(getattr(handler, "baseFilename", "") == str(path) for handler in root.handlers):
        return path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES)
    handler.setFormatter(build_formatter(scrubber or Scrubber(list_secret_values())))
    root.addHandler(handler)
    for name in PREFECT_LOGGERS:
        if not logging.getLogger(name).propagate:
            logging.getLogger(name).addHandler(handler)
    return path


def build_formatter(scrubber: Scrubber, *, is_readable: bool = False) -> logging.Formatter:
    """One line for an event: JSON, or for people."""
    render: Any = structlog.processors.JSONRenderer()
    if is_readable:
        render = structlog.dev.ConsoleRenderer(colors=False)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _build_scrubbing(scrubber),
            render,
        ],
    )


def correlate(*, user: int, pair: str, cycle: datetime) -> None:
    """Have every line from here on, in this task and those it starts, say whose cycle it is."""
    structlog.contextvars.bind_contextvars(user=user, pair=pair, cycle=cycle.isoformat())


def correlated(*, user: int, pair: str, cycle: datetime) -> AbstractContextManager[object]:
    """The same, for the length of a block."""
    return structlog.contextvars.bound_contextvars(user=user, pair=pair, cycle=cycle.isoformat())


def _build_scrubbing(scrubber: Scrubber) -> Any:
    def scrub(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Any:
        return {
            name: scrubber.scrub(value) if isinstance(value, str) else value
            for name, value in event.items()
        }

    return scrub
