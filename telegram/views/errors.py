"""When something does not work: one clear sentence, and an id where the log knows more.

a sentence of the domain | an id -> Reply
"""

# ruff: noqa: RUF001  (Russian letters look like Latin ones: here they are meant)

from telegram.views.message import Reply, build_reply, code, plain, speak
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
        speak(
            language,
            en=f"Something went wrong on our side; error {known}. Send /status to see what "
            "stands, and try again.",
            ru=f"У нас что-то сломалось; код ошибки {known}. Проверьте, что сейчас происходит: "
            "/status, и попробуйте ещё раз.",
        ),
        language=language,
    )


def render_try_later(*, language: Language) -> Reply:
    """Something we need does not answer."""
    return build_reply(
        speak(
            language,
            en="A part of the system does not answer right now. Try again in a minute; stops "
            "stay where they are.",
            ru="Часть системы сейчас не отвечает. Попробуйте через минуту; стопы остаются на "
            "месте.",
        ),
        language=language,
    )
