"""Questions before something that can't be taken back, and what follows the answer.

what is about to happen -> question with buttons; the press -> what has begun
"""

from collections.abc import Sequence

from telegram.views.formatting import price, show_mode, side
from telegram.views.message import Button, Reply, Rows, bold, build_reply, code, speak
from trading.domain.accounts import Language, PairConfig
from trading.domain.positions import Position


def render_close_question(
    config: PairConfig, *, position: Position | None, language: Language
) -> Reply:
    """Close one pair's position at the market? Nothing to ask when there is none."""
    pair = str(config.pair)
    if position is None:
        return build_reply(
            speak(
                language,
                en=f"{bold(pair)} has no open position.",
                ru=f"По {bold(pair)} нет открытой позиции.",
            ),
            language=language,
        )
    held = (
        f"{side(position.side, language=language)} {price(position.quantity)} "
        f"{config.pair.base} · {show_mode(config.mode)}"
    )
    return build_reply(
        speak(
            language,
            en=f"Close {bold(pair)} at the market now? You hold {held}.",
            ru=f"Закрыть {bold(pair)} по рынку прямо сейчас? Открыто: {held}.",
        ),
        language=language,
        buttons=_yes_or_no(
            Button(
                label=speak(language, en=f"Close {pair}", ru=f"Закрыть {pair}"),
                action="close",
                argument=pair,
            ),
            language,
        ),
    )


def render_panic_question(configs: Sequence[PairConfig], *, language: Language) -> Reply:
    """Stop everything?"""
    names = bold(", ".join(f"{c.pair} ({show_mode(c.mode)})" for c in configs))
    return build_reply(
        speak(
            language,
            en=f"Pause every pair and close every position at the market now: {names}?",
            ru=f"Остановить все пары и закрыть все позиции по рынку прямо сейчас: {names}?",
        ),
        language=language,
        buttons=_yes_or_no(
            Button(
                label=speak(language, en="Yes, close everything", ru="Да, закрыть всё"),
                action="panic",
            ),
            language,
        ),
    )


def render_closing(config: PairConfig, *, language: Language) -> Reply:
    """The closing has begun; its end comes as an alert."""
    pair = bold(str(config.pair))
    return build_reply(
        speak(
            language,
            en=f"Closing {pair} at the market has begun. A message follows when it is done.",
            ru=f"Закрываю {pair} по рынку. Когда всё будет готово, придёт сообщение.",
        ),
        language=language,
        buttons=_look(language),
    )


def render_close_stuck(config: PairConfig, *, language: Language) -> Reply:
    """The pair is paused, but nobody could be asked to close it."""
    pair = bold(str(config.pair))
    return build_reply(
        speak(
            language,
            en=f"{pair} is paused. <b>The closing could not be started</b>: the scheduler does "
            f"not answer. Send {code(f'/close {config.pair}')} again in a minute, or close at the "
            "exchange yourself. Its stop and target stay where they are.",
            ru=f"{pair} на паузе. <b>Закрытие запустить не удалось</b>: планировщик не отвечает. "
            f"Отправьте {code(f'/close {config.pair}')} ещё раз через минуту или закройте на "
            "бирже сами. Стоп и цель остаются на месте.",
        ),
        language=language,
        buttons=_look(language),
    )


def render_panic_begun(
    configs: Sequence[PairConfig], *, follows: bool, language: Language
) -> Reply:
    """Everything is paused; `follows` is False when the closing could not be started."""
    names = bold(", ".join(str(config.pair) for config in configs))
    begun = speak(
        language,
        en=f"Everything is paused and being closed: {names}.",
        ru=f"Всё остановлено и закрывается: {names}.",
    )
    stuck = speak(
        language,
        en=f"Everything is paused: {names}. <b>The closing could not be started</b>: the "
        "scheduler does not answer. Send /panic again in a minute, or close at the exchange "
        "yourself. Stops and targets stay where they are.",
        ru=f"Всё остановлено: {names}. <b>Закрытие запустить не удалось</b>: планировщик не "
        "отвечает. Отправьте /panic ещё раз через минуту или закройте на бирже сами. Стопы и "
        "цели остаются на месте.",
    )
    return build_reply(begun if follows else stuck, language=language, buttons=_look(language))


def render_canceled(*, language: Language) -> Reply:
    """Nothing was done."""
    return build_reply(
        speak(
            language,
            en="Canceled: nothing was changed.",
            ru="Отменено: ничего не изменилось.",
        ),
        language=language,
    )


def render_button_stale(*, language: Language) -> Reply:
    """A button that was pressed before, is too old, or was never this person's."""
    return build_reply(
        speak(
            language,
            en="This button is used up or too old. Send the command again.",
            ru="Эта кнопка уже использована или устарела. Отправьте команду ещё раз.",
        ),
        language=language,
    )


def _yes_or_no(yes: Button, language: Language) -> Rows:
    no = Button(label=speak(language, en="Cancel", ru="Отмена"), action="cancel")
    return ((yes,), (no,))


def _look(language: Language) -> Rows:
    label = speak(language, en="Positions", ru="Позиции")
    return ((Button(label=label, action="positions"),),)
