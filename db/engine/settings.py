"""Settings of the database: addresses, pool size, timeouts and the budget caps.

environment (QUORUM_...) over the defaults below -> DatabaseSettings

The admin address is for bootstrap and migrations only: the trading processes and the bot receive
the two role addresses, both subject to row-level security.
"""

from decimal import Decimal
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from trading.council.llm_budget import SpendCaps


class DatabaseSettings(BaseSettings):
    """
    Settings of the db room.

    Attributes:
        home: folder of `postgres/` (the embedded server) and `secrets/`.
        database_url: admin address for bootstrap; absent means the embedded server.
        database_app_url, database_operator_url: the result of `prepare_database`; the addresses
            hold passwords and pass from `quorum up` to its processes in the environment.
        master_key: 32 bytes in base64 for wrapping the keys of the sealed columns; absent means
            the file in `secrets/`, created once.
        database_pool_size: connections kept per process and role; as many again may open for a
            burst.
        database_statement_timeout_ms: longest statement.
        database_lock_timeout_ms: longest wait for a lock.
        database_idle_in_transaction_timeout_ms: longest silence inside a transaction. Shorter than
            the wait for a lock: a process that hangs in a transaction may hold a user's risk lock,
            and whoever has to protect the position must not wait for it in vain. Longer than a
            busy machine holds up an event loop: 4 s cut sound transactions during heavy imports.
    """

    model_config = SettingsConfigDict(
        env_prefix="QUORUM_", env_file=".env", extra="ignore", hide_input_in_errors=True
    )

    home: Path = Path(".quorum")
    database_url: SecretStr | None = None
    database_app_url: SecretStr | None = None
    database_operator_url: SecretStr | None = None
    master_key: SecretStr | None = None

    database_pool_size: int = Field(default=5, ge=1, le=100)
    database_statement_timeout_ms: int = Field(default=15_000, ge=100)
    database_lock_timeout_ms: int = Field(default=12_000, ge=100)
    database_idle_in_transaction_timeout_ms: int = Field(default=10_000, ge=1_000)

    @property
    def secrets(self) -> Path:
        """The folder of the master key and the role passwords."""
        return self.home / "secrets"


class BudgetSettings(BaseSettings):
    """
    Daily caps on the cost of model calls (UTC days, dollars); a user may only tighten a cap.

    Attributes:
        installation_usd: calls of all users (`QUORUM_BUDGET_INSTALLATION_USD`).
        user_usd, pair_usd: the shares of a user, and of a pair of a user.
    """

    model_config = SettingsConfigDict(env_prefix="QUORUM_BUDGET_", env_file=".env", extra="ignore")

    installation_usd: Decimal = Field(Decimal(25), ge=0, max_digits=12)
    user_usd: Decimal = Field(Decimal(5), ge=0, max_digits=12)
    pair_usd: Decimal = Field(Decimal(2), ge=0, max_digits=12)

    @property
    def caps(self) -> SpendCaps:
        """The installation's caps."""
        return SpendCaps(
            installation_usd=self.installation_usd,
            user_usd=self.user_usd,
            pair_usd=self.pair_usd,
        )
