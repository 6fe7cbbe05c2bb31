"""A user's access to a venue, in clear only between the vault and the adapter.

`repr` shows none of it, so a log line, a traceback or a Prefect result can't either. Texts with
line ends are allowed: both venues take PEM keys.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from trading.domain.errors import BadInput
from trading.domain.units import VenueName, require_utc


class Environment(StrEnum):
    """Whose money an account holds: its owner's, or the venue's play money."""

    REAL = "real"
    DEMO = "demo"


MAX_CREDENTIAL_CHARACTERS = 8000
HINT_CHARACTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """
    An API key and its secret.

    Attributes:
        environment: where they open an account.
        moves_profit: the owner wants profit moved to his funding wallet.

    Raises:
        BadInput: when one is empty or longer than `MAX_CREDENTIAL_CHARACTERS`.
    """

    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)
    environment: Environment = field(default=Environment.REAL, repr=False)
    moves_profit: bool = field(default=False, repr=False)

    def __post_init__(self) -> None:
        for text in (self.api_key, self.api_secret):
            if not text.strip() or len(text) > MAX_CREDENTIAL_CHARACTERS:
                raise BadInput("An API key and its secret are both needed.")

    @property
    def hint(self) -> str:
        """The key's last characters, by which its owner knows it; "" when it is too short."""
        is_long = len(self.api_key) >= 4 * HINT_CHARACTERS
        return self.api_key[-HINT_CHARACTERS:] if is_long else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeAccount:
    """
    What may be shown of a user's access.

    Attributes:
        hint: the last characters of the API key.
        verified_at: when the venue last confirmed the key's rights, None if it never did.
        environment: where the account is.
    """

    venue: VenueName
    hint: str
    connected_at: datetime
    verified_at: datetime | None
    environment: Environment = Environment.REAL

    def __post_init__(self) -> None:
        require_utc(connected_at=self.connected_at)


KEY_LIFE = timedelta(days=1)
"""How long a venue's word on a key's rights is believed."""
REFUSED_LIFE = timedelta(hours=1)
"""When a refused key is asked for again: its owner may have mended it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStanding:
    """
    What the venue last said of a key.

    Attributes:
        verified_at: when it last confirmed the key's rights, None if it never did or has refused
            it since.
        refusal: the sentence that says what to tick and untick, "" when it was not refused.
        moves_profit: the owner wants profit moved to his funding wallet: the key may do that too.
    """

    verified_at: datetime | None
    refusal: str = ""
    moves_profit: bool = False
