"""/addpair, /removepair, /pairs, /pause, /resume and /capital."""

from commands import pairs
from telegram.request.request import Answer, Ask, Verb
from telegram.views.help import render_usage
from telegram.views.reports.pairs import (
    render_capital_changed,
    render_pair_added,
    render_pair_removed,
    render_pairs,
    render_switched,
)
from trading.domain.units import Pair


async def add_pair(ask: Ask) -> Answer:
    """Trade a pair on paper with an amount."""
    if len(ask.words) != 2:
        return render_usage("addpair", language=ask.language)
    added = await pairs.add_pair(ask, Pair.parse(ask.words[0]), amount=ask.words[1])
    return render_pair_added(added.config, follows=added.follows, language=ask.language)


async def remove_pair(ask: Ask) -> Answer:
    """Stop trading a flat pair."""
    if len(ask.words) != 1:
        return render_usage("removepair", language=ask.language)
    removed = await pairs.remove_pair(ask, Pair.parse(ask.argument))
    return render_pair_removed(removed.config, follows=removed.follows, language=ask.language)


async def set_capital(ask: Ask) -> Answer:
    """Set aside another amount for a pair."""
    if len(ask.words) != 2:
        return render_usage("capital", language=ask.language)
    changed = await pairs.set_capital(ask, Pair.parse(ask.words[0]), amount=ask.words[1])
    return render_capital_changed(changed.config, before=changed.before, language=ask.language)


async def list_pairs(ask: Ask) -> Answer:
    """List the user's pairs."""
    return render_pairs(await ask.list_pairs(), language=ask.language)


async def pause(ask: Ask) -> Answer:
    """Open no new positions; stops and targets stay."""
    paused = await pairs.pause_pairs(ask, ask.argument)
    return render_switched(
        paused.configs, is_paused=True, follows=paused.follows, language=ask.language
    )


async def resume(ask: Ask) -> Answer:
    """Trade again; closes an open breaker."""
    resumed = await pairs.resume_pairs(ask, ask.argument)
    return render_switched(
        resumed.configs, is_paused=False, follows=resumed.follows, language=ask.language
    )


VERBS = (
    Verb(name="addpair", run=add_pair),
    Verb(name="removepair", run=remove_pair),
    Verb(name="capital", run=set_capital, aliases=("setcapital",)),
    Verb(name="pairs", run=list_pairs, aliases=("listpairs",)),
    Verb(name="pause", run=pause, aliases=("stop_trading",)),
    Verb(name="resume", run=resume, aliases=("start_trading",)),
)
