"""What the watchdog takes for too much, and how long things are kept.

environment (QUORUM_WATCH_...), then .env, then the defaults below -> WatchSettings
"""

from datetime import timedelta
from functools import cache

from pydantic import Field
from pydantic_settings import BaseSettings
from pydantic_settings import SettingsConfigDict


class WatchSettings(BaseSettings):
    """
    Limits of the watch.

    Attributes:
        failure_ratio: share (0..1] of a model's votes, or of a venue's cycles, that may fail.
        least_samples: fewer votes or cycles say nothing.
        breakers: as many opened within an hour are a storm.
        clock_offset_ms: that far the database's clock may be from ours.
        disk_free_ratio: share of the home's disk that has to be free.
        database_gb: size of the database that somebody has to look at.
        worker_silence_seconds: a worker says every 30 s that it lives.
        stuck_minutes: a run of that age is stuck: every flow ends itself before.
        keep_snapshots_days, keep_alerts_days, keep_cycles_days: looks at the market, messages that
            were delivered, cycles that did nothing (with their votes).
    """

    model_config = SettingsConfigDict(env_prefix="QUORUM_WATCH_", env_file=".env", extra="ignore")

    failure_ratio: float = Field(0.5, gt=0, le=1)
    least_samples: int = Field(6, ge=1)
    breakers: int = Field(3, ge=1)
    clock_offset_ms: float = Field(500, gt=0)
    disk_free_ratio: float = Field(0.1, gt=0, lt=1)
    database_gb: float = Field(20, gt=0)
    worker_silence_seconds: float = Field(120, gt=0)
    stuck_minutes: float = Field(20, gt=0)
    keep_snapshots_days: float = Field(30, ge=1)
    keep_alerts_days: float = Field(90, ge=1)
    keep_cycles_days: float = Field(400, ge=1)

    @property
    def clock_offset(self) -> timedelta:
        """`clock_offset_ms` as a duration."""
        return timedelta(milliseconds=self.clock_offset_ms)


@cache
def watch_settings() -> WatchSettings:
    """The settings of this process, read once."""
    return WatchSettings()
