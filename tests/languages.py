"""Languages by name, for tests."""

from trading.domain.accounts import Language

RUSSIAN = Language("ru")
