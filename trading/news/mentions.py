"""Matching of texts to pairs, by code and never by a model.

Names match in any case ("bitcoin"), tickers only in capitals or after `$` or `#`, because many
tickers are English words ("near", "link", "one"). A text about the whole market matches every
pair.
"""

import re

from trading.domain.units import Pair

_NAMES = {
    "BTC": "bitcoin* биткоин* биткойн*",
    "ETH": "ethereum* ether эфир* этериум*",
    "SOL": "solana* солан*",
    "XRP": "ripple* рипл*",
    "BNB": "binance-coin",
    "DOGE": "dogecoin* догикоин* додж",
    "ADA": "cardano* кардано",
    "TRX": "tron трон",
    "TON": "toncoin* тонкоин*",
    "AVAX": "avalanche",
    "LINK": "chainlink*",
    "DOT": "polkadot*",
    "LTC": "litecoin* лайткоин*",
    "BCH": "bitcoin-cash",
    "SUI": "",
    "NEAR": "",
    "APT": "aptos",
    "ARB": "arbitrum*",
    "SHIB": "shiba",
    "PEPE": "",
    "UNI": "uniswap*",
    "XMR": "monero* монеро",
    "XLM": "stellar",
    "AAVE": "",
}
_WHOLE_MARKET = "crypto cryptos cryptocurrenc* криптовалют* криптарын* крипторын* криптоиндустр*"

_TOKEN = re.compile(r"[$#]?[^\W_]+(?:-[^\W_]+)*")


def list_names(pair: Pair) -> tuple[str, ...]:
    """Words to search for: the ticker and the plain names, without stems."""
    names = _NAMES.get(pair.base, "").split()
    return (pair.base, *(name.rstrip("*") for name in names))


def mentions_pair(text: str, pair: Pair) -> bool:
    """Whether `text` speaks of the pair's base, or of the whole market."""
    entries = f"{_NAMES.get(pair.base, '')} {_WHOLE_MARKET}".split()
    names = {entry for entry in entries if not entry.endswith("*")}
    stems = tuple(entry[:-1] for entry in entries if entry.endswith("*"))
    return any(
        _is_ticker(token, pair.base)
        or token.lstrip("$#").casefold() in names
        or token.lstrip("$#").casefold().startswith(stems)
        for token in _TOKEN.findall(text)
    )


def _is_ticker(token: str, base: str) -> bool:
    if token[0] in "$#":
        return token[1:].upper() == base
    return base in token.split("-")
