"""Which prices we trade on, from the environment.

environment (QUORUM_...), then .env, then the defaults below -> VenueSettings
"""

from typing import Literal

from pydantic_settings import BaseSettings
from pydantic_settings import SettingsConfigDict

from trading.units import VenueName


class VenueSettings(BaseSettings):
    """
    Settings of the market data.

    Attributes:
        market: auto, live, sample or recorded:FILE.
        venue: whose live prices are preferred.
        sample_seed: of the made-up market.
    """

    model_config = SettingsConfigDict(env_prefix="QUORUM_", env_file=".env", extra="ignore")

    market: str = "auto"
    venue: Literal[VenueName.BINANCE, VenueName.BYBIT] = VenueName.BINANCE
    sample_seed: int = 7
