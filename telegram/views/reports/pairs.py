"""A user's pairs: the list, and the latest changes.

PairConfig ... -> Reply
"""

from collections.abc import Sequence
from decimal import Decimal

from reports.texts.catalog import say
from telegram.views.formatting import money, show_mode, show_pause, unit
from telegram.views.message import (
    Button,
    Reply,
    Rows,
    bold,
    build_reply,
    code,
    join_lines,
    plain,
)
from trading.domain.accounts import Language, PairConfig


def render_pairs(configs: Sequence[PairConfig], *, language: Language) -> Reply:
    """The list of pairs, with a pause or resume button for each of the first 12."""
    if not configs:
        return render_no_pairs(language=language)
    return build_reply(
        bold(say(language, "pairs-title")),
        *(_describe(config, language) for config in configs),
        language=language,
        buttons=tuple(_switches(config, language) for config in configs[:12]),
    )


def render_no_pairs(*, language: Language) -> Reply:
    """The user has no pairs; names the command to add a pair."""
    example = code("/addpair BTC/USDT 1000")
    return build_reply(
        say(language, "pairs-none", example=example),
        language=language,
    )


def render_pair_added(config: PairConfig, *, follows: bool, language: Language) -> Reply:
    """The pair is stored; `follows` is False when Prefect learns of the pair later."""
    capital = f"{money(config.capital, language=language)} {unit(config.pair, config.mode)}"
    return build_reply(
        say(
            language,
            "pairs-added",
            pair=bold(str(config.pair)),
            capital=capital,
            venue=config.venue,
        ),
        say(language, "pairs-added-next"),
        _say_if_later(follows, language),
        language=language,
        buttons=(
            (
                Button(label=say(language, "common-status"), action="status"),
                Button(
                    label=say(language, "common-pause"),
                    action="pause",
                    argument=str(config.pair),
                ),
            ),
        ),
    )


def render_pair_removed(config: PairConfig, *, follows: bool, language: Language) -> Reply:
    """The pair is removed; the pair's history is kept."""
    pair = bold(str(config.pair))
    return build_reply(
        say(language, "pairs-removed", pair=pair),
        _say_if_later(follows, language),
        language=language,
    )


def render_capital_changed(config: PairConfig, *, before: Decimal, language: Language) -> Reply:
    """The capital of a pair before and after a change."""
    old, new = (money(one, language=language) for one in (before, config.capital))
    pair, currency = bold(str(config.pair)), unit(config.pair, config.mode)
    return build_reply(
        say(language, "pairs-capital-changed", pair=pair, new=new, currency=currency, old=old),
        language=language,
    )


def render_switched(
    configs: Sequence[PairConfig], *, is_paused: bool, follows: bool, language: Language
) -> Reply:
    """The answer after pairs were paused or resumed."""
    names = bold(", ".join(str(config.pair) for config in configs))
    text = (
        say(language, "pairs-paused", names=names)
        if is_paused
        else say(language, "pairs-resumed", names=names)
    )
    switch = _switch_all(configs, is_paused=is_paused, language=language)
    return build_reply(text, _say_if_later(follows, language), language=language, buttons=switch)


def _describe(config: PairConfig, language: Language) -> str:
    state = show_pause(config, language=language)
    capital = f"{money(config.capital, language=language)} {unit(config.pair, config.mode)}"
    since = say(language, "pairs-since")
    return join_lines(
        f"{bold(str(config.pair))} · {show_mode(config.mode)} · {state}",
        f"{capital}, {plain(config.venue)}, {since} {config.created_at:%Y-%m-%d}",
    )


def _switches(config: PairConfig, language: Language) -> tuple[Button, ...]:
    pair = str(config.pair)
    switch = (
        Button(
            label=say(language, "pairs-resume-one", pair=pair),
            action="resume",
            argument=pair,
        )
        if config.is_paused
        else Button(
            label=say(language, "pairs-pause-one", pair=pair),
            action="pause",
            argument=pair,
        )
    )
    why = Button(label=say(language, "common-why"), action="why", argument=pair)
    return (switch, why)


def _switch_all(configs: Sequence[PairConfig], *, is_paused: bool, language: Language) -> Rows:
    label = say(language, "common-resume") if is_paused else say(language, "common-pause")
    argument = str(configs[0].pair) if len(configs) == 1 else "all"
    action = "resume" if is_paused else "pause"
    return ((Button(label=label, action=action, argument=argument),),)


def _say_if_later(follows: bool, language: Language) -> str:
    if follows:
        return ""
    return say(language, "pairs-follows-later")
