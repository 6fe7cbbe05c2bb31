"""Commands of the worker process and of the bot process.

environment -> `prefect worker start` -> flow runs;  environment -> `python -m telegram.bot`
"""

import sys
from collections.abc import Mapping, Sequence

from blocks.prefect.specs import WORK_POOL
from cli.base.home import Home
from cli.base.settings import CliSettings
from cli.stack.processes import Child, start_child

WORKER = "worker"
RUN_LIMITS: Mapping[str, int] = {"warm": 50, "process": 8}
"""Runs at a time. In a process each is an interpreter of some 450 MB and a busy core while it
starts; a warm one mostly waits for venues and models."""
DRAIN = {"QUORUM_WORKER_DRAIN_SECONDS": "5"}
"""Of a warm worker, once told to stop: `quorum up` has let the runs end before it tells it."""


def build_worker_command(name: str, *, queues: Sequence[str] = ()) -> list[str]:
    """Command of the worker; `name` is shown in the UI. No queues means all queues."""
    kind = CliSettings().worker_type
    return [
        *(sys.executable, "-m", "prefect", "worker", "start"),
        *("--pool", WORK_POOL, "--type", kind, "--name", name, "--limit", str(RUN_LIMITS[kind])),
        *(part for queue in queues for part in ("--work-queue", queue)),
    ]


def build_bot_command() -> list[str]:
    """Command of the Telegram bot; the environment holds the token."""
    return [sys.executable, "-m", "telegram.bot"]


def name_worker(number: int) -> str:
    """Name of the stack's worker with a number, from 1 on."""
    return WORKER if number == 1 else f"{WORKER}-{number}"


def start_worker(home: Home, *, environment: Mapping[str, str], number: int = 1) -> Child:
    """Start a worker; the worker polls for runs from then on."""
    name = name_worker(number)
    return start_child(
        name,
        build_worker_command(name.replace(WORKER, "local")),
        environment={**DRAIN, **environment},
        home=home.root,
        log=home.logs / f"{name}.log",
    )


def start_bot(home: Home, *, environment: Mapping[str, str]) -> Child:
    """Start the Telegram bot."""
    return start_child(
        "bot",
        build_bot_command(),
        environment=environment,
        home=home.root,
        log=home.logs / "bot.log",
    )
