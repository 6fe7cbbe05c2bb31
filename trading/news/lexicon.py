"""Words with a mood in crypto headlines, in English and Russian, with signed weights.

    text -> tokens -> phrases first, then words and stems -> negation -> ((word, weight), ...)

A `*` ends a stem: `surg*` matches surge, surges, surging. Russian words are stems, because of the
endings. Harmless words with a listed stem have weight 0. The vocabulary is ours (no library covers
both languages and the market's slang); labelled headlines in the tests measure the vocabulary.
"""

# ruff: noqa: RUF001  (Russian letters look like Latin ones: here they are meant)

import re
from decimal import Decimal

from trading.domain.units import ZERO

MAX_TOKENS = 80
"""A title has at most 240 characters; more tokens than this are not language."""

NEGATION_REACH = 4
"""Tokens before a word in which a negation turns it."""

NEGATION_FACTOR = Decimal("-0.7")
"""'Not bullish' is less bad than 'bearish' is."""

_TOKEN = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_LONGEST_PHRASE = 3

_NEGATION_WORDS = (
    "not no never without isn't wasn't won't doesn't don't didn't can't cannot hasn't haven't "
    "aren't nor neither denies denied deny unlikely не нет ни без никогда отрицает отрицают "
    "опроверг опровергла опровергли опровергает исключил исключила исключили"
)
_NEGATIONS = frozenset(_NEGATION_WORDS.split())

_ENGLISH = {
    "3": "skyrocket* soar* moon moons mooning parabolic",
    "2.5": "surg* rall* bullish breakout record-breaking all-time-high ath",
    "2": "jump* spik* boom* outperform* approv* adopt* inflow* rebound* recover* upgrad* "
    "milestone* breakthrough* accumulat*",
    "1.5": "gain gains gained gaining rise rises rising rose climb* advanc* partner* launch* "
    "integrat* support* win wins won record legaliz* optimis* upside buy buys buying bought "
    "bull bulls easing green double* doubling",
    "1": "grow* grew growth expand* expansion invest* rais* profit* strong* stronger boost* "
    "progress* secur* backs backed embrace* demand stable positive institutional higher "
    "tops topped beats beat reclaim* hold holds confiden* adds added adding best",
    "-1": "warn* delay* concern* uncertain* doubt* volatil* lower weak* slow* halt* pressure* "
    "risk risks risky cautious caution* sell sells selling sold downside negative cut cuts "
    "scrutin* stall* postpon* struggl* troubled",
    "-1.5": "fall falls falling fell drop drops dropped dropping declin* loss losses lose loses "
    "lost slid slide slides slip* dip dips sink sinks sank fear* fine fined penalt* investigat* "
    "probe* outflow* restrict* suspend* bear bears correction layoff* dump dumps dumping red "
    "outage* delist* reject* downgrad* unlock* freez* frozen froze flee* fled worst",
    "-2": "plung* tumbl* slump* bearish lawsuit* sue sues sued suing charged charges ban bans "
    "banned crackdown* sell-off selloff liquidat* collaps* default* insolven* phish* theft* "
    "stolen steal* drain* breach* recession",
    "-2.5": "crash* hack* exploit* scam* fraud* rug-pull bankrupt* ponzi panic* capitulat* "
    "launder* arrest* indict* manipulat* meltdown bloodbath attack*",
    "0": "stablecoin* stability hackathon* fellow* securit* record-keeping",
}

_ENGLISH_PHRASES = {
    "3": "record high|new high|all-time high|all time high|new ath|short squeeze",
    "2": "rate cut|rate cuts|cuts rates|spot etf approval|golden cross|drops lawsuit|"
    "drops case|lifts ban|case dismissed|strategic reserve|breaks out|break out|broke out|"
    "buying opportunity|shorts liquidated|short sellers liquidated|opens door|opens doors|"
    "inflation cools|inflation slows|recovers stolen",
    "1.5": "buy the dip|bottom is in|breaks above|back above|moves above|risk on",
    "-1.5": "breaks below|back below|falls below|slips below|risk off|death cross|profit taking|"
    "takes profit|risk aversion|under support|below support|key support|loses support",
    "-2": "rate hike|rate hikes|raises rates|record low|new low|all-time low|long squeeze|"
    "trade war|shuts down|rug pull|sell off",
    "0": "no change|hold talks|holds talks|hold hearing",
}

_RUSSIAN = {
    "3": "взлет* взмыл* взмыва*",
    "2.5": "ралли рекорд* бычь* бычи* прорыв*",
    "2": "подскоч* скачок отскоч* отскок* восстанов* одобр* приток* внедр* хай* максимум* "
    "пробил* обновил* накаплива* накопил*",
    "1.5": "вырос* вырас* рост роста росту растет растут подорож* дорожа* прибав* поднял* "
    "подня* подним* прибыл* партнер* запуст* запуск* легализ* поддерж* оптимизм* покуп* купил* "
    "быки быков превыс* выигра*",
    "1": "увелич* расшир* инвест* привлек* укреп* усил* сильн* спрос* позитив* преодол* "
    "разреш* интегр* успех* успеш* вернул* верну* достиг* удвои*",
    "-1": "предупре* отлож* опасен* опаса* неопредел* волатильн* сниж* слаб* замедл* "
    "риск* осторожн* прода* давлени* негатив* сократ* приостан* ужесточ*",
    "-1.5": "упал* упад* падени* падает падают паден* снизил* сниз* потеря* потер* убыт* просел* "
    "просад* подешев* дешеве* страх* штраф* расследован* отток* огранич* медвед* коррекц* "
    "увольн* увол* делистинг* отклон* сбой* сбо* минимум* оштраф* проигра*",
    "-2": "обвал* рухн* обруш* медвежь* медвежи* иск иска иски исков подал* запрет* "
    "обесцен* распрода* ликвид* краж* украл* украд* похит* фишинг* дефолт* банкрот* "
    "утечк* рецесси* крах*",
    "-2.5": "взлом* хакер* эксплойт* скам* мошенни* мошенн* паник* капитул* отмыв* арест* "
    "обвин* пирамид* манипул* атак*",
    "0": "продавц* продавец ликвидност* обвинител*",
}

_RUSSIAN_PHRASES = {
    "3": "исторический максимум|исторического максимума|новый максимум|шорт сквиз",
    "2": "снизила ставку|снизил ставку|снижение ставки|снижения ставки|снял запрет|сняла запрет|"
    "отозвала иск|отозвал иск|стратегический резерв|золотой крест|отклонил иск|отклонила иск|"
    "отклонили иск|прекратил расследование|прекратила расследование|прекратило расследование|"
    "повысил рейтинг|повысила рейтинг|медведи потеряли|хорошая возможность",
    "-2": "повысила ставку|повысил ставку|повышение ставки|повышения ставки|"
    "понизил рейтинг|понизила рейтинг|не смог|не смогла|не смогли|вывели средства|"
    "исторический минимум|торговая война|торговой войны|крест смерти|прекратила работу",
}


def score_words(text: str) -> tuple[tuple[str, Decimal], ...]:
    """
    The words of `text` with a mood, in order of the text, each with a signed weight.

    A phrase counts as a single word, and the parts of a phrase are not counted again. A negation
    up to three tokens before a word inverts and weakens the weight; the word is then shown with
    a leading "not ".
    """
    tokens = [_plain(t) for t in _TOKEN.findall(text)][:MAX_TOKENS]
    found: list[tuple[str, Decimal]] = []
    index = 0
    while index < len(tokens):
        length, weight = _match_at(tokens, index)
        if weight:
            word = " ".join(tokens[index : index + length])
            is_turned = not _NEGATIONS.isdisjoint(tokens[max(0, index - NEGATION_REACH) : index])
            found.append(
                (f"not {word}", weight * NEGATION_FACTOR) if is_turned else (word, weight)
            )
        index += length
    return tuple(found)


def _plain(token: str) -> str:
    return token.casefold().replace("ё", "е").replace("’", "'")


def _match_at(tokens: list[str], index: int) -> tuple[int, Decimal]:
    """Length of the entry at `index` in tokens (at least 1) and the weight, 0 for no entry."""
    for length in range(_LONGEST_PHRASE, 1, -1):
        weight = _PHRASES.get(" ".join(tokens[index : index + length]))
        if weight is not None:
            return length, weight
    return 1, _weigh_word(tokens[index])


def _weigh_word(token: str) -> Decimal:
    """The exact word's weight, else the weight of the longest matching stem."""
    exact = _WORDS.get(token)
    if exact is not None:
        return exact
    for end in range(len(token), _SHORTEST_STEM - 1, -1):
        weight = _STEMS.get(token[:end])
        if weight is not None:
            return weight
    return ZERO


def _read_words(*tables: dict[str, str]) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    entries = [
        (entry, Decimal(weight))
        for table in tables
        for weight, words in table.items()
        for entry in words.split()
    ]
    words = {entry: weight for entry, weight in entries if not entry.endswith("*")}
    stems = {entry[:-1]: weight for entry, weight in entries if entry.endswith("*")}
    return words, stems


_WORDS, _STEMS = _read_words(_ENGLISH, _RUSSIAN)
_SHORTEST_STEM = min(map(len, _STEMS))
_PHRASES = {
    phrase: Decimal(weight)
    for table in (_ENGLISH_PHRASES, _RUSSIAN_PHRASES)
    for weight, phrases in table.items()
    for phrase in phrases.split("|")
}
