"""Executor of the warm worker: runs flows in one thread, with one event loop and shared clients.

worker (main thread: polls, signals) -> FlowRunExecutor (own thread) -> Prefect's flow engine

Decisions:
- a separate thread, because the flow engine handles SIGTERM in the main thread: stopping the
  worker would crash the runs instead of letting the runs end. A busy run delays neither the
  polls nor the heartbeats of the worker;
- a single loop for all runs, because the connections of the database and the venues belong to a
  loop: every run reuses the connections opened by the first;
- a run taken early waits in this loop: the engine would propose RUNNING, be told to wait, and
  propose again;
- the engine receives the run without the id of its deployment, and reads the id again a moment
  later. With the id, each run would start a thread with a loop, a client and a websocket only to
  learn of a suspension, and would block this loop meanwhile. Quorum suspends no runs.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextvars import Context, copy_context
from typing import Any
from uuid import UUID

from prefect import Flow
from prefect.client.schemas.objects import FlowRun
from prefect.flow_engine import run_flow_async

from flows.worker.shared_clients import share_clients

START_SECONDS = 60.0
STOP_SECONDS = 10.0


class FlowRunExecutor:
    """
    Runs flows in its own thread. Only the worker's thread calls the methods.

    Args:
        background: runs in the same loop from the start to the end of the thread.
    """

    def __init__(
        self, *, background: Callable[[], Coroutine[Any, Any, None]] | None = None
    ) -> None:
        self._background = background
        self._tasks: dict[UUID, asyncio.Task[Any]] = {}
        self._ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, Context]] = Future()
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Start the thread; the thread inherits the Prefect settings of this context."""
        inherited = copy_context()
        self._thread = threading.Thread(
            target=inherited.run, args=(asyncio.run, self._host()), name="engine", daemon=True
        )
        self._thread.start()
        self._ready.result(timeout=START_SECONDS)

    def close(self) -> None:
        """Cancel the remaining runs and end the thread; waits for at most 10 s."""
        if self._thread is None:
            return
        loop, stop, _ = self._ready.result()
        loop.call_soon_threadsafe(stop.set)
        self._thread.join(STOP_SECONDS)
        self._thread = None

    def submit(self, flow: Flow[..., Any], flow_run: FlowRun) -> Future[None]:
        """
        Start a run.

        The future ends with the run in any state: a failed flow is no error of the executor. The
        future raises only the engine's errors: Abort, Pause, a lost API, a cancellation.
        """
        return self.spawn(self._execute(flow, flow_run))

    def spawn[T](self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine in the loop of the runs, with the connections of the runs."""
        loop, _, context = self._ready.result()
        started: Future[T] = context.copy().run(asyncio.run_coroutine_threadsafe, work, loop)
        return started

    def cancel(self, flow_run_id: UUID) -> None:
        """Interrupt a run at its next await; the future ends once the run has reported so."""
        loop, _, _ = self._ready.result()
        loop.call_soon_threadsafe(self._interrupt, flow_run_id)

    async def is_responsive(self, *, seconds: float) -> bool:
        """Whether the loop answers within `seconds`; a run without awaits blocks the loop."""
        loop, _, _ = self._ready.result()
        answer = asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop)
        done, _ = await asyncio.wait([asyncio.wrap_future(answer)], timeout=seconds)
        return bool(done)

    async def _host(self) -> None:
        stop = asyncio.Event()
        async with share_clients(), asyncio.TaskGroup() as group:
            self._ready.set_result((asyncio.get_running_loop(), stop, copy_context()))
            background = group.create_task(self._background()) if self._background else None
            await stop.wait()
            if background is not None:
                background.cancel()
            left = list(self._tasks.values())
            for task in left:
                task.cancel()
            if left:
                await asyncio.wait(left, timeout=STOP_SECONDS / 2)

    async def _execute(self, flow: Flow[..., Any], flow_run: FlowRun) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks[flow_run.id] = task
        try:
            await asyncio.sleep(compute_wait(flow_run, now=time.time()))
            await run_flow_async(
                flow,
                flow_run=flow_run.model_copy(update={"deployment_id": None}),
                parameters=flow_run.parameters,
                return_type="state",
            )
        finally:
            del self._tasks[flow_run.id]

    def _interrupt(self, flow_run_id: UUID) -> None:
        if (task := self._tasks.get(flow_run_id)) is not None:
            task.cancel()


def compute_wait(flow_run: FlowRun, *, now: float) -> float:
    """Seconds until the run is due, 0 for a due run. `now` is Unix time."""
    due = flow_run.next_scheduled_start_time
    return 0.0 if due is None else max(due.timestamp() - now, 0.0)
