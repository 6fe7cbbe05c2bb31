"""Welcome, sign-up, refusal of access, and the choice of the language.

a person's name, the language -> Reply
"""

from reports.texts.catalog import list_languages, say
from telegram.views.message import Button, Reply, bold, build_reply, code
from trading.domain.accounts import Language


def render_registered(name: str, *, signs_up: bool, language: Language) -> Reply:
    """Welcome; `signs_up` is False for a returning user."""
    hello = (
        say(language, "people-registered", name=bold(name))
        if signs_up
        else say(language, "people-welcome-back", name=bold(name))
    )
    return build_reply(
        hello,
        _introduce(language) if signs_up else "",
        _say_first_step(language),
        language=language,
        buttons=_first_buttons(language),
    )


def render_signup_closed(*, language: Language) -> Reply:
    """Sign-up is closed to new users."""
    return build_reply(
        say(language, "people-signup-closed"),
        language=language,
    )


def render_invitation_needed(*, language: Language) -> Reply:
    """Sign-up needs an invitation code."""
    example = code(say(language, "people-invitation-example"))
    return build_reply(
        say(language, "people-invitation-needed", example=example),
        language=language,
    )


def render_banned(*, language: Language) -> Reply:
    """The operator banned the user; protective orders stay in place."""
    return build_reply(
        say(language, "people-banned"),
        language=language,
    )


def render_stranger(*, language: Language) -> Reply:
    """Answer to a command of an unregistered person."""
    return build_reply(
        say(language, "people-stranger"),
        language=language,
    )


def render_language_choice(current: Language, *, language: Language) -> Reply:
    """Ask for the language of the bot's messages."""
    rows = (
        tuple(
            Button(
                label=f"{_name_language(one)} ✓" if one == current else _name_language(one),
                action="language",
                argument=one,
            )
            for one in list_languages()
        ),
    )
    return build_reply(
        say(language, "language-question"),
        language=language,
        buttons=rows,
    )


def render_language_changed(*, language: Language) -> Reply:
    """In the new language."""
    return build_reply(
        say(language, "language-changed"),
        language=language,
    )


def _introduce(language: Language) -> str:
    return say(language, "people-introduction", paper=bold("PAPER"))


def _say_first_step(language: Language) -> str:
    example = code("/addpair BTC/USDT 1000")
    return say(language, "people-first-step", example=example)


def _first_buttons(language: Language) -> tuple[tuple[Button, ...], ...]:
    add = say(language, "people-first-pair-button")
    others = (one for one in list_languages() if one != language)
    return (
        (Button(label=add, action="addpair", argument="BTC/USDT 1000"),),
        (
            Button(label=say(language, "people-help-button"), action="help"),
            *(Button(label=_name_language(o), action="language", argument=o) for o in others),
        ),
    )


def _name_language(language: Language) -> str:
    """The language's own name: English, Русский."""
    return say(language, "language-name")
