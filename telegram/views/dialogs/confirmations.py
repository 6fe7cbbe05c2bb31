"""Confirmation of actions without undo, and the messages after the answer.

planned action -> question with buttons; pressed button -> message about the started action
"""

from collections.abc import Sequence

from reports.texts.catalog import say
from telegram.views.formatting import price, show_mode, side
from telegram.views.message import Button, Reply, Rows, bold, build_reply, code
from trading.domain.accounts import Language, PairConfig
from trading.domain.positions import Position


def render_close_question(
    config: PairConfig, *, position: Position | None, language: Language
) -> Reply:
    """Ask whether to close a pair's position at the market; without a position, ask nothing."""
    pair = str(config.pair)
    if position is None:
        return build_reply(
            say(language, "close-no-position", pair=bold(pair)),
            language=language,
        )
    held = (
        f"{side(position.side, language=language)} {price(position.quantity)} "
        f"{config.pair.base} · {show_mode(config.mode)}"
    )
    return build_reply(
        say(language, "close-question", pair=bold(pair), held=held),
        language=language,
        buttons=_yes_or_no(
            Button(
                label=say(language, "close-button", pair=pair),
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
        say(language, "panic-question", names=names),
        language=language,
        buttons=_yes_or_no(
            Button(
                label=say(language, "panic-button"),
                action="panic",
            ),
            language,
        ),
    )


def render_closing(config: PairConfig, *, language: Language) -> Reply:
    """Closing has begun; an alert reports the end."""
    pair = bold(str(config.pair))
    return build_reply(
        say(language, "close-begun", pair=pair),
        language=language,
        buttons=_look(language),
    )


def render_close_stuck(config: PairConfig, *, language: Language) -> Reply:
    """The pair is paused, but the request to close did not reach Prefect."""
    pair = bold(str(config.pair))
    return build_reply(
        say(language, "close-stuck", pair=pair, command=code(f"/close {config.pair}")),
        language=language,
        buttons=_look(language),
    )


def render_panic_begun(
    configs: Sequence[PairConfig], *, follows: bool, language: Language
) -> Reply:
    """Everything is paused; `follows` is False when the closing could not be started."""
    names = bold(", ".join(str(config.pair) for config in configs))
    begun = say(language, "panic-begun", names=names)
    stuck = say(language, "panic-stuck", names=names)
    return build_reply(begun if follows else stuck, language=language, buttons=_look(language))


def render_canceled(*, language: Language) -> Reply:
    """Nothing was done."""
    return build_reply(
        say(language, "common-canceled"),
        language=language,
    )


def render_button_stale(*, language: Language) -> Reply:
    """The button was used before, has expired, or belongs to another person."""
    return build_reply(
        say(language, "common-button-stale"),
        language=language,
    )


def _yes_or_no(yes: Button, language: Language) -> Rows:
    no = Button(label=say(language, "common-cancel"), action="cancel")
    return ((yes,), (no,))


def _look(language: Language) -> Rows:
    label = say(language, "common-positions")
    return ((Button(label=label, action="positions"),),)
