"""What a person looks at: status, positions, trades, why, stats, budget; and how he is spoken to.

Ask -> one transaction -> a value -> a view

Nothing here changes anything but the person's own language, muted subjects and budget.
"""

from datetime import timedelta
from decimal import Decimal

from db.engine.settings import BudgetSettings
from telegram.delivery.pictures import draw_stats
from telegram.reads.books import load_positions, load_receipt, load_trades
from telegram.reads.stats import load_reports, sum_up
from telegram.reads.status import load_status
from telegram.request.request import Answer, Ask, Picture, Verb
from telegram.views.dialogs.alert_settings import render_alert_choices
from telegram.views.dialogs.budget import BudgetView, render_budget
from telegram.views.dialogs.people import render_language_changed, render_language_choice
from telegram.views.reports.models import render_models
from telegram.views.reports.positions import render_positions, render_trades
from telegram.views.reports.receipt import render_no_cycle, render_why
from telegram.views.reports.stats import render_stats, render_stats_caption
from telegram.views.reports.status import render_status
from trading.domain.accounts import Language
from trading.domain.alert_topics import AlertGroup
from trading.domain.errors import BadInput
from trading.domain.units import Pair, to_decimal
from trading.requests import is_one_pair

MOST_TRADES = 15
MOST_DOLLARS = 1000
SCORED = timedelta(days=30)
SWITCHES = {"on": False, "off": True}


async def show_status(ask: Ask) -> Answer:
    """Everything at a glance."""
    async with ask.tenant() as tenant:
        view = await load_status(tenant, now=ask.now)
    return render_status(view, language=ask.language)


async def show_positions(ask: Ask) -> Answer:
    """Open positions, of one pair or all."""
    async with ask.tenant() as tenant:
        found = await load_positions(tenant, text=ask.argument)
    return render_positions(found, language=ask.language)


async def show_trades(ask: Ask) -> Answer:
    """The latest executions, of one pair or all."""
    async with ask.tenant() as tenant:
        found = await load_trades(tenant, text=ask.argument, limit=MOST_TRADES)
    return render_trades(found, language=ask.language)


async def explain(ask: Ask) -> Answer:
    """The newest receipt, of one pair or of all."""
    async with ask.tenant() as tenant:
        record = await load_receipt(tenant, text=ask.argument)
    if record is None:
        pair = Pair.parse(ask.argument) if is_one_pair(ask.argument) else None
        return render_no_cycle(pair, language=ask.language)
    return render_why(record, language=ask.language)


async def show_stats(ask: Ask) -> Answer:
    """Results: of one pair with its picture, of several as text."""
    async with ask.tenant() as tenant:
        reports = await load_reports(tenant, text=ask.argument)
    found = sum_up(reports)
    if len(reports) == 1 and reports[0].portfolios:
        caption = render_stats_caption(found[0], language=ask.language)
        return Picture(reply=caption, png=await draw_stats(reports[0]))
    return render_stats(found, language=ask.language)


async def show_models(ask: Ask) -> Answer:
    """How often each model was right, of one pair or all."""
    pair = Pair.parse(ask.argument) if is_one_pair(ask.argument) else None
    async with ask.tenant() as tenant:
        card = await tenant.decisions.load_scorecard(since=ask.now - SCORED, pair=pair)
    return render_models(card, days=SCORED.days, language=ask.language)


async def show_budget(ask: Ask) -> Answer:
    """What the models cost today; with an amount, let a day cost no more than that."""
    day = ask.now.date()
    async with ask.tenant() as tenant:
        if ask.argument:
            await tenant.spend.set_cap(_parse_cap(ask.argument))
        spent = await tenant.spend.load_spent(day)
        own = (await tenant.spend.load_caps()).get(None)
    most = BudgetSettings().caps.user_usd
    view = BudgetView(day=day, spent_usd=spent, limit_usd=most if own is None else min(own, most))
    return render_budget(view, language=ask.language)


async def choose_alerts(ask: Ask) -> Answer:
    """Show the switches, or turn one: "trades off"."""
    async with ask.tenant() as tenant:
        muted = await tenant.users.load_muted()
        if ask.argument:
            muted = _switch(muted, ask.words)
            await tenant.users.set_muted(muted)
    return render_alert_choices(muted, language=ask.language)


async def choose_language(ask: Ask) -> Answer:
    """Ask for the language, or change it: "ru"."""
    if not ask.argument:
        return render_language_choice(ask.language, language=ask.language)
    language = _parse_language(ask.argument)
    async with ask.tenant() as tenant:
        await tenant.users.set_language(language)
    return render_language_changed(language=language)


def _switch(muted: frozenset[AlertGroup], words: list[str]) -> frozenset[AlertGroup]:
    names = [str(group) for group in AlertGroup]
    if len(words) != 2 or words[0] not in names or words[1] not in SWITCHES:
        raise BadInput(f"Write a subject ({', '.join(names)}) and on or off, like: trades off.")
    group = AlertGroup(words[0])
    return muted | {group} if SWITCHES[words[1]] else muted - {group}


def _parse_cap(text: str) -> Decimal | None:
    """Dollars a day; None for "off", which leaves the operator's cap."""
    if text.strip().lower() == "off":
        return None
    cap = to_decimal(text)
    if not 0 <= cap <= MOST_DOLLARS:
        raise BadInput(f"A day's budget is 0 to {MOST_DOLLARS} dollars, or off.")
    return cap


def _parse_language(text: str) -> Language:
    word = text.strip().lower()
    for language in Language:
        if word in {language.value, language.name.lower()} or word.startswith(f"{language}-"):
            return language
    raise BadInput(f"{text.strip()[:40]!r} is not a language I speak: en or ru.")


VERBS = (
    Verb(name="status", run=show_status),
    Verb(name="positions", run=show_positions, aliases=("position",)),
    Verb(name="trades", run=show_trades),
    Verb(name="why", run=explain),
    Verb(name="stats", run=show_stats, aliases=("mystats",)),
    Verb(name="models", run=show_models),
    Verb(name="budget", run=show_budget),
    Verb(name="alerts", run=choose_alerts),
    Verb(name="language", run=choose_language),
)
