"""Matching of texts to pairs, by code and never by a model.

    text -> tokens -> names of other coins and other meanings out -> name, ticker or whole market

A name counts in any case. A ticker counts in capitals, after `$` or `#`, or in small letters
beside a market word ("eth price"). Tickers and names that are words of a language (NEAR, ONE,
LINK, GAS, avalanche) need a market word beside them. A text about the whole market (rates,
inflation, ETF flows, hacked exchanges, regulation of crypto) matches every pair.
"""

# ruff: noqa: RUF001  (Russian words)

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from trading.domain.units import Pair
from trading.news.coins import (
    NAMES,
    NAMES_THAT_ARE_WORDS,
    OTHER_MEANINGS,
    TICKERS_THAT_ARE_WORDS,
)

REMEMBERED = 1_000
"""Texts whose words are remembered: many pairs ask about the same texts."""

_TOKEN = re.compile(r"\x00|[$#]?[^\W_]+(?:[.'][^\W_]+)*%?")
_MULTIPLE = re.compile(r"^10{3,6}(?=[A-Z])")
_GAP = "\x00"

_NOUNS = (
    "price prices token tokens coin coins holders whale whales bulls bears traders futures perp "
    "perps perpetual staking etf usdt usd airdrop listing blockchain mainnet ecosystem network "
    "supply memecoin цена цены цену курс курса токен* монет* держател* кит* блокчейн* сеть сети"
)
_VERBS = (
    "jump* rall* surg* soar* gain* ris* rose climb* fall* fell drop* slid* slip* plung* tumbl* "
    "crash* dip* sink* sank hit* eye* break* broke doubl* triple* rebound* recover* outperform* "
    "underperform* trade* lead* up down flips unlock* slump* spike* pump* dump* bounce* reclaim* "
    "вырос* упал* подорож* подешев* обвал* растет растут снизил* рухнул* взлетел* прибавил* "
    "подскоч* просел* падает потерял* опустил* достиг* пробил* обновил* подня*"
)
_PROJECT_NOUNS = (
    "protocol foundation labs subnet validator* developer* founder chain upgrade l1 l2 dao ceo "
    "ecosystem разработчик* основател*"
)
_NOT_THE_COIN = frozenset({"fee", "fees", "station", "stations"})
_STRICT = frozenset({"GAS", "GO", "ON", "IN", "THE", "FOR", "ANY", "ME", "NOT", "ID", "S", "AI"})
"""Tickers that need "token" or "coin" behind them: "gas prices" are no news about GAS."""

_MARKET_WORDS = (
    "crypto cryptos cryptocurrenc* криптовалют* крипторын* криптарын* криптоиндустр* крипта "
    "крипту крипте крипты altcoin* альткоин* stablecoin-bill stablecoin-law stablecoin-act "
    "digital-asset digital-assets цифровых-активов цифровые-активы"
)
_CENTRAL_BANK = re.compile(r"\b(?:Fed|FED)\b(?! [uU][pP]\b)")
"""In capitals: "fed" is a verb too."""

_MACRO = re.compile(
    r"\bfomc\b|\bfederal reserve\b|"
    r"\b(?:interest[ -]rates?|rate[ -](?:cut|hike|decision)s?|(?:cuts?|raises?|hikes?)"
    r" rates?\b)(?!.*\bhash)|\bpowell\b|\b(?:cpi|ppi|pce)\b|"
    r"(?<!token )(?<!coin )(?<!network )\binflation\b(?! (?:proposal|schedule|vote|model))|"
    r"\b(?:jobs report|nonfarm|payrolls|unemployment|treasury yields?|tariffs?|trade war|"
    r"recession|ecb|bank of (?:japan|england))\b|"
    r"\bфрс\b|\bинфляци\w+|ключев\w+ ставк\w+|(?:снизил|повысил|сохранил)\w* (?:\S+ )?ставк\w+|"
    r"\bецб\b|\bпошлин\w*|торгов\w+ войн\w+|\bрецесси\w+"
)
_FLOWS = re.compile(
    r"\betfs?\b.*\b(?:inflow|outflow|flow|bleed|приток|отток|привлек)\w*|"
    r"\b(?:inflow|outflow|приток|отток)\w*.*\betfs?\b"
)
_EXCHANGE = (
    r"(?:exchange|биржа|бирж[иуе]|криптобирж\w+|binance|bybit|coinbase|kraken|okx|kucoin|bitget|"
    r"bitfinex|upbit|gate\.io|htx|mexc|deribit|crypto\.com)"
)
_BREACH = (
    r"(?:hack(?:ed|ers?|s)?|exploit(?:ed)?|breach(?:ed)?|stolen|heist|halts? withdrawals|"
    r"insolven\w+|"
    r"bankrupt\w*|взлом\w*|хакер\w*|похи\w+|украл\w*|банкрот\w*|приостанов\w+)"
)
_HACKS = re.compile(rf"\b{_EXCHANGE}\b.*\b{_BREACH}\b|\b{_BREACH}\b.*\b{_EXCHANGE}\b")
_LARGE = frozenset({"BTC", "ETH"})
"""Flows into the ETFs of these coins are news for the whole market."""


def mentions_pair(text: str, pair: Pair) -> bool:
    """Whether `text` speaks of the pair's base, or of the whole market."""
    base = _MULTIPLE.sub("", pair.base)
    return _is_about_market(text) or _names_coin(_tokenize(text), base)


def _names_coin(tokens: "_Tokens", base: str) -> bool:
    plain = _hide_other_coins(tokens.plain, base)
    if _find_any(plain, _names_of(base)):
        return True
    if any(_is_named_in_context(plain, word) for word in _words_of(base)):
        return True
    return any(
        _is_ticker(tokens, index, base) for index in range(len(plain)) if plain[index] != _GAP
    )


@lru_cache(maxsize=REMEMBERED)
def _is_about_market(text: str) -> bool:
    tokens = _tokenize(text)
    if _find_any(tokens.plain, _market_names()):
        return True
    line = text.casefold().replace("ё", "е")
    if _CENTRAL_BANK.search(text) or _MACRO.search(line) or _HACKS.search(line):
        return True
    if not _FLOWS.search(line):
        return False
    named = {base for base in NAMES if _names_coin(tokens, base)}
    return not named or bool(named & _LARGE)


@dataclass(frozen=True, slots=True)
class _Tokens:
    """A text; the words as written; the words in small letters without `$`, `#` and `'s`."""

    text: str
    raw: tuple[str, ...]
    plain: tuple[str, ...]
    is_shouted: bool


@lru_cache(maxsize=REMEMBERED)
def _tokenize(text: str) -> _Tokens:
    masked = _other_meanings().sub(f" {_GAP} ", text)
    raw = tuple(_TOKEN.findall(masked))
    letters = [word for word in raw if word.isalpha() and len(word) > 3]
    return _Tokens(
        text=masked,
        raw=raw,
        plain=tuple(_plain(word) for word in raw),
        is_shouted=len(letters) > 1 and all(word.isupper() for word in letters),
    )


def _plain(word: str) -> str:
    return word.lstrip("$#").casefold().replace("ё", "е").removesuffix("'s")


def _hide_other_coins(plain: Sequence[str], base: str) -> tuple[str, ...]:
    """The words, with the longer names of other coins hidden: Bitcoin Cash is not Bitcoin."""
    shown = list(plain)
    for index, word in enumerate(plain):
        for other, parts in _long_names().get(word, ()):
            end = index + len(parts)
            if other != base and tuple(shown[index:end]) == parts:
                shown[index:end] = [_GAP] * len(parts)
    return tuple(shown)


@cache
def _long_names() -> Mapping[str, list[tuple[str, tuple[str, ...]]]]:
    """Names of several words by the first word: the base and the words."""
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for base, names in NAMES.items():
        for parts in (tuple(name.split("-")) for name in names.split() if "-" in name):
            found.setdefault(parts[0], []).append((base, parts))
    return found


def _find_any(plain: Sequence[str], names: Iterable[tuple[str, ...]]) -> bool:
    return any(
        _matches(word, name[0]) and all(map(_matches, plain[index : index + len(name)], name))
        for name in names
        for index, word in enumerate(plain[: max(0, len(plain) - len(name) + 1)])
    )


def _matches(word: str, entry: str) -> bool:
    return word.startswith(entry[:-1]) if entry.endswith("*") else word == entry


def _is_named_in_context(plain: Sequence[str], name: str) -> bool:
    return any(
        word == name and (_has_context(plain, i) or _is_any(_after(plain, i), _project_nouns()))
        for i, word in enumerate(plain)
    )


def _has_context(plain: Sequence[str], index: int) -> bool:
    """A noun of the market on either side, or a verb of the market behind."""
    before = plain[index - 1] if index else ""
    after = _after(plain, index)
    if after in _NOT_THE_COIN:
        return False
    return _is_any(before, _nouns()) or _is_any(after, _nouns()) or _is_any(after, _verbs())


def _after(plain: Sequence[str], index: int) -> str:
    return plain[index + 1] if index + 1 < len(plain) else ""


def _is_any(word: str, entries: tuple[str, ...]) -> bool:
    return bool(word) and any(_matches(word, entry) for entry in entries)


def _is_ticker(tokens: _Tokens, index: int, base: str) -> bool:
    raw, plain = tokens.raw[index].removesuffix("'s"), tokens.plain[index]
    if plain == f"{base}USDT".casefold():
        return True
    if plain != base.casefold():
        return False
    if raw[0] in "$#" or f"({base})" in tokens.text:
        return True
    if base in _STRICT:
        return raw == base and _after(tokens.plain, index) in {"token", "coin"}
    is_word = base in TICKERS_THAT_ARE_WORDS
    if raw != base:
        return not is_word and _has_context(tokens.plain, index)
    return not is_word or (not tokens.is_shouted and _has_context(tokens.plain, index))


@cache
def _names_of(base: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(name.split("-")) for name in NAMES.get(base, "").split())


@cache
def _words_of(base: str) -> tuple[str, ...]:
    return tuple(NAMES_THAT_ARE_WORDS.get(base, "").split())


@cache
def _market_names() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(name.split("-")) for name in _MARKET_WORDS.split())


@cache
def _nouns() -> tuple[str, ...]:
    return tuple(_NOUNS.split())


@cache
def _project_nouns() -> tuple[str, ...]:
    return tuple(_PROJECT_NOUNS.split())


@cache
def _verbs() -> tuple[str, ...]:
    return tuple(_VERBS.split())


@cache
def _other_meanings() -> re.Pattern[str]:
    phrases = "|".join(re.escape(phrase) for phrase in OTHER_MEANINGS.split("|"))
    return re.compile(rf"(?<!\w)(?:{phrases})(?!\w)", re.IGNORECASE)
