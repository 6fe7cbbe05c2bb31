"""Connecting an exchange, step by step; no view ever sees a key.

a step -> Reply
"""

from reports.texts.catalog import say
from telegram.views.message import Button, Reply, Rows, bold, build_reply, code, plain
from trading.domain.accounts import Language
from trading.domain.units import VenueName


def render_venue_choice(*, language: Language) -> Reply:
    """Which exchange?"""
    return build_reply(
        say(language, "connect-venue-question"),
        language=language,
        buttons=(
            (
                Button(label="Binance", action="connect", argument=VenueName.BINANCE),
                Button(label="Bybit", action="connect", argument=VenueName.BYBIT),
            ),
            *_cancel(language),
        ),
    )


def render_key_question(venue: VenueName, *, language: Language) -> Reply:
    """Ask for the key, and name the rights of a suitable key."""
    name = bold(venue.title())
    return build_reply(
        say(language, "connect-key-rights", name=name),
        say(language, "connect-key-question"),
        language=language,
        buttons=_cancel(language),
    )


def render_secret_question(
    venue: VenueName, *, was_deleted: bool = True, language: Language
) -> Reply:
    """Ask for the secret."""
    return build_reply(
        say(language, "connect-secret-question", venue=bold(venue.title())),
        "" if was_deleted else _ask_to_delete(language),
        language=language,
        buttons=_cancel(language),
    )


def render_key_sealed(
    venue: VenueName, *, hint: str, was_deleted: bool, language: Language
) -> Reply:
    """The key is sealed and under verification; paper trading comes first."""
    known = code(f"…{hint}") if hint else ""
    name = bold(venue.title())
    return build_reply(
        say(language, "connect-key-sealed", known=known, name=name).replace("  ", " "),
        say(language, "connect-paper-first"),
        "" if was_deleted else _ask_to_delete(language),
        language=language,
    )


def render_key_in_command(*, language: Language) -> Reply:
    """Keys belong into the dialog, not into the command."""
    return build_reply(
        say(language, "connect-key-in-command"),
        language=language,
    )


def render_disconnected(venue: VenueName, *, language: Language) -> Reply:
    """The key is deleted from Quorum; the exchange still accepts the key."""
    name = bold(venue.title())
    return build_reply(
        say(language, "connect-forgotten", name=name),
        language=language,
    )


def _ask_to_delete(language: Language) -> str:
    return say(language, "connect-key-message-left")


def _cancel(language: Language) -> Rows:
    return ((Button(label=say(language, "common-cancel"), action="cancel"),),)


def render_stray_key(*, was_deleted: bool, language: Language) -> Reply:
    """Warning to the sender of a key; holds nothing of the key."""
    deleted, left = say(language, "stray-key-deleted"), say(language, "stray-key-left")
    return build_reply(plain(deleted if was_deleted else left), language=language)
