"""Fork mode: a run in a child of its own, forked from a process that has imported everything.

worker -> fork server (imports only: no threads, connections or loop) -> child -> Prefect's engine

Python's own fork server does it: the worker has threads and a loop, so it can't be the parent. The
server is warmed with the flows and their libraries; what they made is frozen (`gc.freeze`), so
that no collection in a child touches, and thereby copies, the parent's pages.
A child that is told to stop ends by Prefect's own handling of SIGTERM; the kernel kills the fork
server with its worker, and the children with the fork server.
"""

import asyncio
import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from multiprocessing.context import ForkServerProcess
from typing import Any
from uuid import UUID

from prefect import Flow
from prefect.client.schemas.objects import FlowRun

from flows.worker.preload import freeze_heap

PRELOADED = "flows.worker.forks_warm"
PR_SET_PDEATHSIG = 1
KILL_AFTER_SECONDS = 8.0
HAND_OVER_SECONDS = 3.0


class Forks:
    """The children of one worker, by flow run."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["__main__", PRELOADED])
        self._children: dict[UUID, ForkServerProcess] = {}

    async def start(self, flow_run: FlowRun, *, entrypoint: str) -> int:
        """Begin a run; the child's process id. The first start waits for the imports."""
        child = self._context.Process(
            target=run_child,
            args=(flow_run.model_dump_json(), entrypoint),
            name=f"run-{flow_run.id}",
            daemon=True,
        )
        self._children[flow_run.id] = child
        await asyncio.to_thread(child.start)
        assert child.pid is not None
        return child.pid

    async def wait(self, flow_run_id: UUID) -> int:
        """The child's exit status once it has ended; negative for the signal that killed it."""
        child = self._children[flow_run_id]
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(child.sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(child.sentinel)
        child.join()
        del self._children[flow_run_id]
        assert child.exitcode is not None
        return child.exitcode

    async def stop(self, flow_run_id: UUID) -> None:
        """Ask the child to end, then kill it; nothing when it has ended."""
        if (child := self._children.get(flow_run_id)) is None or child.pid is None:
            return
        child.terminate()
        await asyncio.sleep(KILL_AFTER_SECONDS)
        if flow_run_id in self._children:
            child.kill()


def warm_up(entrypoints: Sequence[str], *, modules: Sequence[str]) -> None:
    """
    In the fork server: import everything that a run needs.

    Raises:
        RuntimeError: when an import started a thread: a fork would lose it, and its locks.
    """
    die_with_parent()  # its children would keep it alive, and it them
    for name in (*modules, *(entrypoint.rpartition(".")[0] for entrypoint in entrypoints)):
        import_module(name)
    if threading.active_count() > 1:
        names = ", ".join(thread.name for thread in threading.enumerate())
        raise RuntimeError(f"An import started a thread, so nothing can be forked: {names}.")
    freeze_heap()


def run_child(run_json: str, entrypoint: str) -> None:
    """In the child: the run, through Prefect's engine; its end is recorded by that."""
    die_with_parent()
    from prefect.engine import handle_engine_signals  # noqa: PLC0415 - only a child needs it

    flow_run = FlowRun.model_validate_json(run_json)
    flow: Flow[..., Any] = getattr(
        import_module(entrypoint.rpartition(".")[0]), entrypoint.rpartition(".")[2]
    )
    status = 1
    try:
        with handle_engine_signals(flow_run.id):
            asyncio.run(_run(flow, flow_run))
        status = 0
    except SystemExit as ended:  # the engine's way of saying that the state is set
        status = ended.code if isinstance(ended.code, int) else 0
    finally:
        _hand_over()
        # Prefect's log service waits for itself at the interpreter's end, for ever in a fork.
        os._exit(status)


def _hand_over() -> None:
    """Let events and logs that are still on their way reach the server."""
    from prefect.events.worker import EventsWorker  # noqa: PLC0415 - only a child needs it
    from prefect.logging.handlers import APILogWorker  # noqa: PLC0415 - as above

    EventsWorker.drain_all(timeout=HAND_OVER_SECONDS)
    APILogWorker.drain_all(timeout=HAND_OVER_SECONDS)


async def _run(flow: Flow[..., Any], flow_run: FlowRun) -> None:
    from prefect.flow_engine import run_flow_async  # noqa: PLC0415 - as above

    await run_flow_async(
        flow,
        flow_run=flow_run.model_copy(update={"deployment_id": None}),
        parameters=flow_run.parameters,
        return_type="state",
    )


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends; only Linux can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
