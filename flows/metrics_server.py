"""The metrics process: reads the figures every 15 s and serves Prometheus.

database, Prefect -> Meters -> http://HOST:PORT/metrics

    python -m flows.metrics_server --host 127.0.0.1 --port 9464
"""

import argparse
import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from prometheus_client import start_http_server

from blocks.logging.logs import open_process_log
from reports.texts.catalog import tell
from tasks.monitoring.metrics import Meters, read_figures
from tasks.monitoring.prefect_watch import count_workers
from tasks.runtime.container import Services, get_services, read_clock
from tasks.runtime.settings import TaskSettings
from trading.domain.errors import QuorumError

REFRESH_SECONDS = 15.0
DEFAULT_PORT = 9464

logger = logging.getLogger(__name__)


type CountWorkers = Callable[[datetime], Awaitable[int]]
"""Counts the workers with a heartbeat since an instant."""


async def refresh(
    services: Services, meters: Meters, *, count: CountWorkers = count_workers
) -> bool:
    """Update the gauges; return whether the database answered."""
    try:
        figures = await read_figures(services)
    except QuorumError as error:
        logger.warning("No figures: %s", tell(error))
        meters.show_failure()
        return False
    heard_since = read_clock() - timedelta(minutes=2)
    meters.show(figures, workers=await count(heard_since))
    return True


async def refresh_forever(meters: Meters) -> None:
    """Refresh until canceled."""
    while True:
        await refresh(await get_services(), meters)
        await asyncio.sleep(REFRESH_SECONDS)


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    asked = parser.parse_args()
    open_process_log(TaskSettings().home / "logs", process="metrics")
    meters = Meters()
    start_http_server(asked.port, addr=asked.host, registry=meters.registry)
    asyncio.run(refresh_forever(meters))


if __name__ == "__main__":
    main()
