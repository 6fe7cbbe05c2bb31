"""Settings of the commands: limits of the installation, conditions of live trading, waiting times.

environment (QUORUM_...), then .env, then the defaults below -> CommandSettings
"""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from trading.risk.limits import RiskLimits


class CommandSettings(BaseSettings):
    """
    Settings of every surface.

    Attributes:
        limits: risk limits of the installation; the worker reads the same variables.
        raise_hours: hours between the confirmation of a looser limit and its start.
        live_days, live_trades: days and closed trades on paper before live trading.
        live_unlocked: allows live trading in this installation; the worker has the same lock.
        lookup_seconds: longest wait for a flow that looks up a pair or verifies a key.
    """

    model_config = SettingsConfigDict(
        env_prefix="QUORUM_",
        env_file=".env",
        env_nested_delimiter="__",
        extra="ignore",
        hide_input_in_errors=True,
    )

    limits: RiskLimits = RiskLimits()
    raise_hours: float = Field(1, gt=0, le=168)
    live_days: int = Field(30, ge=0, le=365)
    live_trades: int = Field(20, ge=0, le=1000)
    live_unlocked: bool = False
    lookup_seconds: float = Field(30, gt=0, le=300)

    @property
    def raise_wait(self) -> timedelta:
        """`raise_hours` as a duration."""
        return timedelta(hours=self.raise_hours)
