"""A user's request and a verb's answer, without any Telegram type.

    typed command | pressed button | answer to a question -> Ask -> verb -> Answer -> (sent)

A typed command and a button run the same verb; a button counts as the confirmation. A verb parses
the words, calls a command and renders the result, so the terminal runs the same verbs as a phone.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from blocks.operator_url import OperatorUrl
from commands import conversation
from commands.caller import Caller
from commands.caller import Services as CommandServices
from commands.deployments.gateway import Gateway
from db.encryption.envelope import MasterKeys
from telegram.delivery.live_messages import LiveMessages
from telegram.delivery.reply_queue import ReplyQueue
from telegram.request.settings import BotSettings
from telegram.views.message import Reply
from trading.domain.accounts import Language
from trading.domain.conversation import Dialog
from trading.domain.units import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfTold:
    """An API key still without a secret; never written to disk or database."""

    api_key: str = field(repr=False)
    told_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Services(CommandServices):
    """
    Connections and settings of the bot.

    Attributes:
        deployments: gateway to Prefect.
        load_keys: reads the master keys that seal the API keys of /connect.
        half_told: API keys of users who have not sent the secret yet; in memory only.
        replies: waiting replies of each chat.
        live: messages that the bot edits in place.
        operator_url: the operator's own address for critical alerts.
    """

    deployments: Gateway
    settings: BotSettings
    load_keys: Callable[[], MasterKeys]
    clock: Callable[[], datetime]
    half_told: dict[UserId, HalfTold] = field(default_factory=dict, repr=False)
    replies: ReplyQueue = field(default_factory=ReplyQueue, repr=False)
    live: LiveMessages = field(default_factory=LiveMessages, repr=False)
    operator_url: OperatorUrl = field(default_factory=OperatorUrl, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Caller):
    """
    One request of one user.

    Attributes:
        argument: text after the command, trimmed; may be empty.
        is_confirmed: the user pressed a button, so no further confirmation is needed.
        was_deleted: whether a message with a secret was deleted; None for other messages.
        dialog: the question that the text answers, None for a command.
    """

    services: Services
    argument: str = field(default="", repr=False)
    is_confirmed: bool = False
    was_deleted: bool | None = None
    dialog: Dialog | None = None

    @property
    def language(self) -> Language:
        """Language of the user."""
        return self.user.language

    @property
    def words(self) -> list[str]:
        """The argument word by word."""
        return self.argument.split()

    async def ask_back(self, step: str, **detail: str) -> None:
        """Store a question; the user's next text is the answer."""
        await conversation.open_dialog(self, step, **detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture with its caption (`reply`, at most 1,024 characters)."""

    reply: Reply
    png: bytes = field(repr=False)


type Refresh = Callable[[], Awaitable[tuple[Reply, bool]]]
"""The message as the message should read now, and whether the message is final."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A message that the bot edits in place until `refresh` returns the final text."""

    reply: Reply
    refresh: Refresh


type Message = Reply | Picture | Live
type Answer = Message | tuple[Message, ...] | None
type Run = Callable[[Ask], Awaitable[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """
    A command: name and aliases without the slash, and the function that runs the command.

    Attributes:
        secret_from_words: number of words after the command from which on the message holds a
            secret and is deleted; 0 for a command without secrets.
    """

    name: str
    run: Run
    aliases: tuple[str, ...] = ()
    is_for_admins: bool = False
    secret_from_words: int = 0

    def is_secret(self, argument: str) -> bool:
        """Whether a message with this argument is deleted."""
        return 0 < self.secret_from_words <= len(argument.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A question by name, and the function that takes the answer; a secret answer is deleted."""

    name: str
    run: Run
    is_secret: bool = False
