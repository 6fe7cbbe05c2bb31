"""One thing that a user asks for, and what a verb answers: no Telegram in sight.

    typed command | pressed button | answer to a question -> Ask -> verb -> Answer -> (sent)

A typed command and a button run the same verb; a button counts as the confirmation. So a verb is
parse, call, render, and the terminal could ask as well as a phone.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from db.encryption.envelope import MasterKeys
from db.session import Database, Operator, Tenant
from telegram.request.gateway import Gateway
from telegram.request.settings import BotSettings
from telegram.views.message import Reply
from trading.domain.accounts import Language, PairConfig, User
from trading.domain.conversation import Dialog
from trading.domain.errors import TransientError
from trading.domain.units import UserId, VenueName


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfTold:
    """An API key whose secret has not come yet; never written anywhere."""

    api_key: str = field(repr=False)
    told_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """
    What every verb works with.

    Attributes:
        deployments: the gateway to Prefect.
        keys: master keys that seal what /connect is told.
        venue: whose prices new pairs trade on.
        half_told: keys of users who still owe the secret; in memory only, gone with us.
    """

    database: Database
    deployments: Gateway
    keys: MasterKeys
    settings: BotSettings
    clock: Callable[[], datetime]
    venue: VenueName = VenueName.BINANCE
    half_told: dict[UserId, HalfTold] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """
    One command of one user.

    Attributes:
        argument: what follows the command, trimmed; "" for nothing.
        is_confirmed: a button was pressed, so nothing has to be asked again.
        was_deleted: of a message that had to go: whether it is gone; None for others.
        dialog: the question that this answers, None for a command.
    """

    services: Services
    user: User
    now: datetime
    argument: str = field(default="", repr=False)
    is_confirmed: bool = False
    was_deleted: bool | None = None
    dialog: Dialog | None = None

    @property
    def language(self) -> Language:
        """The user's."""
        return self.user.language

    @property
    def actor(self) -> str:
        """Who, in the audit log."""
        account = self.user.telegram_id
        return f"telegram:{account}" if account is not None else self.user.name

    @property
    def words(self) -> list[str]:
        """The argument word by word."""
        return self.argument.split()

    @asynccontextmanager
    async def tenant(self) -> AsyncIterator[Tenant]:
        """One transaction of the user."""
        async with self.services.database.tenant(self.user.user_id) as tenant:
            yield tenant

    @asynccontextmanager
    async def operator(self) -> AsyncIterator[Operator]:
        """One transaction across users."""
        async with self.services.database.operator() as operator:
            yield operator

    async def list_pairs(self) -> tuple[PairConfig, ...]:
        """The user's pairs."""
        async with self.tenant() as tenant:
            return await tenant.pairs.list_pairs()

    async def follow(self, tell: Callable[[Gateway], Awaitable[object]]) -> bool:
        """
        Make Prefect match what was just committed.

        False when it does not answer: the next sync makes up for it. Raises PermanentError when it
        refuses.
        """
        try:
            await tell(self.services.deployments)
        except TransientError:
            return False
        return True

    async def ask_back(self, step: str, **detail: str) -> None:
        """Remember the question that the user is asked now; the next text answers it."""
        dialog = Dialog(step=step, asked_at=self.now, detail=detail)
        async with self.tenant() as tenant:
            await tenant.dialogs.save_dialog(dialog)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture with its caption (`reply`, at most 1,024 characters)."""

    reply: Reply
    png: bytes = field(repr=False)


type Message = Reply | Picture
type Answer = Message | tuple[Message, ...] | None
type Run = Callable[[Ask], Awaitable[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """
    A command: its name and aliases without slash, and what does it.

    Attributes:
        secret_from_words: with so many words after it, the message holds a secret and has to
            go; 0 for never.
    """

    name: str
    run: Run
    aliases: tuple[str, ...] = ()
    is_for_admins: bool = False
    secret_from_words: int = 0

    def is_secret(self, argument: str) -> bool:
        """Whether a message with this argument has to go."""
        return 0 < self.secret_from_words <= len(argument.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A question by its name, and what takes the answer to it; a secret answer has to go."""

    name: str
    run: Run
    is_secret: bool = False
