"""A user's preferences: model budget, muted alerts, and language."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from commands.caller import Caller
from db.engine.settings import BudgetSettings
from reports.texts.catalog import parse_language
from trading.domain.accounts import Language
from trading.domain.alert_topics import AlertGroup
from trading.domain.errors import BadInput
from trading.domain.messages import message
from trading.domain.units import to_decimal

MAX_BUDGET_USD = 1000
IS_MUTED = {"on": False, "off": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetView:
    """
    Dollars of a UTC day.

    Attributes:
        spent_usd: cost of answers that were requested for the user; a shared answer counts for
            the user whose cycle requested the answer first.
        limit_usd: most that a day may cost; None without a limit.
    """

    day: date
    spent_usd: Decimal
    limit_usd: Decimal | None


async def load_budget(caller: Caller) -> BudgetView:
    """Load the costs and the limit of the current UTC day."""
    day = caller.now.date()
    async with caller.tenant() as tenant:
        spent = await tenant.spend.load_spent(day)
        own = (await tenant.spend.load_caps()).get(None)
    most = BudgetSettings().caps.user_usd
    limit = most if own is None else min(own, most)
    return BudgetView(day=day, spent_usd=spent, limit_usd=limit)


async def set_budget(caller: Caller, text: str) -> BudgetView:
    """
    Limit a day's model costs: dollars, or "off" for the operator's limit alone.

    Raises:
        BadInput: for text that is no number, and outside 0 to `MAX_BUDGET_USD`.
    """
    cap = None if text.strip().lower() == "off" else to_decimal(text)
    if cap is not None and not 0 <= cap <= MAX_BUDGET_USD:
        raise BadInput(message("budget-form", most=MAX_BUDGET_USD))
    async with caller.tenant() as tenant:
        await tenant.spend.set_cap(cap)
    return await load_budget(caller)


async def load_muted(caller: Caller) -> frozenset[AlertGroup]:
    """Load the muted subjects of alerts."""
    async with caller.tenant() as tenant:
        return await tenant.users.load_muted()


async def set_alerts(caller: Caller, text: str) -> frozenset[AlertGroup]:
    """
    Mute or unmute a subject of alerts, "trades off"; returns the muted subjects.

    Raises:
        BadInput: for other words.
    """
    words, names = text.split(), [str(group) for group in AlertGroup]
    if len(words) != 2 or words[0] not in names or words[1] not in IS_MUTED:
        raise BadInput(message("alerts-form", names=", ".join(names)))
    group = frozenset({AlertGroup(words[0])})
    async with caller.tenant() as tenant:
        muted = await tenant.users.load_muted()
        muted = muted | group if IS_MUTED[words[1]] else muted - group
        await tenant.users.set_muted(muted)
    return muted


async def set_language(caller: Caller, text: str) -> Language:
    """Speak another language to the user. Raises BadInput for a language without texts."""
    language = parse_language(text)
    async with caller.tenant() as tenant:
        await tenant.users.set_language(language)
    return language
