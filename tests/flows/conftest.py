"""What the tests of the flows share: a stage, and a Prefect server that records their runs."""

from collections.abc import AsyncIterator

import pytest
from prefect.settings import PREFECT_LOGGING_TO_API_ENABLED, temporary_settings

from flows.worker.shared_clients import share_clients
from tests.flows.worker.worker_stage import pool, start_worker
from tests.prefect_server import PrefectServer
from tests.stage import stage

__all__ = ["pool", "prefect_api", "stage", "start_worker"]


@pytest.fixture
async def prefect_api(prefect_server: PrefectServer) -> AsyncIterator[PrefectServer]:
    """Flows that a test calls report to the session's server."""
    # Logs are sent in the background, some after the server has gone.
    with (
        prefect_server.as_settings(),
        temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: False}),
    ):
        async with share_clients():
            yield prefect_server
