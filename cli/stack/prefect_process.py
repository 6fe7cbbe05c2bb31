"""Prefect's command line, with the server's libraries excluded from garbage collection.

    python -m cli.stack.prefect_process server start --host 127.0.0.1 --port 4200

A full collection of the server's heap takes a third of a second, some twice a minute under load,
and delays every answer meanwhile.
"""

import prefect.server.api.server  # noqa: F401 (what the server imports when it starts)
from prefect.cli import app

from flows.worker.preload import freeze_heap

if __name__ == "__main__":
    freeze_heap()
    app()
