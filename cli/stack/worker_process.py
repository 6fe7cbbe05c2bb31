"""The two processes that do the work: Prefect's worker and the bot.

environment -> `prefect worker start` -> flow runs;  environment -> `python -m telegram.bot`
"""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

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


def build_job_defaults(settings: CliSettings) -> Mapping[str, Any]:
    """Job variables of every run on our pool that does not say otherwise."""
    if settings.worker_type == "warm":
        return {"mode": settings.worker_mode}
    # One interpreter for each run: without a command Prefect starts two, one after the other.
    return {"command": "python -m prefect.engine"}


def build_worker_command(name: str, *, queues: Sequence[str] = ()) -> list[str]:
    """The worker on our pool; `name` is what the UI calls it. Without queues it asks them all."""
    kind = CliSettings().worker_type
    return [
        *(sys.executable, "-m", "prefect", "worker", "start"),
        *("--pool", WORK_POOL, "--type", kind, "--name", name, "--limit", str(RUN_LIMITS[kind])),
        *(part for queue in queues for part in ("--work-queue", queue)),
    ]


def build_bot_command() -> list[str]:
    """The Telegram bot; its token is in the environment."""
    return [sys.executable, "-m", "telegram.bot"]


def name_worker(number: int) -> str:
    """What the stack calls its worker of that number, from 1 on."""
    return WORKER if number == 1 else f"{WORKER}-{number}"


def start_worker(home: Home, *, environment: Mapping[str, str], number: int = 1) -> Child:
    """Start a worker; it asks for runs from then on."""
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
