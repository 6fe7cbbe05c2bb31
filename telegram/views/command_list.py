"""The commands of the bot: name, subject, form and example."""

from dataclasses import dataclass
from enum import StrEnum


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
    """

    name: str
    group: Group
    form: str = ""
    example: str = ""


COMMANDS = (
    CommandText(name="addpair", group=Group.TRADE, form="PAIR AMOUNT", example="BTC/USDT 1000"),
    CommandText(name="removepair", group=Group.TRADE, form="PAIR", example="BTC/USDT"),
    CommandText(name="capital", group=Group.TRADE, form="PAIR AMOUNT", example="BTC/USDT 2000"),
    CommandText(name="pairs", group=Group.TRADE),
    CommandText(name="resume", group=Group.TRADE, form="[PAIR|all]", example="BTC/USDT"),
    CommandText(name="status", group=Group.LOOK),
    CommandText(name="positions", group=Group.LOOK, form="[PAIR]"),
    CommandText(name="trades", group=Group.LOOK, form="[PAIR]"),
    CommandText(name="audit", group=Group.LOOK),
    CommandText(name="why", group=Group.LOOK, form="[PAIR]", example="BTC/USDT"),
    CommandText(name="stats", group=Group.LOOK, form="[PAIR]"),
    CommandText(name="models", group=Group.LOOK),
    CommandText(name="pause", group=Group.STOP, form="[PAIR|all]", example="BTC/USDT"),
    CommandText(name="close", group=Group.STOP, form="PAIR", example="BTC/USDT"),
    CommandText(name="panic", group=Group.STOP),
    CommandText(name="adopt", group=Group.STOP, form="PAIR", example="BTC/USDT"),
    CommandText(name="risk", group=Group.MONEY, form="[LIMIT VALUE]", example="max_leverage 2"),
    CommandText(name="budget", group=Group.MONEY, form="[DOLLARS|off]", example="0.50"),
    CommandText(
        name="mode", group=Group.MONEY, form="[paper|live] [PAIR]", example="live BTC/USDT"
    ),
    CommandText(name="profit", group=Group.MONEY, form="[VENUE on|off]", example="binance on"),
    CommandText(name="connect", group=Group.MONEY, form="[binance|bybit]", example="binance"),
    CommandText(name="disconnect", group=Group.MONEY, form="binance|bybit", example="binance"),
    CommandText(name="alerts", group=Group.SETTINGS),
    CommandText(name="language", group=Group.SETTINGS),
    CommandText(name="help", group=Group.SETTINGS),
    CommandText(name="users", group=Group.ADMIN),
    CommandText(name="health", group=Group.ADMIN),
    CommandText(name="seats", group=Group.ADMIN),
    CommandText(name="ask", group=Group.ADMIN, form="PAIR", example="BTC/USDT"),
    CommandText(name="halt", group=Group.ADMIN, form="REASON", example="venue trouble"),
    CommandText(name="unhalt", group=Group.ADMIN),
    CommandText(name="ban", group=Group.ADMIN, form="USER", example="17"),
    CommandText(name="unban", group=Group.ADMIN, form="USER", example="17"),
    CommandText(
        name="broadcast", group=Group.ADMIN, form="TEXT", example="Maintenance at 12:00 UTC"
    ),
)
"""The texts are `command-<name>` in the catalogs; the subjects `help-group-<group>`."""
