"""Settings of the warm worker: timeouts, and the limits that recycle a process.

environment (QUORUM_WORKER_...), then .env, then the defaults below -> WorkerSettings
"""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WorkerSettings(BaseSettings):
    """
    Settings of the warm worker.

    Attributes:
        drain_seconds: time for running cycles to end after a stop signal.
        hung_seconds: longest silence of the runs' event loop before the process exits.
        run_seconds: longest run before an interrupt; twice the timeout of a cycle.
        max_runs, max_seconds, max_mb: runs taken, age and resident memory at which a process is
            recycled.
        watch_code: also recycle the process after a change of our code or `.env`.
    """

    model_config = SettingsConfigDict(env_prefix="QUORUM_WORKER_", env_file=".env", extra="ignore")

    drain_seconds: float = Field(60.0, ge=0)
    hung_seconds: float = Field(60.0, gt=0)
    run_seconds: float = Field(1200.0, gt=0)
    max_runs: int = Field(5000, ge=1)
    max_seconds: float = Field(86_400.0, ge=0)
    max_mb: float = Field(2000.0, gt=0)
    watch_code: bool = True
