"""When something does not work: one clear sentence, and an id where the log knows more.

a sentence of the domain | an id -> Reply
"""

from reports.texts.catalog import render, say
from telegram.views.message import Reply, build_reply, code, plain
from trading.domain.accounts import Language
from trading.domain.messages import Message

MAX_SENTENCE_CHARACTERS = 1000


def render_bad_input(told: Message, *, language: Language) -> Reply:
    """Why a request can't be carried out."""
    short = render(told, language=language)[:MAX_SENTENCE_CHARACTERS]
    return build_reply(plain(short), language=language)


def render_trouble(error_id: str, *, language: Language) -> Reply:
    """An unexpected error of Quorum; the log has the details under the id."""
    known = code(error_id)
    return build_reply(
        say(language, "error-ours", known=known),
        language=language,
    )


def render_try_later(*, language: Language) -> Reply:
    """Something we need does not answer."""
    return build_reply(
        say(language, "error-try-later"),
        language=language,
    )
