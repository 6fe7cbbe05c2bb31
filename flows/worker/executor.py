"""Where the warm worker's runs happen: one thread, one event loop, one pair of Prefect clients.

worker (main thread: polls, signals) -> EngineRoom (own thread) -> Prefect's flow engine

Decisions:
- a thread of its own, because the engine takes SIGTERM for itself in the main thread: a worker
  that is told to stop would crash its runs instead of letting them end. Nor does a busy run delay
  the worker's polls and heartbeats;
- one loop for all runs, because the database's pools and the venues' connections belong to a loop:
  every run uses what the first one opened;
- a run that was taken early waits here: the engine would ask to begin, be told to wait, and ask
  again;
- the run is handed to the engine without its deployment's id, which the engine reads again a
  moment later. With it, each run would start a thread with a loop, a client and a websocket only
  to hear that it is suspended, and would block this loop meanwhile. We suspend nothing.
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

from flows.worker.shared_clients import keep_clients

START_SECONDS = 60.0
STOP_SECONDS = 10.0


class EngineRoom:
    """
    Runs flows in its own thread. Its methods are called from the worker's thread only.

    Args:
        beside: goes on beside the runs, in their loop, from the opening to the end.
    """

    def __init__(self, *, beside: Callable[[], Coroutine[Any, Any, None]] | None = None) -> None:
        self._beside = beside
        self._tasks: dict[UUID, asyncio.Task[Any]] = {}
        self._ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, Context]] = Future()
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Start the thread; it inherits this context's Prefect settings."""
        inherited = copy_context()
        self._thread = threading.Thread(
            target=inherited.run, args=(asyncio.run, self._host()), name="engine", daemon=True
        )
        self._thread.start()
        self._ready.result(timeout=START_SECONDS)

    def close(self) -> None:
        """Cancel what still runs and end the thread; waits for it, but not for ever."""
        if self._thread is None:
            return
        loop, stop, _ = self._ready.result()
        loop.call_soon_threadsafe(stop.set)
        self._thread.join(STOP_SECONDS)
        self._thread = None

    def start(self, flow: Flow[..., Any], flow_run: FlowRun) -> Future[None]:
        """
        Begin a run.

        The future ends with the run, whatever its state: a flow that fails is no error here. What
        it raises is the engine's own: Abort, Pause, a lost API, a cancellation.
        """
        loop, _, context = self._ready.result()
        running: Future[None] = context.copy().run(
            asyncio.run_coroutine_threadsafe, self._execute(flow, flow_run), loop
        )
        return running

    def do(self, work: Coroutine[Any, Any, object]) -> Future[object]:
        """Have something done beside the runs, with what they have opened."""
        loop, _, context = self._ready.result()
        done: Future[object] = context.copy().run(asyncio.run_coroutine_threadsafe, work, loop)
        return done

    def cancel(self, flow_run_id: UUID) -> None:
        """Interrupt a run at its next await; its future ends when it has reported that."""
        self._call(lambda: self._interrupt(flow_run_id))

    async def measure_pulse(self, *, seconds: float) -> bool:
        """Whether the loop answers within `seconds`; a run that never awaits holds it up."""
        loop, _, _ = self._ready.result()
        answer = asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop)
        done, _ = await asyncio.wait([asyncio.wrap_future(answer)], timeout=seconds)
        return bool(done)

    async def _host(self) -> None:
        stop = asyncio.Event()
        async with keep_clients(), asyncio.TaskGroup() as group:
            self._ready.set_result((asyncio.get_running_loop(), stop, copy_context()))
            beside = group.create_task(self._beside()) if self._beside is not None else None
            await stop.wait()
            if beside is not None:
                beside.cancel()
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

    def _call(self, what: Callable[[], None]) -> None:
        loop, _, _ = self._ready.result()
        loop.call_soon_threadsafe(what)


def compute_wait(flow_run: FlowRun, *, now: float) -> float:
    """Seconds until the run is due; 0 when it is. `now` is Unix time."""
    due = flow_run.next_scheduled_start_time
    return 0.0 if due is None else max(due.timestamp() - now, 0.0)
