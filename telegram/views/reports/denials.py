"""Why risk said no, in words: each code of `DenialReason` with its figures.

RuleResult -> "the spread is too wide (spread ratio 0.006, limit 0.005)"
"""

# ruff: noqa: RUF001  (Russian letters look like Latin ones: here they are meant)

from telegram.views.formatting import Words, both
from trading.domain.accounts import Language
from trading.risk.results import DenialReason, RuleResult

REASONS: dict[DenialReason, Words] = {
    DenialReason.TRADING_REDUCING: both(
        "only exits are allowed now", ru="сейчас разрешены только выходы"
    ),
    DenialReason.TRADING_HALTED: both("trading is halted", ru="торговля остановлена"),
    DenialReason.PAIR_PAUSED: both("the pair is paused", ru="пара на паузе"),
    DenialReason.NOT_RECONCILED: both(
        "the books have not been compared with the venue yet", ru="учёт ещё не сверен с биржей"
    ),
    DenialReason.ORDER_IN_DOUBT: both(
        "the fate of an earlier order is not proven", ru="судьба прошлого ордера ещё неясна"
    ),
    DenialReason.BARE_POSITION: both(
        "a position stands without its stop", ru="есть позиция без стопа"
    ),
    DenialReason.BREAKER_OPEN: both(
        "the pair's breaker is open", ru="по паре действует защитная пауза"
    ),
    DenialReason.USER_BREAKER_OPEN: both(
        "your breaker is open for all pairs", ru="защитная пауза действует по всем парам"
    ),
    DenialReason.CLOCK_OFFSET: both(
        "our clock and the venue's differ too much", ru="наши часы расходятся с биржевыми"
    ),
    DenialReason.DRAWDOWN_LIMIT: both(
        "the drawdown limit is reached", ru="достигнут лимит просадки"
    ),
    DenialReason.DAY_LOSS_LIMIT: both(
        "the day's loss limit is reached", ru="достигнут дневной лимит убытка"
    ),
    DenialReason.DUPLICATE_ORDER: both(
        "the same entry was made a moment ago", ru="такой же вход был только что"
    ),
    DenialReason.TOO_MANY_ENTRIES: both(
        "too many entries in 24 hours", ru="слишком много входов за сутки"
    ),
    DenialReason.TOO_MANY_REJECTIONS: both(
        "the venue refused too many orders", ru="биржа отклонила слишком много ордеров"
    ),
    DenialReason.LOSS_COOLDOWN: both(
        "a loss was closed a moment ago", ru="только что закрыт убыток, ждём"
    ),
    DenialReason.TOO_MANY_POSITIONS: both(
        "too many open positions", ru="слишком много открытых позиций"
    ),
    DenialReason.BAD_MARKET_DATA: both("the market data is bad", ru="плохие рыночные данные"),
    DenialReason.STALE_MARKET_DATA: both(
        "the market data is too old", ru="рыночные данные устарели"
    ),
    DenialReason.STALE_RULES: both(
        "the venue's rules are too old", ru="правила биржи давно не обновлялись"
    ),
    DenialReason.BOOK_MISSING: both("there is no order book", ru="нет стакана"),
    DenialReason.BOOK_TOO_THIN: both("the order book is too thin", ru="стакан слишком тонкий"),
    DenialReason.SPREAD_TOO_WIDE: both("the spread is too wide", ru="слишком широкий спред"),
    DenialReason.PRICE_DEVIATION: both(
        "the prices contradict each other", ru="цены противоречат друг другу"
    ),
    DenialReason.INDICATOR_MISSING: both("an indicator is missing", ru="не хватает индикатора"),
    DenialReason.BOLLINGER_TOO_WIDE: both(
        "the market moves too wildly", ru="рынок слишком неспокойный"
    ),
    DenialReason.FUNDING_TOO_HIGH: both("funding is too dear", ru="слишком дорогой фандинг"),
    DenialReason.QUORUM_MISSING: both("there is no quorum", ru="нет кворума"),
    DenialReason.CONFIDENCE_TOO_LOW: both(
        "the council is not sure enough", ru="совет недостаточно уверен"
    ),
    DenialReason.STOP_MISSING: both("no stop was given", ru="не назван стоп"),
    DenialReason.STOP_TOO_CLOSE: both("the stop is too close", ru="стоп слишком близко"),
    DenialReason.STOP_TOO_FAR: both("the stop is too far away", ru="стоп слишком далеко"),
    DenialReason.TARGET_MISSING: both("no target was given", ru="не названа цель"),
    DenialReason.TARGET_TOO_CLOSE: both("the target is too close", ru="цель слишком близко"),
    DenialReason.REWARD_TOO_SMALL: both(
        "the target is too near for such a stop", ru="цель слишком мала для такого стопа"
    ),
    DenialReason.COSTS_TOO_HIGH: both(
        "costs would eat too much of the target", ru="издержки съедят слишком много от цели"
    ),
    DenialReason.NEWS_VETO: both("the news speaks against it", ru="новости против"),
    DenialReason.ALREADY_POSITIONED: both("there is a position already", ru="позиция уже открыта"),
    DenialReason.NOTHING_TO_CLOSE: both("there is nothing to close", ru="закрывать нечего"),
    DenialReason.STOP_BEYOND_LIQUIDATION: both(
        "liquidation would come before the stop", ru="ликвидация наступит раньше стопа"
    ),
    DenialReason.LEVERAGE_LIMIT: both("the leverage limit", ru="лимит плеча"),
    DenialReason.POSITION_LIMIT: both("the position limit", ru="лимит позиции"),
    DenialReason.EXPOSURE_LIMIT: both("the exposure limit", ru="лимит суммы всех позиций"),
    DenialReason.DIRECTION_LIMIT: both(
        "too much in one direction", ru="слишком много в одну сторону"
    ),
    DenialReason.BALANCE_LIMIT: both("the balance is too small", ru="не хватает баланса"),
    DenialReason.LOSS_ROOM_LIMIT: both(
        "the day's loss limit leaves no room", ru="до дневного лимита убытка не осталось места"
    ),
    DenialReason.BOOK_SHARE_LIMIT: both(
        "the order would take too much of the book", ru="ордер съест слишком много стакана"
    ),
    DenialReason.NOTIONAL_ABOVE_MAX: both("the order is too large", ru="ордер слишком велик"),
    DenialReason.QUANTITY_ABOVE_MAX: both(
        "the venue takes no order that large", ru="биржа не примет такой большой ордер"
    ),
    DenialReason.QUANTITY_BELOW_MIN: both(
        "the quantity is below the venue's minimum", ru="количество меньше минимума биржи"
    ),
    DenialReason.NOTIONAL_BELOW_MIN: both(
        "the order is below the venue's minimum", ru="ордер меньше минимума биржи"
    ),
    DenialReason.PROTECTION_TOO_CLOSE: both(
        "stop and target would fall together", ru="стоп и цель оказались бы рядом с ценой"
    ),
}

_FIGURES = {
    "limit": "лимит",
    "count": "число",
    "wanted": "нужно",
    "loss": "убыток",
    "spread_ratio": "спред",
    "drawdown": "просадка",
    "day_loss": "убыток за день",
    "confidence": "уверенность",
    "width_ratio": "ширина полос",
    "until": "до",
    "cause": "причина",
    "state": "состояние",
    "entries": "входов",
    "losses": "убытков",
    "positions": "позиций",
    "age_seconds": "возраст, с",
    "offset_seconds": "разница, с",
    "window_seconds": "окно, с",
    "score": "настроение",
    "notional": "сумма",
    "minimum": "минимум",
    "quantity": "количество",
    "side": "сторона",
    "leverage": "плечо",
}
"""Names of figures in Russian; another stands as it is."""


def tell_rule(result: RuleResult, *, language: Language) -> str:
    """Plain text: the reason and its figures; a code that we have no words for as it is."""
    known = REASONS.get(DenialReason(result.code)) if result.code in set(DenialReason) else None
    reason = known[language] if known else result.code
    figures = ", ".join(f"{_name(name, language)} {it}" for name, it in result.figures.items())
    return f"{reason} ({figures})" if figures else reason


def _name(name: str, language: Language) -> str:
    plain = name.replace("_", " ")
    return _FIGURES.get(name, plain) if language is Language.RUSSIAN else plain
