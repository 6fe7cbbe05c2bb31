"""Numbers, times and the domain's words as a person in a chat reads them, in his language.

Decimal, datetime, enum members -> short text

A sum never stands without its currency, and paper money never without the word PAPER. Decimals
keep their point in both languages, as a number that is read here may be typed into a command.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from trading.council.decisions import Abstention, Action
from trading.cycle import CycleOutcome
from trading.domain.accounts import Language
from trading.domain.units import Mode, Pair, PositionSide, Side, TradingState
from trading.reporting.formatting import UNKNOWN, show_gain, show_money, show_price
from trading.risk.circuit_breaker import BreakerCode

NARROW_SPACE = "\u202f"

type Words = Mapping[Language, str]


def both(en: str, *, ru: str) -> Words:
    """A word in both languages."""
    return {Language.ENGLISH: en, Language.RUSSIAN: ru}


_SIDES = {
    PositionSide.LONG: both("LONG", ru="ЛОНГ"),
    PositionSide.SHORT: both("SHORT", ru="ШОРТ"),
    PositionSide.FLAT: both("flat", ru="вне рынка"),
}
_ORDER_SIDES = {
    Side.BUY: both("bought", ru="куплено"),
    Side.SELL: both("sold", ru="продано"),
}
_ACTIONS = {
    Action.OPEN_LONG: both("open long", ru="открыть лонг"),
    Action.OPEN_SHORT: both("open short", ru="открыть шорт"),
    Action.CLOSE: both("close", ru="закрыть"),
    Action.HOLD: both("hold", ru="ждать"),
}
_OUTCOMES = {
    CycleOutcome.ENTERED: both("entered", ru="вошли"),
    CycleOutcome.EXITED: both("left", ru="вышли"),
    CycleOutcome.HELD: both("held", ru="ждём"),
    CycleOutcome.DENIED: both("entry denied", ru="вход запрещён"),
    CycleOutcome.SKIPPED: both("skipped", ru="пропущен"),
    CycleOutcome.FAILED: both("failed", ru="сбой"),
    CycleOutcome.INTERRUPTED: both("interrupted", ru="прерван"),
}
_ABSTENTIONS = {
    Abstention.DEADLINE: both("no answer in time", ru="не успела ответить"),
    Abstention.UNAVAILABLE: both("not reachable", ru="недоступна"),
    Abstention.BUDGET: both("over budget, not asked", ru="не спрошена: исчерпан бюджет"),
    Abstention.REFUSED: both("refused to answer", ru="отказалась отвечать"),
    Abstention.MALFORMED: both("answered outside the form", ru="ответила не по форме"),
    Abstention.NOT_CONFIGURED: both("not configured", ru="не настроена"),
}
_CAUSES = {
    BreakerCode.LOSSES_IN_A_ROW: both("losses in a row", ru="убытки подряд"),
    BreakerCode.DAY_LOSS: both("the day's loss limit", ru="дневной лимит убытка"),
}
_STATES = {
    TradingState.ACTIVE: both("trading is on", ru="торговля включена"),
    TradingState.REDUCING: both("exits only, no new entries", ru="только выходы, входов нет"),
    TradingState.HALTED: both("HALTED: nothing new is opened", ru="СТОП: ничего не открываем"),
}


def unit(pair: Pair, mode: Mode) -> str:
    """The currency of a pair's sums, with PAPER when it is no real money."""
    return pair.quote if mode is Mode.LIVE else f"{pair.quote} PAPER"


def show_mode(mode: Mode) -> str:
    """LIVE or PAPER; a replay is paper too."""
    return "LIVE" if mode is Mode.LIVE else "PAPER"


def money(value: Decimal | None, *, language: Language) -> str:
    """To the cent with thousands: 1,234.50, in Russian 1 234.50."""
    return _localize(show_money(value), language)


def gain(value: Decimal | None, *, language: Language) -> str:
    """The same with its sign."""
    return _localize(show_gain(value), language)


def price(value: Decimal | None) -> str:
    """Quote per base, at most nine digits."""
    return show_price(value)


def hour(instant: datetime) -> str:
    """HH:MM UTC."""
    return f"{instant:%H:%M} UTC"


def day_hour(instant: datetime, *, language: Language) -> str:
    """Day, month, hour and minute, UTC."""
    months = _MONTHS[language]
    return f"{instant.day} {months[instant.month - 1]} {instant:%H:%M} UTC"


def age(span: timedelta, *, language: Language) -> str:
    """Minutes below two hours, then hours, then days."""
    minutes = int(span.total_seconds() // 60)
    words = ("min", "h", "d") if language is Language.ENGLISH else ("мин", "ч", "дн.")
    if minutes < 120:
        return f"{minutes} {words[0]}"
    if minutes < 48 * 60:
        return f"{minutes // 60} {words[1]}"
    return f"{minutes // (24 * 60)} {words[2]}"


def share(part: int, whole: int) -> str:
    """A count out of another as whole percent; unknown for none."""
    return f"{100 * part / whole:.0f} %" if whole else UNKNOWN


def count(number: int, *, one: str, few: str, many: str) -> str:
    """A number with its Russian noun: 1 пара, 2 пары, 5 пар."""
    if number % 10 == 1 and number % 100 != 11:
        return f"{number} {one}"
    if number % 10 in {2, 3, 4} and number % 100 not in {12, 13, 14}:
        return f"{number} {few}"
    return f"{number} {many}"


def side(value: PositionSide, *, language: Language) -> str:
    """LONG, SHORT or flat."""
    return _SIDES[value][language]


def order_side(value: Side, *, language: Language) -> str:
    """Bought or sold."""
    return _ORDER_SIDES[value][language]


def action(value: Action, *, language: Language) -> str:
    """What a voter asks for."""
    return _ACTIONS[value][language]


def outcome(value: CycleOutcome, *, language: Language) -> str:
    """How a cycle ended, in a word or two."""
    return _OUTCOMES[value][language]


def abstention(value: Abstention, *, language: Language) -> str:
    """Why a model did not vote."""
    return _ABSTENTIONS[value][language]


def breaker_cause(value: str, *, language: Language) -> str:
    """Why a breaker opened; a cause that we have no words for as it is."""
    known = _CAUSES.get(BreakerCode(value)) if value in set(BreakerCode) else None
    return known[language] if known else value


def trading_state(value: TradingState, *, language: Language) -> str:
    """What is allowed."""
    return _STATES[value][language]


_MONTHS = {
    Language.ENGLISH: (
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ),
    Language.RUSSIAN: (
        "янв.", "фев.", "марта", "апр.", "мая", "июня",
        "июля", "авг.", "сент.", "окт.", "нояб.", "дек.",
    ),
}  # fmt: skip


def _localize(text: str, language: Language) -> str:
    return text.replace(",", NARROW_SPACE) if language is Language.RUSSIAN else text
