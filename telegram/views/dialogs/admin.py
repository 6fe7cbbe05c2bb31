"""What the operator sees and does from a phone.

UserLine ..., HealthView -> Reply
"""

# ruff: noqa: RUF001  (Russian letters look like Latin ones: here they are meant)

from collections.abc import Sequence

from commands.operations import HealthView, UserLine
from telegram.views.formatting import age, trading_state
from telegram.views.message import (
    Button,
    Reply,
    bold,
    build_reply,
    join_lines,
    plain,
    quote,
    speak,
)
from trading.domain.accounts import Language, User
from trading.domain.units import TradingState
from trading.reporting.formatting import show_instant

MAX_USERS = 40


def render_users(rows: Sequence[UserLine], *, language: Language) -> Reply:
    """Everybody, newest last; the first `MAX_USERS` of many."""
    title = bold(speak(language, en=f"Users: {len(rows)}", ru=f"Участников: {len(rows)}"))
    more = len(rows) - MAX_USERS
    return build_reply(
        title,
        join_lines(*(_describe_user(row, language) for row in rows[:MAX_USERS])),
        speak(language, en=f"… and {more} more", ru=f"… и ещё {more}") if more > 0 else "",
        language=language,
    )


def render_health(view: HealthView, *, language: Language) -> Reply:
    """What the operator asks first when something seems wrong."""
    last, oldest = view.last_cycle_at, view.oldest_waiting_at
    never = speak(language, en="none yet", ru="ещё не было")
    cycle = age(view.now - last, language=language) if last else never
    waits = f", {age(view.now - oldest, language=language)}" if oldest else ""
    answers = (
        speak(language, en="answers", ru="отвечает")
        if view.scheduler_answers
        else speak(language, en="⚠️ does not answer", ru="⚠️ не отвечает")
    )
    return build_reply(
        f"{bold(speak(language, en='Health', ru='Состояние'))} · {show_instant(view.now)}",
        join_lines(
            plain(trading_state(view.state, language=language)),
            speak(language, en=f"Scheduler: {answers}", ru=f"Планировщик: {answers}"),
            speak(language, en=f"Last cycle: {cycle} ago", ru=f"Последний цикл: {cycle} назад")
            if last
            else speak(language, en=f"Last cycle: {cycle}", ru=f"Последний цикл: {cycle}"),
            speak(
                language,
                en=f"Users {view.users}, pairs {view.pairs}, open positions {view.open_positions}",
                ru=f"Участников {view.users}, пар {view.pairs}, открытых позиций "
                f"{view.open_positions}",
            ),
            speak(
                language,
                en=f"Messages owed: {view.backlog}{waits}",
                ru=f"Сообщений в очереди: {view.backlog}{waits}",
            ),
        ),
        language=language,
    )


def render_halted(state: TradingState, *, language: Language) -> Reply:
    """The system's switch was set."""
    if state is TradingState.ACTIVE:
        return build_reply(
            speak(
                language,
                en="Trading is on again for everybody.",
                ru="Торговля снова включена для всех.",
            ),
            language=language,
        )
    return build_reply(
        speak(
            language,
            en="<b>HALTED for everybody</b>: nothing new is opened; exits and stops work on. "
            "/unhalt allows entries again.",
            ru="<b>СТОП для всех</b>: ничего нового не открываем; выходы и стопы работают. "
            "Снова разрешить входы — /unhalt.",
        ),
        language=language,
    )


def render_halt_question(reason: str, *, language: Language) -> Reply:
    """Stop everybody?"""
    return build_reply(
        speak(
            language,
            en=f"Stop all entries of everybody? Reason: “{quote(reason)}”",
            ru=f"Остановить входы у всех? Причина: «{quote(reason)}»",
        ),
        language=language,
        buttons=_yes_or_no("halt", argument=reason[:100], language=language),
    )


def render_broadcast_question(text: str, *, count: int, language: Language) -> Reply:
    """Send that to so many people?"""
    return build_reply(
        speak(language, en=f"Send this to {count} users?", ru=f"Разослать участникам ({count})?"),
        f"<blockquote>{plain(text[:3000])}</blockquote>",
        language=language,
        buttons=_yes_or_no("broadcast", argument=text, language=language),
    )


def render_broadcast_queued(count: int, *, language: Language) -> Reply:
    """It goes out behind everything that is about risk."""
    return build_reply(
        speak(
            language,
            en=f"Queued for {count} users; it goes out behind everything that is about risk.",
            ru=f"В очереди для участников: {count}. Уйдёт после всего, что касается риска.",
        ),
        language=language,
    )


def render_banned_user(user: User, *, is_banned: bool, language: Language) -> Reply:
    """A user's access was closed or opened."""
    name = f"{bold(user.name)} ({user.user_id})"
    return build_reply(
        speak(
            language,
            en=f"{name} is banned: no entries, no commands; stops stay."
            if is_banned
            else f"{name} may use the bot again.",
            ru=f"{name}: доступ закрыт. Ни входов, ни команд; стопы остаются."
            if is_banned
            else f"{name}: доступ снова открыт.",
        ),
        language=language,
    )


def _describe_user(row: UserLine, language: Language) -> str:
    user = row.user
    marks = [
        word
        for word, holds in (
            (speak(language, en="admin", ru="оператор"), user.is_admin),
            (speak(language, en="banned", ru="доступ закрыт"), user.is_banned),
            (speak(language, en="blocked the bot", ru="заблокировал бота"), row.is_blocked),
        )
        if holds
    ]
    pairs = speak(language, en=f"pairs {row.pairs}", ru=f"пар {row.pairs}")
    live = f", LIVE {row.live_pairs}" if row.live_pairs else ""
    return f"{user.user_id} · {quote(user.name)} · {pairs}{live}" + (
        f" · {', '.join(marks)}" if marks else ""
    )


def _yes_or_no(
    action: str, *, argument: str, language: Language
) -> tuple[tuple[Button, ...], ...]:
    yes = Button(label=speak(language, en="Yes", ru="Да"), action=action, argument=argument)
    no = Button(label=speak(language, en="Cancel", ru="Отмена"), action="cancel")
    return ((yes, no),)
