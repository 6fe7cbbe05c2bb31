"""Confirmation of actions without undo, and the messages after the answer.

planned action -> question with buttons; pressed button -> message about the started action
"""

from collections.abc import Sequence

from commands.closing import ClosingProgress
from commands.positions import Offer
from reports.texts.catalog import render, say
from telegram.views.formatting import price, show_mode, side
from telegram.views.message import (
    Button,
    Reply,
    Rows,
    bold,
    build_reply,
    code,
    join_lines,
    quote,
)
from trading.domain.accounts import Language, PairConfig
from trading.domain.close_requests import OVERDUE_AFTER, CloseRequest
from trading.domain.positions import Position
from trading.domain.units import Pair


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


def render_close_progress(progress: ClosingProgress, *, language: Language) -> Reply:
    """The count of flat pairs; after 20 s also what is known, and the way to close by hand."""
    count = len(progress.flat) + len(progress.open) + len(progress.withdrawn)
    late = progress.open and progress.seconds >= OVERDUE_AFTER.total_seconds()
    return build_reply(
        _describe_count(progress, count, language),
        join_lines(*(_describe_late(one, language) for one in progress.open)) if late else "",
        say(language, "closing-late-help", seconds=progress.seconds // 10 * 10) if late else "",
        say(language, "closing-withdrawn", names=bold(_join(progress.withdrawn)))
        if progress.withdrawn
        else "",
        language=language,
        buttons=_look(language),
    )


def _describe_count(progress: ClosingProgress, count: int, language: Language) -> str:
    done = len(progress.flat)
    if progress.open:
        names = bold(_join([one.pair for one in progress.open]))
        return say(language, "closing-count", done=done, count=count, names=names)
    if not done:
        return ""
    names = bold(_join(progress.flat))
    return say(language, "closing-done", done=done, count=count, names=names)


def _describe_late(request: CloseRequest, language: Language) -> str:
    pair = bold(str(request.pair))
    if request.tried_at is None:
        return say(language, "closing-not-begun", pair=pair)
    if not request.reason:
        return say(language, "closing-in-work", pair=pair)
    why = quote(render(request.reason, language=language))
    return say(language, "closing-failed", pair=pair, attempts=request.attempts, why=why)


def _join(pairs: Sequence[Pair]) -> str:
    return ", ".join(map(str, pairs))


def render_adopt_question(offer: Offer, *, language: Language) -> Reply:
    """Ask whether Quorum takes over a position that it did not open."""
    pair, seen = str(offer.config.pair), offer.position
    held = f"{side(seen.side, language=language)} {price(seen.quantity)} {offer.config.pair.base}"
    return build_reply(
        say(
            language,
            "adopt-question",
            pair=bold(pair),
            venue=offer.config.venue.title(),
            held=held,
            price=seen.average_entry_price,
            percent=offer.stop_pct,
        ),
        language=language,
        buttons=_yes_or_no(
            Button(
                label=say(language, "adopt-button", pair=pair),
                action="adopt",
                argument=pair,
            ),
            language,
        ),
    )


def render_adopt_begun(offer: Offer, *, language: Language) -> Reply:
    """The request is stored; an alert reports the end."""
    return build_reply(
        say(language, "adopt-begun", pair=bold(str(offer.config.pair))),
        language=language,
        buttons=_look(language),
    )


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
