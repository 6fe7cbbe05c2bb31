"""A user's API key at a venue, in clear only between decryption and the adapter.

`repr` hides key and secret, so log lines, tracebacks and Prefect results hide both as well. Texts
with line ends are allowed: both venues take PEM keys.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from trading.domain.errors import BadInput
from trading.domain.messages import NO_MESSAGE, Message, message
from trading.domain.units import VenueName, require_utc


class Environment(StrEnum):
    """Money of an account: the owner's money, or play money of the venue's demo account."""

    REAL = "real"
    DEMO = "demo"


MAX_CREDENTIAL_CHARACTERS = 8000
HINT_CHARACTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """
    An API key with the secret.

    Attributes:
        environment: live or demo account.
        moves_profit: the owner wants profit moved to the owner's funding wallet.

    Raises:
        BadInput: for an empty text or more than `MAX_CREDENTIAL_CHARACTERS` characters.
    """

    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)
    environment: Environment = field(default=Environment.REAL, repr=False)
    moves_profit: bool = field(default=False, repr=False)

    def __post_init__(self) -> None:
        for text in (self.api_key, self.api_secret):
            if not text.strip() or len(text) > MAX_CREDENTIAL_CHARACTERS:
                raise BadInput(message("key-incomplete"))

    @property
    def hint(self) -> str:
        """The last characters of the key, for recognition by the owner; "" for a short key."""
        is_long = len(self.api_key) >= 4 * HINT_CHARACTERS
        return self.api_key[-HINT_CHARACTERS:] if is_long else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeAccount:
    """
    Public facts about a user's key.

    Attributes:
        hint: the last characters of the API key.
        verified_at: time of the venue's last confirmation of the key's rights, None without any.
        environment: live or demo account.
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
class KeyCheck:
    """
    Result of the venue's last check of a key.

    Attributes:
        verified_at: time of the last confirmation of the key's rights, None without any or after a
            refusal.
        refusal: instructions to correct the key's rights, "" without a refusal.
        moves_profit: the owner wants profit moved to the funding wallet: the key may transfer too.
    """

    verified_at: datetime | None
    refusal: Message = NO_MESSAGE
    moves_profit: bool = False
