"""What a warm worker reads from the environment: its patience, and how long one process serves.

environment (QUORUM_WORKER_...), then .env, then the defaults below -> WorkerSettings
"""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WorkerSettings(BaseSettings):
    """
    Settings of the warm worker.

    Attributes:
        drain_seconds: for running cycles, once it is told to stop.
        hung_seconds: without an answer of the runs' loop, then the process ends.
        run_seconds: of one run, then it is interrupted; twice what a cycle's own timeout allows.
        max_runs, max_seconds, max_mb: runs taken, age and resident memory of one process, then
            it is renewed.
        watch_code: renew it, too, when our code or `.env` has changed.
    """

    model_config = SettingsConfigDict(env_prefix="QUORUM_WORKER_", env_file=".env", extra="ignore")

    drain_seconds: float = Field(60.0, ge=0)
    hung_seconds: float = Field(60.0, gt=0)
    run_seconds: float = Field(1200.0, gt=0)
    max_runs: int = Field(5000, ge=1)
    max_seconds: float = Field(86_400.0, ge=0)
    max_mb: float = Field(2000.0, gt=0)
    watch_code: bool = True
