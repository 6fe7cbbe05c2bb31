"""Settings of market data, work pool and the operator's alerts, from the environment.

environment (QUORUM_...), then .env, then the defaults below -> VenueSettings, PoolSettings,
OperatorAlertSettings
"""

from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from trading.domain.units import VenueName

BYBIT_HOSTS = {
    "global": "https://api.bybit.com",
    "bytick": "https://api.bytick.com",
    "nl": "https://api.bybit.nl",
    "tr": "https://api.bybit.tr",
    "kz": "https://api.bybit.kz",
    "ge": "https://api.bybitgeorgia.ge",
    "ae": "https://api.bybit.ae",
    "id": "https://api.bybit.id",
    "jp": "https://api.manepa.jp",
}
"""Hosts by site (docs/v5/guide, 2026-07-24). The EEA site is not among them: see `NO_EU`."""
NO_EU = (
    "accounts of Bybit EU are not supported: api.bybit.eu takes keys of registered applications "
    "only (Bybit's integration guidance, 2026-07-24)"
)


class VenueSettings(BaseSettings):
    """
    Settings of the market data.

    Attributes:
        market: auto, live, sample or recorded:FILE.
        venue: preferred venue of live prices.
        sample_seed: of the made-up market.
        binance_url, bybit_url: hosts in place of the venues' public APIs (a proxy, a double),
            without a path; None for the venues' own hosts.
        bybit_region: the site of Bybit where the accounts are registered, a key of `BYBIT_HOSTS`.
            Demo accounts use Bybit's demo host, whatever the site.
    """

    model_config = SettingsConfigDict(env_prefix="QUORUM_", env_file=".env", extra="ignore")

    market: str = "auto"
    venue: Literal[VenueName.BINANCE, VenueName.BYBIT] = VenueName.BINANCE
    sample_seed: int = 7
    binance_url: str | None = None
    bybit_url: str | None = None
    bybit_region: str = "global"

    @field_validator("bybit_region")
    @classmethod
    def _check_region(cls, region: str) -> str:
        name = region.strip().lower()
        if name in {"eu", "eea"}:
            raise ValueError(NO_EU)
        if name not in BYBIT_HOSTS:
            raise ValueError(f"no site of Bybit: one of {', '.join(BYBIT_HOSTS)}")
        return name

    @property
    def urls(self) -> dict[VenueName, str]:
        """The hosts of market data by venue, where not the venue's own."""
        stand_ins = {VenueName.BINANCE: self.binance_url, VenueName.BYBIT: self.bybit_url}
        return self.account_urls | {venue: url for venue, url in stand_ins.items() if url}

    @property
    def account_urls(self) -> dict[VenueName, str]:
        """The hosts of real accounts by venue, where not the venue's own."""
        if self.bybit_region == "global":
            return {}
        return {VenueName.BYBIT: BYBIT_HOSTS[self.bybit_region]}


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
