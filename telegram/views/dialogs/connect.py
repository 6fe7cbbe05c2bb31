"""Connecting an exchange, step by step; no view ever sees a key.

a step -> Reply
"""

# ruff: noqa: RUF001  (Russian letters look like Latin ones: here they are meant)

from telegram.views.message import Button, Reply, Rows, bold, build_reply, code, speak
from trading.domain.accounts import Language
from trading.domain.units import VenueName


def render_venue_choice(*, language: Language) -> Reply:
    """Which exchange?"""
    return build_reply(
        speak(
            language,
            en="Which exchange do you want to connect?",
            ru="Какую биржу подключить?",
        ),
        language=language,
        buttons=(
            (
                Button(label="Binance", action="connect", argument=VenueName.BINANCE),
                Button(label="Bybit", action="connect", argument=VenueName.BYBIT),
            ),
            *_cancel(language),
        ),
    )


def render_key_question(venue: VenueName, *, language: Language) -> Reply:
    """Ask for the key, and say which rights it may have."""
    name = bold(venue.title())
    return build_reply(
        speak(
            language,
            en=f"Step 1 of 2. Make an API key at {name}: reading and futures trading allowed, "
            "<b>withdrawals and transfers forbidden</b>, bound to our IP address. A key that may "
            "move money away is refused.",
            ru=f"Шаг 1 из 2. Создайте API-ключ на {name}: чтение и торговля фьючерсами "
            "разрешены, <b>вывод и переводы запрещены</b>, привязка к нашему IP-адресу. Ключ, "
            "которым можно увести деньги, мы не примем.",
        ),
        speak(
            language,
            en="Send me the <b>API key</b> now. I delete your message at once and keep the key "
            "sealed.",
            ru="Теперь пришлите <b>API-ключ</b>. Сообщение я сразу удалю, ключ храню в "
            "зашифрованном виде.",
        ),
        language=language,
        buttons=_cancel(language),
    )


def render_secret_question(
    venue: VenueName, *, was_deleted: bool = True, language: Language
) -> Reply:
    """Ask for the secret."""
    return build_reply(
        speak(
            language,
            en=f"Step 2 of 2. Now the <b>API secret</b> of {bold(venue.title())}.",
            ru=f"Шаг 2 из 2. Теперь <b>API-секрет</b> {bold(venue.title())}.",
        ),
        "" if was_deleted else _ask_to_delete(language),
        language=language,
        buttons=_cancel(language),
    )


def render_key_sealed(
    venue: VenueName, *, hint: str, was_deleted: bool, language: Language
) -> Reply:
    """The key is kept; what it is used for, and from when."""
    known = code(f"…{hint}") if hint else ""
    name = bold(venue.title())
    return build_reply(
        speak(
            language,
            en=f"The key {known} for {name} is sealed and being checked at the exchange.",
            ru=f"Ключ {known} для {name} зашифрован, проверяем его на бирже.",
        ).replace("  ", " "),
        speak(
            language,
            en="It is not used yet: paper comes first. See /mode for what is missing for real "
            "money.",
            ru="Пока он не используется: сначала торговля на PAPER. Чего не хватает для "
            "настоящих денег — /mode.",
        ),
        "" if was_deleted else _ask_to_delete(language),
        language=language,
    )


def render_key_in_command(*, language: Language) -> Reply:
    """Keys belong into the dialog, one by one."""
    return build_reply(
        speak(
            language,
            en="I read no keys from there. Send /connect and follow the two steps.",
            ru="Оттуда я ключи не читаю. Отправьте /connect и пройдите два шага.",
        ),
        language=language,
    )


def render_disconnected(venue: VenueName, *, language: Language) -> Reply:
    """The key is forgotten here; the exchange still knows it."""
    name = bold(venue.title())
    return build_reply(
        speak(
            language,
            en=f"The key for {name} is forgotten. Delete it at the exchange as well.",
            ru=f"Ключ {name} удалён у нас. Удалите его и на самой бирже.",
        ),
        language=language,
    )


def _ask_to_delete(language: Language) -> str:
    return speak(
        language,
        en="⚠️ <b>I could not delete your message with the key: delete it yourself now.</b>",
        ru="⚠️ <b>Не получилось удалить ваше сообщение с ключом: удалите его сами сейчас.</b>",
    )


def _cancel(language: Language) -> Rows:
    return ((Button(label=speak(language, en="Cancel", ru="Отмена"), action="cancel"),),)
