"""Paper or real money: what stands, what is missing, and the words that unlock it.

LiveGate ... -> Reply

Nobody trades live before paper has earned it; the figures that decide are always shown.
"""

# ruff: noqa: RUF001  (Russian letters look like Latin ones: here they are meant)

from collections.abc import Sequence

from commands.mode import LIVE_PHRASE, LiveGate
from telegram.views.formatting import gain, money, show_mode, unit
from telegram.views.message import Button, Reply, Rows, bold, build_reply, code, join_lines, speak
from telegram.views.reports.pairs import render_no_pairs
from trading.domain.accounts import Language, PairConfig
from trading.domain.units import Mode
from trading.reporting.formatting import show_percent


def render_mode(gates: Sequence[LiveGate], *, language: Language) -> Reply:
    """Each pair: where its money is, and what real money would need."""
    if not gates:
        return render_no_pairs(language=language)
    return build_reply(
        bold(speak(language, en="PAPER or LIVE", ru="PAPER или LIVE")),
        *(_describe(gate, language) for gate in gates),
        _explain(language),
        language=language,
    )


def render_live_refused(gate: LiveGate, *, language: Language) -> Reply:
    """Not yet: the figures and what is missing."""
    pair = bold(str(gate.config.pair))
    return build_reply(
        speak(
            language,
            en=f"{pair} stays on PAPER: real money is not earned yet.",
            ru=f"{pair} остаётся на PAPER: настоящие деньги ещё не заслужены.",
        ),
        _describe(gate, language),
        language=language,
    )


def render_live_question(gate: LiveGate, *, language: Language) -> Reply:
    """The figures once more, and the words to type."""
    config = gate.config
    capital = f"{money(config.capital, language=language)} {config.pair.quote}"
    venue = config.venue.title()
    return build_reply(
        _describe(gate, language),
        speak(
            language,
            en=f"⚠️ <b>From then on orders for {config.pair} go to {venue} with your real money, "
            f"{capital}.</b> Losses are yours. A past on paper proves nothing about the future.",
            ru=f"⚠️ <b>После этого ордера по {config.pair} пойдут на {venue} на ваши настоящие "
            f"деньги, {capital}.</b> Убытки — ваши. Прошлое на PAPER ничего не доказывает о "
            "будущем.",
        ),
        speak(
            language,
            en=f"If you want that, type: {code(LIVE_PHRASE)}",
            ru=f"Если вы этого хотите, наберите: {code(LIVE_PHRASE)}",
        ),
        language=language,
        buttons=_cancel(language),
    )


def render_mode_changed(config: PairConfig, *, language: Language) -> Reply:
    """Where the money of a pair is from now on."""
    pair = bold(str(config.pair))
    if config.mode is Mode.LIVE:
        return build_reply(
            speak(
                language,
                en=f"{pair} trades <b>LIVE</b> from its next cycle: real money. /pause and "
                "/panic work at any time; /mode paper goes back.",
                ru=f"{pair} со следующего цикла торгует <b>LIVE</b>: настоящие деньги. /pause и "
                "/panic работают всегда; вернуться — /mode paper.",
            ),
            language=language,
        )
    return build_reply(
        speak(
            language,
            en=f"{pair} trades on <b>PAPER</b> from its next cycle: not real money.",
            ru=f"{pair} со следующего цикла торгует на <b>PAPER</b>: ненастоящие деньги.",
        ),
        language=language,
    )


def _describe(gate: LiveGate, language: Language) -> str:
    config, trades = gate.config, gate.statistics
    head = f"{bold(str(config.pair))} · {show_mode(config.mode)}"
    if config.mode is Mode.LIVE:
        return join_lines(head, speak(language, en="Real money.", ru="Настоящие деньги."))
    currency = unit(config.pair, config.mode)
    net = gain(gate.net_pnl, language=language)
    won = show_percent(trades.win_rate, decimals=0)
    deepest = show_percent(trades.max_drawdown)
    return join_lines(
        head,
        _check(
            gate.is_key_verified,
            speak(
                language,
                en="a verified exchange key (/connect)",
                ru="проверенный ключ биржи (/connect)",
            ),
        ),
        _check(
            gate.paper_days >= gate.required_days,
            speak(
                language,
                en=f"days on PAPER: {gate.paper_days} of {gate.required_days}",
                ru=f"дней на PAPER: {gate.paper_days} из {gate.required_days}",
            ),
        ),
        _check(
            trades.trades >= gate.required_trades,
            speak(
                language,
                en=f"closed PAPER trades: {trades.trades} of {gate.required_trades}",
                ru=f"закрытых сделок на PAPER: {trades.trades} из {gate.required_trades}",
            ),
        ),
        speak(
            language,
            en=f"Net {net} {currency}, won {won}, deepest drawdown {deepest}",
            ru=f"Итог {net} {currency}, в плюс {won}, наибольшая просадка {deepest}",
        ),
        speak(
            language,
            en="The operator has shortened what is required.",
            ru="Оператор сократил требования.",
        )
        if gate.is_eased
        else "",
    )


def _check(passed: bool, words: str) -> str:
    return f"{'✓' if passed else '✗'} {words}"


def _explain(language: Language) -> str:
    return speak(
        language,
        en=f"PAPER is not real money. For real money: {code('/mode live BTC/USDT')}, and back: "
        f"{code('/mode paper BTC/USDT')}",
        ru=f"PAPER — ненастоящие деньги. На настоящие: {code('/mode live BTC/USDT')}, обратно: "
        f"{code('/mode paper BTC/USDT')}",
    )


def _cancel(language: Language) -> Rows:
    return ((Button(label=speak(language, en="Cancel", ru="Отмена"), action="cancel"),),)
