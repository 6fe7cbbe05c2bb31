"""Chat with the bot at a terminal: the same verbs without Telegram.

line -> command | number of a button -> verb -> text and numbered buttons

For a machine without a bot token. The chat takes no API keys: `quorum connect` reads keys unseen.
"""

from collections.abc import Callable, Iterator
from html import unescape
from re import sub

from commands.conversation import load_user
from telegram.bot.router import explain_unknown, find_verb, understand
from telegram.delivery.sending import list_messages
from telegram.handlers.signup import with_rights
from telegram.request.request import Answer, Ask, Picture, Services
from telegram.views.errors import render_bad_input
from telegram.views.message import Button, Reply
from trading.domain.accounts import User
from trading.domain.errors import BadInput, QuorumError
from trading.domain.messages import message
from trading.domain.units import UserId

CONNECT = "connect"


class TerminalChat:
    """A user's conversation; `write` shows a line."""

    def __init__(
        self, services: Services, *, user_id: UserId, write: Callable[[str], object]
    ) -> None:
        self._services = services
        self._user_id = user_id
        self._write = write
        self._buttons: list[Button] = []

    async def hear(self, line: str) -> None:
        """Answer one line: a command, a button's number, or an answer to a question."""
        ask = Ask(
            services=self._services, user=await self._load_user(), now=self._services.clock()
        )
        try:
            answer = await self._answer(ask, line.strip())
        except QuorumError as error:
            answer = render_bad_input(error.message, language=ask.language)
        self._show(answer)

    async def _answer(self, ask: Ask, line: str) -> Answer:
        if line.isdecimal() and 1 <= int(line) <= len(self._buttons):
            return await self._press(ask, self._buttons.pop(int(line) - 1))
        meant = await understand(ask, line)
        verb = find_verb(CONNECT, is_admin=False)
        if meant.is_secret or (verb is not None and meant.run is verb.run):
            raise BadInput(message("no-keys-here"))
        return await meant.run(meant.ask)

    async def _press(self, ask: Ask, button: Button) -> Answer:
        verb = find_verb(button.action, is_admin=ask.user.is_admin)
        pressed = Ask(
            services=ask.services,
            user=ask.user,
            now=ask.now,
            argument=button.argument,
            is_confirmed=True,
        )
        return await (verb.run if verb else explain_unknown)(pressed)

    def _show(self, answer: Answer) -> None:
        self._buttons = []
        for part in list_messages(answer):
            reply = part if isinstance(part, Reply) else part.reply
            self._write(unescape(sub(r"<[^>]*>", "", reply.text)))
            if isinstance(part, Picture):
                self._write("(a picture: quorum stats PAIR --png FILE draws it)")
            self._buttons += _list_buttons(reply)
        for number, button in enumerate(self._buttons, start=1):
            self._write(f"  [{number}] {button.label}")

    async def _load_user(self) -> User:
        user = await load_user(self._services.database, self._user_id)
        if user is None:
            raise BadInput(message("user-gone"))
        return with_rights(user, settings=self._services.settings)


def _list_buttons(reply: Reply) -> Iterator[Button]:
    for row in reply.buttons:
        yield from row
