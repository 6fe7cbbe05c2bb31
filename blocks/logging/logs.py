"""Logs: a line of JSON for each event in a rotating file, and readable lines at the console.

logging (ours, Prefect's, libraries') -> structlog: time, level, correlation -> scrubbed -> file

Levels: warning (a feed is down), error (a model timed out), critical (a stop can't be placed, a
breaker opens), fatal is critical too and ends the process. Correlation (`user`, `pair`, `cycle`)
is bound when a cycle is opened and appears in every line of the cycle, libraries' lines included.

A rotating file has a single writer: a second writer would go on writing into the rotated file.
Each process locks a separate file; the second worker of a home writes `worker-2.jsonl`.
"""

import logging
from collections.abc import MutableMapping
from datetime import datetime
from itertools import count
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, override

import structlog
from filelock import FileLock, Timeout

from blocks.logging.scrubbing import Scrubber, list_secret_values

LOG_BYTES = 10_000_000
LOG_FILES = 5
PREFECT_LOGGERS = ("prefect", "prefect.flow_runs", "prefect.task_runs")
"""They do not pass their lines on to the root."""


class ProcessLog(RotatingFileHandler):
    """
    A log file locked for the current process until closed.

    Args:
        folder: created with permissions for the owner only.
        process: worker, bot. The first worker of a folder gets `worker.jsonl`, the second
            `worker-2.jsonl`.
    """

    def __init__(self, folder: Path, *, process: str) -> None:
        self.folder, self.process = folder.absolute(), process
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path, self._lock = _lock_free_name(self.folder, process)
        super().__init__(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES)

    @override
    def close(self) -> None:
        super().close()
        self._lock.release()


def _lock_free_name(folder: Path, process: str) -> tuple[Path, FileLock]:
    for number in count(1):
        name = process if number == 1 else f"{process}-{number}"
        lock = FileLock(folder / f".{name}.lock", timeout=0, mode=0o600, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            continue
        return folder / f"{name}.jsonl", lock
    raise AssertionError("there is always one more name")


def open_process_log(folder: Path, *, process: str, scrubber: Scrubber | None = None) -> Path:
    """
    Write this process's log to a separate file in `folder`, once; returns the path.

    Args:
        process: worker, bot, metrics, cli; see `ProcessLog`.
        scrubber: of this process's environment when None.
    """
    root = logging.getLogger()
    for kept in root.handlers:
        if isinstance(kept, ProcessLog) and (kept.folder, kept.process) == (
            folder.absolute(),
            process,
        ):
            return Path(kept.baseFilename)
    handler = open_log(folder, process=process, scrubber=scrubber)
    root.addHandler(handler)
    for name in PREFECT_LOGGERS:
        if not logging.getLogger(name).propagate:
            logging.getLogger(name).addHandler(handler)
    return Path(handler.baseFilename)


def open_log(folder: str | Path, *, process: str, scrubber: Scrubber | None = None) -> ProcessLog:
    """The handler alone, for a logging configuration."""
    handler = ProcessLog(Path(folder), process=process)
    handler.setFormatter(build_formatter(scrubber or Scrubber(list_secret_values())))
    return handler


def build_formatter(scrubber: Scrubber, *, is_readable: bool = False) -> logging.Formatter:
    """Formatter for a line of JSON, or a readable line."""
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


def bind_cycle(*, user: int, pair: str, cycle: datetime) -> None:
    """Bind user, pair and cycle to every later line of this task and of child tasks."""
    structlog.contextvars.bind_contextvars(user=user, pair=pair, cycle=cycle.isoformat())


def _build_scrubbing(scrubber: Scrubber) -> Any:
    def scrub(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Any:
        return {
            name: scrubber.scrub(value) if isinstance(value, str) else value
            for name, value in event.items()
        }

    return scrub
