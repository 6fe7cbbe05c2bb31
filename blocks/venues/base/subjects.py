"""Subjects of questions to a venue, as messages: "fills of BTC/USDT" in each language.

"fills of BTC/USDT" (log, `oddities`) -> tell_subject -> Message for a sentence
"""

from collections.abc import Callable, Mapping

from trading.domain.messages import Message, message, plain

_SUBJECTS: Mapping[str, Callable[[str], Message]] = {
    "answer": lambda _: message("about-answer"),
    "balance": lambda _: message("about-balance"),
    "contracts": lambda _: message("about-contracts"),
    "key's rights": lambda _: message("about-rights"),
    "positions": lambda _: message("about-positions"),
    "time": lambda _: message("about-time"),
    "transfers": lambda _: message("about-transfers"),
    "an order": lambda of: message("about-order", of=of),
    "candles": lambda of: message("about-candles", of=of),
    "fee rates": lambda of: message("about-fee-rates", of=of),
    "fills": lambda of: message("about-fills", of=of),
    "funding": lambda of: message("about-funding", of=of),
    "funding history": lambda of: message("about-funding-history", of=of),
    "funding interval": lambda of: message("about-funding-interval", of=of),
    "funding rate": lambda of: message("about-funding-rate", of=of),
    "history": lambda of: message("about-history", of=of),
    "leverage": lambda of: message("about-leverage", of=of),
    "leverage tiers": lambda of: message("about-tiers", of=of),
    "margin mode": lambda of: message("about-margin-mode", of=of),
    "open interest": lambda of: message("about-open-interest", of=of),
    "open orders": lambda of: message("about-open-orders", of=of),
    "order": lambda of: message("about-order", of=of),
    "order book": lambda of: message("about-book", of=of),
    "orders": lambda of: message("about-orders", of=of),
    "price": lambda of: message("about-price", of=of),
    "prices": lambda of: message("about-prices", of=of),
    "rules": lambda of: message("about-rules", of=of),
    "settings": lambda of: message("about-settings", of=of),
    "stops": lambda of: message("about-stops", of=of),
}
"""By the words before "of"."""


def tell_subject(about: str) -> Message:
    """The message of a subject; an unknown subject is shown as given."""
    words, _, of = about.partition(" of ")
    build = _SUBJECTS.get(words)
    return plain(about) if build is None else build(of)
