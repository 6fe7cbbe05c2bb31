"""Shared by the attacks: a stage, a Prefect server, a pool and workers."""

from tests.db.conftest import server_folder
from tests.flows.conftest import prefect_api
from tests.flows.worker.worker_stage import pool, start_worker
from tests.stage import stage

__all__ = ["pool", "prefect_api", "server_folder", "stage", "start_worker"]
