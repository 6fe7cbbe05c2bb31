"""What becomes of profit: it stays in the trading account, or moves to the funding wallet.

venue -> is it moved? -> Reply
"""

# ruff: noqa: RUF001  (Russian letters look like Latin ones: here they are meant)

from collections.abc import Mapping

from telegram.views.message import Reply, bold, build_reply, code, join_lines, speak
from trading.domain.accounts import Language
from trading.domain.units import VenueName

RIGHTS: Mapping[VenueName, str] = {
    VenueName.BINANCE: "Permits Universal Transfer",
    VenueName.BYBIT: "Wallet: Account Transfer",
}
"""The one more right that a key needs for it, as the venue calls it."""


def render_profit(moved: Mapping[VenueName, bool], *, language: Language) -> Reply:
    """Each connected venue, and how to change it."""
    on = speak(language, en="profit is moved", ru="прибыль переводится")
    off = speak(language, en="profit stays", ru="прибыль остаётся")
    none = speak(language, en="No exchange yet: /connect", ru="Биржа не подключена: /connect")
    lines = [f"{bold(venue.title())}: {on if is_so else off}" for venue, is_so in moved.items()]
    return build_reply(
        speak(
            language,
            en="When a pair without a position reaches your threshold (profit_withdrawal_ratio "
            "in /risk), its profit is set aside: on PAPER always, with real money only if you "
            "switch it on.",
            ru="Когда пара без позиции доходит до вашего порога (profit_withdrawal_ratio в "
            "/risk), прибыль откладывается: на PAPER всегда, настоящая — только если вы это "
            "включите.",
        ),
        join_lines(*lines) or none,
        code("/profit binance on"),
        language=language,
    )


def render_profit_changed(venue: VenueName, *, is_moved: bool, language: Language) -> Reply:
    """What holds now, and which right the key should have for it."""
    name, right = bold(venue.title()), bold(RIGHTS[venue])
    if not is_moved:
        return build_reply(
            speak(
                language,
                en=f"Profit at {name} stays where it is. Untick {right}: a key that may transfer "
                "opens nothing.",
                ru=f"Прибыль на {name} остаётся на месте. Снимите право {right}: с ключом, "
                "который может переводить, ничего нового не открываем.",
            ),
            language=language,
        )
    return build_reply(
        speak(
            language,
            en=f"Profit at {name} moves to your own funding wallet there, once a day at most. "
            f"Your key needs one more right for it: {right}. Withdrawals stay forbidden: a key "
            "that may withdraw is refused.",
            ru=f"Прибыль на {name} будет переводиться в ваш же кошелёк на этой бирже, не чаще "
            f"раза в день. Ключу для этого нужно ещё одно право: {right}. Вывод по-прежнему "
            "запрещён: ключ с правом вывода не принимаем.",
        ),
        language=language,
    )
