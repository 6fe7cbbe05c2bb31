"""Messages for the operator: users, health, broadcasts.

UserLine ..., HealthView -> Reply
"""

from collections.abc import Sequence

from blocks.prefect.system import SystemState
from commands.council.health import CouncilHealth
from commands.operations import HealthView, UserLine
from reports.texts.catalog import render, say
from telegram.views.formatting import age, trading_state
from telegram.views.message import (
    Button,
    Reply,
    bold,
    build_reply,
    join_lines,
    plain,
    quote,
)
from trading.domain.accounts import Language, User
from trading.domain.units import TradingState
from trading.reporting.formatting import show_instant

MAX_USERS = 40


def render_users(rows: Sequence[UserLine], *, language: Language) -> Reply:
    """All users, newest last; of many, the first `MAX_USERS`."""
    title = bold(say(language, "admin-user-count", count=len(rows)))
    more = len(rows) - MAX_USERS
    return build_reply(
        title,
        join_lines(*(_describe_user(row, language) for row in rows[:MAX_USERS])),
        say(language, "common-more", more=more) if more > 0 else "",
        language=language,
    )


def render_health(view: HealthView, *, language: Language) -> Reply:
    """Health of the installation, for the operator's first look at a problem."""
    last, oldest = view.last_cycle_at, view.oldest_waiting_at
    never = say(language, "common-none-yet")
    cycle = age(view.now - last, language=language) if last else never
    waits = f", {age(view.now - oldest, language=language)}" if oldest else ""
    return build_reply(
        f"{bold(say(language, 'admin-health'))} · {show_instant(view.now)}",
        join_lines(
            plain(trading_state(view.state, language=language)),
            say(language, "admin-scheduler", answers=_describe_system(view.system, language)),
            say(language, "admin-last-cycle-ago", cycle=cycle)
            if last
            else say(language, "admin-last-cycle", cycle=cycle),
            say(
                language,
                "admin-totals",
                users=view.users,
                pairs=view.pairs,
                open_positions=view.open_positions,
            ),
            say(language, "admin-backlog", backlog=view.backlog, waits=waits),
            *_describe_council(view.council, language),
        ),
        language=language,
    )


def _describe_council(council: CouncilHealth, language: Language) -> tuple[str, ...]:
    """The council's state in a line; below the quorum red, with a line for each silent seat."""
    summary = plain(render(council.summary, language=language))
    if not council.is_broken:
        return (say(language, "admin-council-well", summary=summary),)
    steps = (quote(render(step, language=language)) for step in council.steps)
    return (say(language, "admin-council-broken", summary=summary), *steps)


def _describe_system(system: SystemState | None, language: Language) -> str:
    """Whether Prefect answers, and each object that keeps runs from starting."""
    if system is None:
        return say(language, "admin-scheduler-silent")
    if not system.has_pool:
        return say(language, "admin-scheduler-no-pool")
    paused, missing = plain(", ".join(system.paused)), plain(", ".join(system.missing))
    troubles = [
        *([say(language, "admin-scheduler-paused", names=paused)] if paused else []),
        *([say(language, "admin-scheduler-missing", names=missing)] if missing else []),
    ]
    return " ".join(troubles) or say(language, "admin-scheduler-answers")


def render_halted(state: TradingState, *, language: Language) -> Reply:
    """The system's switch was set."""
    if state is TradingState.ACTIVE:
        return build_reply(
            say(language, "admin-unhalted"),
            language=language,
        )
    return build_reply(
        say(language, "admin-halted"),
        language=language,
    )


def render_halt_question(reason: str, *, language: Language) -> Reply:
    """Stop everybody?"""
    return build_reply(
        say(language, "admin-halt-question", reason=quote(reason)),
        language=language,
        buttons=_yes_or_no("halt", argument=reason[:100], language=language),
    )


def render_broadcast_question(text: str, *, count: int, language: Language) -> Reply:
    """Ask for confirmation before a text goes to `count` users."""
    return build_reply(
        say(language, "admin-broadcast-question", count=count),
        f"<blockquote>{plain(text[:3000])}</blockquote>",
        language=language,
        buttons=_yes_or_no("broadcast", argument=text, language=language),
    )


def render_broadcast_queued(count: int, *, language: Language) -> Reply:
    """The broadcast is queued behind all alerts about risk."""
    return build_reply(
        say(language, "admin-broadcast-queued", count=count),
        language=language,
    )


def render_banned_user(user: User, *, is_banned: bool, language: Language) -> Reply:
    """A user's access was closed or opened."""
    name = f"{bold(user.name)} ({user.user_id})"
    return build_reply(
        (
            say(language, "admin-user-banned", name=name)
            if is_banned
            else say(language, "admin-user-unbanned", name=name)
        ),
        language=language,
    )


def _describe_user(row: UserLine, language: Language) -> str:
    user = row.user
    marks = [
        word
        for word, holds in (
            (say(language, "admin-mark-admin"), user.is_admin),
            (say(language, "admin-mark-banned"), user.is_banned),
            (say(language, "admin-mark-blocked-bot"), row.is_blocked),
        )
        if holds
    ]
    pairs = say(language, "admin-user-pairs", pairs=row.pairs)
    live = f", LIVE {row.live_pairs}" if row.live_pairs else ""
    return f"{user.user_id} · {quote(user.name)} · {pairs}{live}" + (
        f" · {', '.join(marks)}" if marks else ""
    )


def _yes_or_no(
    action: str, *, argument: str, language: Language
) -> tuple[tuple[Button, ...], ...]:
    yes = Button(label=say(language, "common-yes"), action=action, argument=argument)
    no = Button(label=say(language, "common-cancel"), action="cancel")
    return ((yes, no),)
