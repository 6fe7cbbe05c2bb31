"""Numbers, times and the domain's words as short text for a chat, in the user's language.

Decimal, datetime, enum members -> short text

A sum never stands without a currency, and paper money never without the word PAPER. Decimals
keep the point in both languages, because users type displayed numbers into commands.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from reports.texts.catalog import group_thousands, say
from trading.council.decisions import Abstention, Action, Decision
from trading.cycle import CycleOutcome
from trading.domain.accounts import Language, PairConfig
from trading.domain.units import Mode, Pair, PositionSide, Side, TradingState
from trading.reporting.formatting import UNKNOWN, show_gain, show_money, show_price
from trading.risk.circuit_breaker import BreakerCode


def unit(pair: Pair, mode: Mode) -> str:
    """The currency of a pair's sums, with PAPER unless the money is real."""
    return pair.quote if mode is Mode.LIVE else f"{pair.quote} PAPER"


def show_mode(mode: Mode) -> str:
    """LIVE or PAPER; a replay is paper too."""
    return "LIVE" if mode is Mode.LIVE else "PAPER"


def show_pause(config: PairConfig, *, language: Language) -> str:
    """Whether the pair runs, and whose pause stops the pair."""
    if config.is_paused_in_prefect:
        return say(language, "common-paused-in-prefect")
    return say(language, "common-paused") if config.is_paused else say(language, "common-running")


def money(value: Decimal | None, *, language: Language) -> str:
    """To the cent with thousands: 1,234.50, in Russian 1 234.50."""
    return group_thousands(show_money(value), language=language)


def gain(value: Decimal | None, *, language: Language) -> str:
    """As `money`, with the sign."""
    return group_thousands(show_gain(value), language=language)


def price(value: Decimal | None) -> str:
    """Quote per base, at most nine digits."""
    return show_price(value)


def hour(instant: datetime) -> str:
    """HH:MM UTC."""
    return f"{instant:%H:%M} UTC"


def day_hour(instant: datetime, *, language: Language) -> str:
    """Day, month, hour and minute, UTC."""
    month = say(language, f"month-{instant.month}")
    return say(language, "day-hour", day=instant.day, month=month, hour=hour(instant))


def age(span: timedelta, *, language: Language) -> str:
    """Minutes below two hours, then hours, then days."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return say(language, "age-minutes", count=minutes)
    if minutes < 48 * 60:
        return say(language, "age-hours", count=minutes // 60)
    return say(language, "age-days", count=minutes // (24 * 60))


def share(part: int, whole: int) -> str:
    """A count out of another as whole percent; unknown for none."""
    return f"{100 * part / whole:.0f} %" if whole else UNKNOWN


def side(value: PositionSide, *, language: Language) -> str:
    """LONG, SHORT or flat."""
    return say(language, f"side-{value}")


def order_side(value: Side, *, language: Language) -> str:
    """Bought or sold."""
    return say(language, f"order-side-{value}")


def action(value: Action, *, language: Language) -> str:
    """The action of a vote."""
    return say(language, f"action-{value}")


def outcome(value: CycleOutcome, *, language: Language) -> str:
    """How a cycle ended, in a word or two."""
    return say(language, f"outcome-{value}")


def show_chance(decision: Decision, *, language: Language) -> str:
    """The win probability of an entry after a comma; empty without one, labelled for a rule."""
    chance = None if decision.proposal is None else decision.proposal.win_probability
    if chance is None:
        return ""
    shown = f"{chance:.0f}"
    if decision.model.is_offline:
        return f", {say(language, 'receipt-chance-assumed', chance=shown)}"
    return f", {say(language, 'receipt-chance', chance=shown)}"


def abstention(value: Abstention, *, language: Language) -> str:
    """Why a model did not vote."""
    return say(language, f"abstention-{value}")


def breaker_cause(value: str, *, language: Language) -> str:
    """Why a breaker opened; a cause without a translation is returned unchanged."""
    return say(language, f"breaker-{value}") if value in set(BreakerCode) else value


def trading_state(value: TradingState, *, language: Language) -> str:
    """The trading state: active, reducing or halted."""
    return say(language, f"state-{value}")
