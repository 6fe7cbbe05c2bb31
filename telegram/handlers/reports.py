"""Queries and preferences: status, positions, trades, receipts, results, budget, alerts, language.

Ask -> command -> value -> view
"""

from commands import operations, positions, receipts, stats, status
from commands.people import preferences
from telegram.delivery.pictures import draw_stats
from telegram.request.request import Answer, Ask, Picture, Verb
from telegram.views.dialogs.alert_settings import render_alert_choices
from telegram.views.dialogs.budget import render_budget
from telegram.views.dialogs.people import render_language_changed, render_language_choice
from telegram.views.reports.audit import render_audit
from telegram.views.reports.models import render_models
from telegram.views.reports.positions import render_positions, render_trades
from telegram.views.reports.receipt import render_why
from telegram.views.reports.stats import render_stats, render_stats_caption
from telegram.views.reports.status import render_status

MAX_TRADES = 15
MAX_ENTRIES = 15


async def show_status(ask: Ask) -> Answer:
    """Show every pair at a glance."""
    return render_status(await status.load_status(ask), language=ask.language)


async def show_positions(ask: Ask) -> Answer:
    """Show open positions of a pair or all."""
    found = await positions.load_positions(ask, ask.argument)
    return render_positions(found, language=ask.language)


async def show_trades(ask: Ask) -> Answer:
    """Show the latest executions of a pair or all."""
    found = await positions.load_trades(ask, ask.argument, limit=MAX_TRADES)
    return render_trades(found, language=ask.language)


async def show_audit(ask: Ask) -> Answer:
    """Show the newest audit entries about the user."""
    entries = await operations.load_own_entries(ask, limit=MAX_ENTRIES)
    return render_audit(entries, language=ask.language)


async def explain(ask: Ask) -> Answer:
    """Show the newest receipt of a pair or all."""
    record = await receipts.load_receipt(ask, ask.argument)
    config = await receipts.find_config(ask, record)
    return render_why(record, config=config, language=ask.language)


async def show_stats(ask: Ask) -> Answer:
    """Show results: of a pair with a picture, of several as text."""
    reports = await stats.load_reports(ask, ask.argument)
    found = tuple(stats.summarize(report) for report in reports)
    if len(reports) == 1 and reports[0].portfolios:
        caption = render_stats_caption(found[0], language=ask.language)
        return Picture(reply=caption, png=await draw_stats(reports[0]))
    return render_stats(found, language=ask.language)


async def show_models(ask: Ask) -> Answer:
    """Show how often each model was right, for a pair or all."""
    card = await stats.load_scorecard(ask, ask.argument)
    return render_models(card, days=stats.SCORECARD_PERIOD.days, language=ask.language)


async def show_budget(ask: Ask) -> Answer:
    """Show the models' costs of the day; with an amount, limit a day's costs first."""
    view = (
        await preferences.set_budget(ask, ask.argument)
        if ask.argument
        else await preferences.load_budget(ask)
    )
    return render_budget(view, language=ask.language)


async def choose_alerts(ask: Ask) -> Answer:
    """Show the switches of the alerts; with "trades off", mute the group "trades" first."""
    muted = (
        await preferences.set_alerts(ask, ask.argument)
        if ask.argument
        else await preferences.load_muted(ask)
    )
    return render_alert_choices(muted, language=ask.language)


async def choose_language(ask: Ask) -> Answer:
    """Ask for the language, or change the language: "ru"."""
    if not ask.argument:
        return render_language_choice(ask.language, language=ask.language)
    return render_language_changed(language=await preferences.set_language(ask, ask.argument))


VERBS = (
    Verb(name="status", run=show_status),
    Verb(name="positions", run=show_positions, aliases=("position",)),
    Verb(name="trades", run=show_trades),
    Verb(name="why", run=explain),
    Verb(name="audit", run=show_audit),
    Verb(name="stats", run=show_stats, aliases=("mystats",)),
    Verb(name="models", run=show_models),
    Verb(name="budget", run=show_budget),
    Verb(name="alerts", run=choose_alerts),
    Verb(name="language", run=choose_language),
)
