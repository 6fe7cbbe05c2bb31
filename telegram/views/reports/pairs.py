"""A user's pairs: the list, and what has just been changed of them.

PairConfig ... -> Reply
"""

# ruff: noqa: RUF001  (Russian letters look like Latin ones: here they are meant)

from collections.abc import Sequence
from decimal import Decimal

from telegram.views.formatting import money, show_mode, unit
from telegram.views.message import (
    Button,
    Reply,
    Rows,
    bold,
    build_reply,
    code,
    join_lines,
    plain,
    speak,
)
from trading.domain.accounts import Language, PairConfig


def render_pairs(configs: Sequence[PairConfig], *, language: Language) -> Reply:
    """The list with a switch for each."""
    if not configs:
        return render_no_pairs(language=language)
    return build_reply(
        bold(speak(language, en="Your pairs", ru="Ваши пары")),
        *(_describe(config, language) for config in configs),
        language=language,
        buttons=tuple(_switches(config, language) for config in configs[:12]),
    )


def render_no_pairs(*, language: Language) -> Reply:
    """There is nothing to show, and how to change that."""
    example = code("/addpair BTC/USDT 1000")
    return build_reply(
        speak(
            language,
            en=f"You trade no pair yet. Add one with an amount: {example}",
            ru=f"У вас пока нет ни одной пары. Добавьте пару и сумму: {example}",
        ),
        language=language,
    )


def render_pair_added(config: PairConfig, *, follows: bool, language: Language) -> Reply:
    """It is remembered; `follows` is False when Prefect will learn of it later."""
    capital = f"{money(config.capital, language=language)} {unit(config.pair, config.mode)}"
    return build_reply(
        speak(
            language,
            en=f"Added {bold(str(config.pair))} with {capital} on {config.venue} prices.",
            ru=f"Пара {bold(str(config.pair))} добавлена: {capital}, цены {config.venue}.",
        ),
        speak(
            language,
            en="The council looks at it every 30 minutes; /why tells what it decided.",
            ru="Совет смотрит на неё каждые 30 минут; что решено и почему — /why.",
        ),
        _say_if_later(follows, language),
        language=language,
        buttons=(
            (
                Button(label=speak(language, en="Status", ru="Статус"), action="status"),
                Button(
                    label=speak(language, en="Pause", ru="Пауза"),
                    action="pause",
                    argument=str(config.pair),
                ),
            ),
        ),
    )


def render_pair_removed(config: PairConfig, *, follows: bool, language: Language) -> Reply:
    """It is forgotten; its history is not."""
    pair = bold(str(config.pair))
    return build_reply(
        speak(
            language,
            en=f"Removed {pair}. Its trades and receipts stay.",
            ru=f"Пара {pair} убрана. Её сделки и отчёты сохранены.",
        ),
        _say_if_later(follows, language),
        language=language,
    )


def render_capital_changed(config: PairConfig, *, before: Decimal, language: Language) -> Reply:
    """The capital of a pair before and after a change."""
    old, new = (money(one, language=language) for one in (before, config.capital))
    pair, currency = bold(str(config.pair)), unit(config.pair, config.mode)
    return build_reply(
        speak(
            language,
            en=f"{pair} trades with {new} {currency} from the next cycle on, {old} before. "
            "The change counts neither as profit nor as loss.",
            ru=f"{pair} со следующего цикла торгует на {new} {currency}, раньше {old}. "
            "Это не прибыль и не убыток.",
        ),
        language=language,
    )


def render_switched(
    configs: Sequence[PairConfig], *, is_paused: bool, follows: bool, language: Language
) -> Reply:
    """Paused or resumed."""
    names = bold(", ".join(str(config.pair) for config in configs))
    text = (
        speak(
            language,
            en=f"Paused: {names}. No new entries; stops and targets stay.",
            ru=f"Пауза: {names}. Новых входов не будет; стопы и цели остаются.",
        )
        if is_paused
        else speak(
            language,
            en=f"Running again: {names}. An open breaker is closed, too.",
            ru=f"Снова в работе: {names}. Защитная пауза, если была, снята.",
        )
    )
    switch = _switch_all(configs, is_paused=is_paused, language=language)
    return build_reply(text, _say_if_later(follows, language), language=language, buttons=switch)


def _describe(config: PairConfig, language: Language) -> str:
    state = (
        speak(language, en="paused", ru="пауза")
        if config.is_paused
        else speak(language, en="running", ru="в работе")
    )
    capital = f"{money(config.capital, language=language)} {unit(config.pair, config.mode)}"
    since = speak(language, en="since", ru="с")
    return join_lines(
        f"{bold(str(config.pair))} · {show_mode(config.mode)} · {state}",
        f"{capital}, {plain(config.venue)}, {since} {config.created_at:%Y-%m-%d}",
    )


def _switches(config: PairConfig, language: Language) -> tuple[Button, ...]:
    pair = str(config.pair)
    switch = (
        Button(
            label=speak(language, en=f"Resume {pair}", ru=f"Продолжить {pair}"),
            action="resume",
            argument=pair,
        )
        if config.is_paused
        else Button(
            label=speak(language, en=f"Pause {pair}", ru=f"Пауза {pair}"),
            action="pause",
            argument=pair,
        )
    )
    why = Button(label=speak(language, en="Why", ru="Почему"), action="why", argument=pair)
    return (switch, why)


def _switch_all(configs: Sequence[PairConfig], *, is_paused: bool, language: Language) -> Rows:
    label = (
        speak(language, en="Resume", ru="Продолжить")
        if is_paused
        else speak(language, en="Pause", ru="Пауза")
    )
    argument = str(configs[0].pair) if len(configs) == 1 else "all"
    action = "resume" if is_paused else "pause"
    return ((Button(label=label, action=action, argument=argument),),)


def _say_if_later(follows: bool, language: Language) -> str:
    if follows:
        return ""
    return speak(
        language,
        en="It is saved. The scheduler does not answer right now and follows within minutes.",
        ru="Сохранено. Планировщик сейчас не отвечает и подхватит изменение в течение "
        "нескольких минут.",
    )
