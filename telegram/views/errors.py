"""When something does not work: one clear sentence, and an id where the log knows more.

a sentence of the domain | an id -> Reply
"""

from reports.texts.catalog import say
from telegram.views.message import Reply, build_reply, code, plain
from telegram.views.sentences import translate
from trading.domain.accounts import Language

MAX_SENTENCE_CHARACTERS = 1000


def render_bad_input(sentence: str, *, language: Language) -> Reply:
    """What was asked for can't be done: the domain's own sentence."""
    short = translate(sentence, language=language)[:MAX_SENTENCE_CHARACTERS]
    return build_reply(plain(short), language=language)


def render_trouble(error_id: str, *, language: Language) -> Reply:
    """Our mistake; the id finds it in the log."""
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
