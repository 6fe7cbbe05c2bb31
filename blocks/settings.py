"""Settings of market data, work pool and the operator's alerts, from the environment.

environment (QUORUM_...), then .env, then the defaults below -> VenueSettings, PoolSettings,
OperatorAlertSettings
"""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from trading.domain.units import VenueName


class VenueSettings(BaseSettings):
    """
    Settings of the market data.

    Attributes:
        market: auto, live, sample or recorded:FILE.
        venue: preferred venue of live prices.
        sample_seed: of the made-up market.
        binance_url, bybit_url: hosts in place of the venues' public APIs (a proxy, a double),
            without a path; None for the venues' own hosts.
    """

    model_config = SettingsConfigDict(env_prefix="QUORUM_", env_file=".env", extra="ignore")

    market: str = "auto"
    venue: Literal[VenueName.BINANCE, VenueName.BYBIT] = VenueName.BINANCE
    sample_seed: int = 7
    binance_url: str | None = None
    bybit_url: str | None = None

    @property
    def urls(self) -> dict[VenueName, str]:
        """The stand-in hosts by venue."""
        named = {VenueName.BINANCE: self.binance_url, VenueName.BYBIT: self.bybit_url}
        return {venue: url for venue, url in named.items() if url}


class PoolSettings(BaseSettings):
    """
    Settings of the work pool.

    Attributes:
        shards: number of queues for the pairs' cycles, so that workers of different queues don't
            race for a run. Equal for all processes of a Prefect server.
    """

    model_config = SettingsConfigDict(env_prefix="QUORUM_", env_file=".env", extra="ignore")

    shards: int = Field(1, ge=1, le=1000)


class OperatorAlertSettings(BaseSettings):
    """
    Settings of the operator's alerts.

    Attributes:
        operator_alert_url: address for critical alerts that Telegram has not delivered within
            seconds, as apprise spells it (mail, Slack, webhook); it may hold a password.
    """

    model_config = SettingsConfigDict(
        env_prefix="QUORUM_", env_file=".env", extra="ignore", hide_input_in_errors=True
    )

    operator_alert_url: SecretStr | None = None
