"""Scrubbing: removal of secrets from a text before the text is written.

text -> secret values of the environment, known shapes of secrets -> text with stars

The last line of defense: adapters keep secrets out of their sentences already. A library's own
message or a traceback may still quote an address or a header.
"""

import os
import re
from collections.abc import Iterable, Mapping

HIDDEN = "***"
LEAST_CHARACTERS = 8
"""Shorter values would star words of everyday text."""

_SECRET_NAME = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|AUTH_STRING|DATABASE\w*_URL)$")
_SHAPES = (
    re.compile(r"(?<=://)[^\s/@]+:[^\s/@]+(?=@)"),  # user:password in an address
    re.compile(r"(?<!\d)\d{8,10}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),  # a Telegram bot's token
    re.compile(r"\bsk-[A-Za-z0-9_-]{16,}"),  # a model vendor's key
    re.compile(r"(?i)(?<=bearer )[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(
        r"(?i)(?<=signature=)[0-9a-f]{16,}|(?<=api_key=)\w+|(?<=apikey\": \")\w+"
        r"|(?<=api_secret=)\w+"
    ),
)

_HEADER = re.compile(
    r"(?i)((?:x-mbx-apikey|x-bapi-api-key|x-bapi-sign|x-api-key|api-key)['\"]?\s*[:=,]\s*['\"]?)"
    r"[A-Za-z0-9+/=_-]{8,}"
)
"""Headers of venues and vendors with a key, in a dump of a request; the header's name stays."""


class Scrubber:
    """Replaces secrets by stars; `values` are known secrets, beside all shapes."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        known = sorted({v for v in values if len(v) >= LEAST_CHARACTERS}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def scrub(self, text: str) -> str:
        """The text without secrets."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        for shape in _SHAPES:
            text = shape.sub(HIDDEN, text)
        return _HEADER.sub(rf"\1{HIDDEN}", text)


def list_secret_values(environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Values of variables with the name of a secret; of this process when None."""
    found = os.environ if environment is None else environment
    return tuple(value for name, value in found.items() if _SECRET_NAME.search(name))
