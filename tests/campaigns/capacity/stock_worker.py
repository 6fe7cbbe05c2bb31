"""Prefect's command line with Prefect's own worker of the type `process`, for comparisons only.

Quorum replaces the type (`flows.worker.process_worker`); the bench puts Prefect's worker back. The
stock worker executes whatever the server names: never start it on a server of real users.
"""

import warnings

from prefect.cli import app
from prefect.utilities.dispatch import register_type
from prefect.workers.process import ProcessWorker

import flows.worker.process_worker  # noqa: F401 - replaces the type, so import it before

if __name__ == "__main__":
    with warnings.catch_warnings(action="ignore"):
        register_type(ProcessWorker)
    app()
