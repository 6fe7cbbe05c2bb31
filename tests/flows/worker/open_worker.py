"""Prefect's command line, with a warm worker that also admits the flows of these tests."""

import signal

from prefect.cli import app

from blocks.prefect.specs import ENTRYPOINTS
from flows.worker.worker import WarmWorker

OPEN_TYPE = "warm-test"
FLOWS = {
    name: f"tests.flows.worker.worker_flows.{name.replace('-', '_')}"
    for name in ("wait-here", "go-wrong", "look-at-heap", "hold-up")
}


class OpenWorker(WarmWorker):
    """The warm worker with a larger table."""

    type = OPEN_TYPE
    entrypoints = ENTRYPOINTS | frozenset(FLOWS.values())


if __name__ == "__main__":
    # A background job of a script starts with SIGINT ignored; Prefect's worker ends by SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    app()
