"""The commands in words: name, form, example and one line of what each does, in both languages."""

# ruff: noqa: RUF001  (Russian letters look like Latin ones: here they are meant)

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from telegram.views.formatting import Words, both
from trading.domain.accounts import Language


class Group(StrEnum):
    """Subjects of the help, in its order."""

    TRADE = "trade"
    LOOK = "look"
    STOP = "stop"
    MONEY = "money"
    SETTINGS = "settings"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandText:
    """
    One command.

    Attributes:
        form: what follows the name, "PAIR AMOUNT"; "" for nothing.
        example: of what follows, "BTC/USDT 1000".
        words: what it does, one line.
    """

    name: str
    group: Group
    words: Words
    form: str = ""
    example: str = ""


GROUPS: Mapping[Group, Mapping[Language, str]] = {
    Group.TRADE: both("Trade", ru="Торговля"),
    Group.LOOK: both("Look", ru="Посмотреть"),
    Group.STOP: both("Stop", ru="Остановить"),
    Group.MONEY: both("Limits and real money", ru="Лимиты и настоящие деньги"),
    Group.SETTINGS: both("Settings", ru="Настройки"),
    Group.ADMIN: both("Operator", ru="Оператор"),
}

COMMANDS: tuple[CommandText, ...] = (
    CommandText(
        name="addpair",
        group=Group.TRADE,
        form="PAIR AMOUNT",
        example="BTC/USDT 1000",
        words=both("trade a pair with an amount, on PAPER", ru="торговать парой на сумму, PAPER"),
    ),
    CommandText(
        name="removepair",
        group=Group.TRADE,
        form="PAIR",
        example="BTC/USDT",
        words=both("stop trading a pair", ru="убрать пару"),
    ),
    CommandText(
        name="capital",
        group=Group.TRADE,
        form="PAIR AMOUNT",
        example="BTC/USDT 2000",
        words=both("set aside another amount for a pair", ru="изменить сумму для пары"),
    ),
    CommandText(name="pairs", group=Group.TRADE, words=both("your pairs", ru="ваши пары")),
    CommandText(
        name="resume",
        group=Group.TRADE,
        form="[PAIR|all]",
        example="BTC/USDT",
        words=both("trade again, closes an open breaker", ru="продолжить, снять защитную паузу"),
    ),
    CommandText(
        name="status",
        group=Group.LOOK,
        words=both("everything at a glance", ru="всё одним взглядом"),
    ),
    CommandText(
        name="positions",
        group=Group.LOOK,
        form="[PAIR]",
        words=both("open positions", ru="открытые позиции"),
    ),
    CommandText(
        name="trades",
        group=Group.LOOK,
        form="[PAIR]",
        words=both("latest executions", ru="последние исполнения"),
    ),
    CommandText(
        name="why",
        group=Group.LOOK,
        form="[PAIR]",
        example="BTC/USDT",
        words=both(
            "why the last cycle did what it did", ru="почему последний цикл решил именно так"
        ),
    ),
    CommandText(
        name="stats",
        group=Group.LOOK,
        form="[PAIR]",
        words=both("results and the equity picture", ru="результаты и график капитала"),
    ),
    CommandText(
        name="models",
        group=Group.LOOK,
        words=both("how often each model was right", ru="как часто права каждая модель"),
    ),
    CommandText(
        name="pause",
        group=Group.STOP,
        form="[PAIR|all]",
        example="BTC/USDT",
        words=both("no new entries, stops stay", ru="без новых входов, стопы остаются"),
    ),
    CommandText(
        name="close",
        group=Group.STOP,
        form="PAIR",
        example="BTC/USDT",
        words=both("close a position at the market", ru="закрыть позицию по рынку"),
    ),
    CommandText(
        name="panic",
        group=Group.STOP,
        words=both("close and pause everything now", ru="закрыть и остановить всё сейчас"),
    ),
    CommandText(
        name="risk",
        group=Group.MONEY,
        form="[LIMIT VALUE]",
        example="max_leverage 2",
        words=both("your limits", ru="ваши лимиты"),
    ),
    CommandText(
        name="budget",
        group=Group.MONEY,
        form="[DOLLARS|off]",
        example="0.50",
        words=both("what the models cost today", ru="во что сегодня обошлись модели"),
    ),
    CommandText(
        name="mode",
        group=Group.MONEY,
        form="[paper|live] [PAIR]",
        example="live BTC/USDT",
        words=both("PAPER or real money", ru="PAPER или настоящие деньги"),
    ),
    CommandText(
        name="profit",
        group=Group.MONEY,
        form="[VENUE on|off]",
        example="binance on",
        words=both("what becomes of live profit", ru="что делать с прибылью на LIVE"),
    ),
    CommandText(
        name="connect",
        group=Group.MONEY,
        form="[binance|bybit]",
        example="binance",
        words=both("connect your exchange, step by step", ru="подключить биржу, по шагам"),
    ),
    CommandText(
        name="disconnect",
        group=Group.MONEY,
        form="binance|bybit",
        example="binance",
        words=both("forget your exchange key", ru="забыть ключ биржи"),
    ),
    CommandText(
        name="alerts",
        group=Group.SETTINGS,
        words=both("which messages you get", ru="какие сообщения присылать"),
    ),
    CommandText(
        name="language",
        group=Group.SETTINGS,
        words=both("English or Russian", ru="русский или английский"),
    ),
    CommandText(name="help", group=Group.SETTINGS, words=both("this list", ru="этот список")),
    CommandText(name="users", group=Group.ADMIN, words=both("everybody", ru="все участники")),
    CommandText(
        name="health",
        group=Group.ADMIN,
        words=both("the state of the system", ru="состояние системы"),
    ),
    CommandText(
        name="halt",
        group=Group.ADMIN,
        form="REASON",
        example="venue trouble",
        words=both("stop all entries of everybody", ru="остановить входы у всех"),
    ),
    CommandText(
        name="unhalt", group=Group.ADMIN, words=both("allow them again", ru="снова разрешить")
    ),
    CommandText(
        name="ban",
        group=Group.ADMIN,
        form="USER",
        example="17",
        words=both("close a user's access", ru="закрыть доступ участнику"),
    ),
    CommandText(
        name="unban",
        group=Group.ADMIN,
        form="USER",
        example="17",
        words=both("open it again", ru="снова открыть доступ"),
    ),
    CommandText(
        name="broadcast",
        group=Group.ADMIN,
        form="TEXT",
        example="Maintenance at 12:00 UTC",
        words=both("a message to everybody", ru="сообщение всем"),
    ),
)
