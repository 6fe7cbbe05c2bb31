"""Paper or real money: the mode of each pair, unmet conditions, and the words that unlock live.

LiveGate ... -> Reply

Live trading requires a record on paper; the deciding figures are always shown.
"""

from collections.abc import Sequence

from commands.mode import LIVE_PHRASE, LiveGate
from reports.texts.catalog import say
from telegram.views.formatting import gain, money, show_mode, unit
from telegram.views.message import Button, Reply, Rows, bold, build_reply, code, join_lines
from telegram.views.reports.pairs import render_no_pairs
from trading.domain.accounts import Language, PairConfig
from trading.domain.units import Mode
from trading.reporting.formatting import show_percent


def render_mode(gates: Sequence[LiveGate], *, language: Language) -> Reply:
    """Each pair: the mode, and the conditions of live trading."""
    if not gates:
        return render_no_pairs(language=language)
    return build_reply(
        bold(say(language, "mode-title")),
        *(_describe(gate, language) for gate in gates),
        _explain(language),
        language=language,
    )


def render_live_refused(gate: LiveGate, *, language: Language) -> Reply:
    """Live trading is refused: the figures and the unmet conditions."""
    pair = bold(str(gate.config.pair))
    return build_reply(
        say(language, "mode-live-refused", pair=pair),
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
        say(language, "mode-live-question", pair=str(config.pair), venue=venue, capital=capital),
        say(language, "mode-live-phrase", phrase=code(LIVE_PHRASE)),
        language=language,
        buttons=_cancel(language),
    )


def render_mode_changed(config: PairConfig, *, language: Language) -> Reply:
    """Where the money of a pair is from now on."""
    pair = bold(str(config.pair))
    if config.mode is Mode.LIVE:
        return build_reply(
            say(language, "mode-now-live", pair=pair),
            language=language,
        )
    return build_reply(
        say(language, "mode-now-paper", pair=pair),
        language=language,
    )


def _describe(gate: LiveGate, language: Language) -> str:
    config, trades = gate.config, gate.statistics
    head = f"{bold(str(config.pair))} · {show_mode(config.mode)}"
    if config.mode is Mode.LIVE:
        return join_lines(head, say(language, "mode-real-money"))
    currency = unit(config.pair, config.mode)
    net = gain(gate.net_pnl, language=language)
    won = show_percent(trades.win_rate, decimals=0)
    deepest = show_percent(trades.max_drawdown)
    return join_lines(
        head,
        _check(
            gate.is_key_verified,
            say(language, "mode-needs-key"),
        ),
        _check(
            gate.paper_days >= gate.required_days,
            say(
                language,
                "mode-needs-days",
                paper_days=gate.paper_days,
                required_days=gate.required_days,
            ),
        ),
        _check(
            trades.trades >= gate.required_trades,
            say(
                language,
                "mode-needs-trades",
                trades=trades.trades,
                required_trades=gate.required_trades,
            ),
        ),
        say(language, "mode-results", net=net, currency=currency, won=won, deepest=deepest),
        say(language, "mode-eased") if gate.is_eased else "",
    )


def _check(passed: bool, words: str) -> str:
    return f"{'✓' if passed else '✗'} {words}"


def _explain(language: Language) -> str:
    return say(
        language,
        "mode-explained",
        live=code("/mode live BTC/USDT"),
        paper=code("/mode paper BTC/USDT"),
    )


def _cancel(language: Language) -> Rows:
    return ((Button(label=say(language, "common-cancel"), action="cancel"),),)
