"""Hello, who may use the bot, and in which language it speaks.

a person's name, the language -> Reply
"""

# ruff: noqa: RUF001  (Russian letters look like Latin ones: here they are meant)

from telegram.views.message import Button, Reply, bold, build_reply, code, speak
from trading.domain.accounts import Language

NAMES = {Language.ENGLISH: "English", Language.RUSSIAN: "Русский"}


def render_registered(name: str, *, signs_up: bool, language: Language) -> Reply:
    """The first words; `signs_up` is False for somebody who has been here before."""
    hello = speak(
        language,
        en=f"Hello, {bold(name)}! You are registered."
        if signs_up
        else f"Welcome back, {bold(name)}.",
        ru=f"Здравствуйте, {bold(name)}! Вы зарегистрированы."
        if signs_up
        else f"С возвращением, {bold(name)}.",
    )
    return build_reply(
        hello,
        _introduce(language) if signs_up else "",
        _say_first_step(language),
        language=language,
        buttons=_first_buttons(language),
    )


def render_signup_closed(*, language: Language) -> Reply:
    """Nobody new is taken."""
    return build_reply(
        speak(
            language,
            en="Sign-up is closed: this bot takes nobody new at the moment.",
            ru="Регистрация закрыта: новых участников бот сейчас не принимает.",
        ),
        language=language,
    )


def render_invitation_needed(*, language: Language) -> Reply:
    """Only who was invited."""
    example = code("/start КОД" if language is Language.RUSSIAN else "/start CODE")
    return build_reply(
        speak(
            language,
            en=f"This bot is by invitation. Open your invitation link, or send {example}.",
            ru=f"Бот работает по приглашениям. Откройте ссылку-приглашение или пришлите "
            f"{example}.",
        ),
        language=language,
    )


def render_banned(*, language: Language) -> Reply:
    """The operator closed the door; what protects stays."""
    return build_reply(
        speak(
            language,
            en="The operator has closed your access. Nothing new is opened for you; the stops of "
            "open positions stay where they are.",
            ru="Оператор закрыл вам доступ. Новых сделок не будет; стопы открытых позиций "
            "остаются на месте.",
        ),
        language=language,
    )


def render_stranger(*, language: Language) -> Reply:
    """A command of somebody who is not registered."""
    return build_reply(
        speak(
            language,
            en="We have not met yet: send /start first.",
            ru="Мы ещё не знакомы: сначала отправьте /start.",
        ),
        language=language,
    )


def render_language_choice(current: Language, *, language: Language) -> Reply:
    """Ask which language to speak."""
    rows = (
        tuple(
            Button(label=f"{name} ✓" if one is current else name, action="language", argument=one)
            for one, name in NAMES.items()
        ),
    )
    return build_reply(
        speak(language, en="Which language shall I speak?", ru="На каком языке общаться?"),
        language=language,
        buttons=rows,
    )


def render_language_changed(*, language: Language) -> Reply:
    """In the new language."""
    return build_reply(
        speak(
            language,
            en="I speak English with you from now on.",
            ru="Теперь я говорю с вами по-русски.",
        ),
        language=language,
    )


def _introduce(language: Language) -> str:
    return speak(
        language,
        en="Every 30 minutes I look at the market, ask several AI models independently and act "
        "only where enough of them agree and every risk rule allows it. You start with "
        f"{bold('PAPER')} money: it is not real, and nothing you own can be lost.",
        ru="Каждые 30 минут я смотрю на рынок, независимо спрашиваю несколько ИИ-моделей и "
        "действую, только если достаточно из них согласны и все правила риска это разрешают. "
        f"Начинаете вы на {bold('PAPER')} — учебных деньгах: они ненастоящие, потерять своё "
        "нельзя.",
    )


def _say_first_step(language: Language) -> str:
    example = code("/addpair BTC/USDT 1000")
    return speak(
        language,
        en=f"Add a pair with an amount: {example}\nEverything I can do: /help",
        ru=f"Добавьте пару и сумму: {example}\nВсё, что я умею: /help",
    )


def _first_buttons(language: Language) -> tuple[tuple[Button, ...], ...]:
    add = speak(language, en="Add BTC/USDT, 1,000 PAPER", ru="Добавить BTC/USDT, 1000 PAPER")
    other = Language.ENGLISH if language is Language.RUSSIAN else Language.RUSSIAN
    return (
        (Button(label=add, action="addpair", argument="BTC/USDT 1000"),),
        (
            Button(label=speak(language, en="Help", ru="Помощь"), action="help"),
            Button(label=NAMES[other], action="language", argument=other),
        ),
    )
