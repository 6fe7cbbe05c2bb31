"""Settings of the tasks from the environment: waits, limits, folders.

environment (QUORUM_...), then .env, then the defaults below -> TaskSettings

Every risk limit can be set for the whole installation as QUORUM_LIMITS__NAME, for example
QUORUM_LIMITS__MAX_LEVERAGE=2; a user's limit in the database only tightens the installation's
limit.
"""

from datetime import timedelta
from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from trading.council.news_question import NewsUse
from trading.risk.limits import RiskLimits


class TaskSettings(BaseSettings):
    """
    Settings of the tasks room.

    Attributes:
        home: folder that holds `results/`.
        limits: the installation's risk limits, `limits.quorum` is the council's.
        read_attempts: tries of one read, the first included.
        read_backoff_seconds: wait before the second try; it doubles from there.
        read_max_wait_seconds: no single wait is longer; a venue that asks for more is given up.
        fetch_deadline_seconds: all of one shared fetch, its retries included.
        council_deadline_seconds: all models answer by then or abstain.
        feed_deadline_seconds: the same for one news feed.
        news: use of the news by the council: confirm (mood in the first question, headlines in
            the second), mood (no second question), off (no feed is read).
        intent_lease_seconds: how long a claimed intent is its sender's alone; longer
            than a venue's deadline, short because a stop may have to wait for it.
        doubt_horizon_hours: an order that no look-up showed for so long was never placed.
        doubt_waits_seconds: waits between the first look-ups of an order in doubt.
        protect_waits_seconds: the same for a stop, which has to rest within 5 s of the fill.
        interrupt_after_minutes: an unclosed cycle of that age has lost its process.
        shared_hours: how long results of shared work are kept.
        paper_order_seconds: what a paper order takes to be answered, as a real venue's would.
        live_unlocked: whether real accounts may be entered; exits and stops need no permission.
    """

    model_config = SettingsConfigDict(
        env_prefix="QUORUM_", env_file=".env", env_nested_delimiter="__", extra="ignore"
    )

    home: Path = Path(".quorum")
    limits: RiskLimits = RiskLimits()
    read_attempts: int = Field(4, ge=1, le=10)
    read_backoff_seconds: float = Field(0.5, gt=0, le=60)
    read_max_wait_seconds: float = Field(20, gt=0, le=300)
    fetch_deadline_seconds: float = Field(60, gt=0, le=600)
    council_deadline_seconds: float = Field(90, gt=0, le=600)
    feed_deadline_seconds: float = Field(10, gt=0, le=120)
    news: NewsUse = NewsUse.CONFIRM
    intent_lease_seconds: float = Field(15, gt=0, le=3600)
    doubt_horizon_hours: float = Field(24, gt=0, le=72)
    doubt_waits_seconds: tuple[float, ...] = (1, 2, 4, 8)
    protect_waits_seconds: tuple[float, ...] = (0.5, 1, 2)
    interrupt_after_minutes: float = Field(20, gt=0, le=240)
    shared_hours: float = Field(6, gt=0, le=240)
    paper_order_seconds: float = Field(0, ge=0, le=10)
    live_unlocked: bool = False

    @property
    def results(self) -> Path:
        """Folder of the shared results, absolute."""
        return (self.home / "results").resolve()

    @property
    def intent_lease(self) -> timedelta:
        """`intent_lease_seconds` as a duration."""
        return timedelta(seconds=self.intent_lease_seconds)

    @property
    def interrupt_after(self) -> timedelta:
        """`interrupt_after_minutes` as a duration."""
        return timedelta(minutes=self.interrupt_after_minutes)

    @property
    def doubt_horizon(self) -> timedelta:
        """`doubt_horizon_hours` as a duration."""
        return timedelta(hours=self.doubt_horizon_hours)


@cache
def task_settings() -> TaskSettings:
    """The settings of this process, read once."""
    return TaskSettings()


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
        keep_cassette_days: questions and raw answers of the models.
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
    keep_cassette_days: float = Field(800, ge=1)

    @property
    def clock_offset(self) -> timedelta:
        """`clock_offset_ms` as a duration."""
        return timedelta(milliseconds=self.clock_offset_ms)


@cache
def watch_settings() -> WatchSettings:
    """The settings of this process, read once."""
    return WatchSettings()
