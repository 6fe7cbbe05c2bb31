"""People and their chats in the double: they write, press, edit, block, and read what came.

Person -> update -> TelegramDouble;  Message: what a chat keeps
"""

from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.doubles.telegram import TelegramDouble


class Refusal(Exception):
    """An answer that is not 200."""

    def __init__(self, status: int, sentence: str, *, retry_after: int = 0) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence if status != 400 else f"Bad Request: {sentence}"
        self.retry_after = retry_after


@dataclass(slots=True, kw_only=True)
class Fault:
    """
    Something that goes wrong with calls.

    Attributes:
        method: of the Bot API; "" for every one.
        times: so many calls, then it is over.
        refusal: what is answered; None cuts the connection.
        is_done: the call is done, and only the answer is lost.
        chat_id: only calls about this chat.
    """

    method: str = ""
    times: int = 1
    refusal: Refusal | None = None
    is_done: bool = False
    chat_id: int | None = None

    def strikes(self, method: str, params: dict[str, Any]) -> bool:
        """Whether this call is one of them; counts."""
        if self.times <= 0 or self.method not in {"", method}:
            return False
        if self.chat_id is not None and str(params.get("chat_id")) != str(self.chat_id):
            return False
        self.times -= 1
        return True


@dataclass(slots=True, kw_only=True)
class Bucket:
    """Telegram's limits: calls of the last second, overall and of each chat."""

    everybody: list[float] = field(default_factory=list)
    chats: dict[int, float] = field(default_factory=dict)

    def take(
        self, chat_id: int, *, now: float, per_second: int | None, per_chat: int | None
    ) -> int:
        """0 when the call may go on, else whole seconds to wait. A refused call does not count."""
        self.everybody = [at for at in self.everybody if at > now - 1]
        if per_second is not None and len(self.everybody) >= per_second:
            return 1
        last = self.chats.get(chat_id)
        # A twentieth is granted: what was sent a second apart may arrive a little closer.
        if per_chat is not None and last is not None and (gap := now - last) < 0.95 / per_chat:
            return max(1, ceil(1 / per_chat - gap))
        self.everybody.append(now)
        self.chats[chat_id] = now
        return 0


@dataclass(slots=True, kw_only=True)
class Message:
    """
    One message of a chat.

    Attributes:
        text: plain, as a person sees it; the caption of a photo.
        buttons: rows of inline buttons as the bot gave them.
        edits: how often it was changed.
    """

    message_id: int
    chat_id: int
    date: float
    text: str
    entities: tuple[dict[str, Any], ...] = ()
    buttons: list[list[dict[str, str]]] = field(default_factory=list)
    photo: bytes | None = None
    is_from_bot: bool = True
    is_deleted: bool = False
    edits: int = 0

    @property
    def labels(self) -> list[str]:
        """What the buttons say, row by row."""
        return [button["text"] for row in self.buttons for button in row]

    def find_data(self, label: str) -> str:
        """The callback data of the button whose text has `label` in it. KeyError for none."""
        for button in (button for row in self.buttons for button in row):
            if label.lower() in button["text"].lower():
                return button["callback_data"]
        raise KeyError(f"{label!r} is none of {self.labels}")

    def as_json(self) -> dict[str, Any]:
        """As the Bot API answers it."""
        chat = {"id": self.chat_id, "type": "private", "first_name": "somebody"}
        body: dict[str, Any] = {
            "message_id": self.message_id,
            "date": int(self.date),
            "chat": chat,
        }
        if self.photo is not None:
            size = {"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}
            body |= {"photo": [size], "caption": self.text}
        else:
            body |= {"text": self.text, "entities": list(self.entities)}
        if self.buttons:
            body["reply_markup"] = {"inline_keyboard": self.buttons}
        return body


@dataclass(slots=True, kw_only=True)
class Person:
    """Somebody with Telegram; `seen` counts the messages that `read_reply` has handed out."""

    telegram: "TelegramDouble"
    telegram_id: int
    name: str
    language: str
    has_blocked: bool = False
    seen: int = 0
    written: int = 0

    @property
    def account(self) -> dict[str, Any]:
        """As the Bot API describes the person."""
        return {
            "id": self.telegram_id,
            "is_bot": False,
            "first_name": self.name,
            "language_code": self.language,
        }

    @property
    def chat(self) -> dict[str, Any]:
        """The person's private chat with the bot."""
        return {"id": self.telegram_id, "type": "private", "first_name": self.name}

    def write(self, text: str, *, update_id: int | None = None) -> Message:
        """Send a text to the bot."""
        self.written += 1
        message = Message(
            message_id=self.telegram.number("message"),
            chat_id=self.telegram_id,
            date=self.telegram.clock(),
            text=text,
            is_from_bot=False,
        )
        self.telegram.keep(message)
        self.telegram.push({"message": self._as_update(message)}, update_id=update_id)
        return message

    def edit(self, message: Message, text: str) -> None:
        """Change a text of one's own."""
        message.text = text
        self.telegram.push(
            {"edited_message": {**self._as_update(message), "edit_date": int(message.date) + 1}}
        )

    def press(self, message: Message, label: str) -> dict[str, Any]:
        """Press the button whose text has `label` in it; the update."""
        return self.press_data(message.find_data(label), message=message)

    def press_data(self, data: str, *, message: Message) -> dict[str, Any]:
        """Send callback data, forged or not, as if from a button under `message`; the update."""
        query = {
            "id": f"q{self.telegram.number('query')}",
            "from": self.account,
            "message": {**message.as_json(), "from": {"id": 1, "is_bot": True, "first_name": "Q"}},
            "chat_instance": str(message.chat_id),
            "data": data,
        }
        return self.telegram.push({"callback_query": query})

    def block(self) -> None:
        """Block the bot: nothing reaches the person from now on."""
        self.has_blocked = True
        member = {"user": {"id": 4242424242, "is_bot": True, "first_name": "Quorum"}}
        self.telegram.push(
            {
                "my_chat_member": {
                    "chat": self.chat,
                    "from": self.account,
                    "date": int(self.telegram.clock()),
                    "old_chat_member": {**member, "status": "member"},
                    "new_chat_member": {**member, "status": "kicked", "until_date": 0},
                }
            }
        )

    def list_replies(self) -> list[Message]:
        """What the bot has sent that still stands, oldest first."""
        return [m for m in self.telegram.list_messages(self.telegram_id) if m.is_from_bot]

    async def read_reply(self, *, seconds: float = 10.0) -> Message:
        """The bot's next message that this has not handed out yet, waiting for it."""

        def look() -> Message | None:
            sent = self._list_sent()
            return sent[self.seen] if len(sent) > self.seen else None

        found = await self.telegram.wait_until(look, seconds=seconds)
        assert found is not None
        self.seen += 1
        return found

    async def ask(self, text: str, *, seconds: float = 10.0) -> Message:
        """Write and wait for the next reply; replies that nobody read are passed over."""
        self.skip()
        self.write(text)
        return await self.read_reply(seconds=seconds)

    def skip(self) -> None:
        """Take everything that came as read."""
        self.seen = len(self._list_sent())

    def _list_sent(self) -> list[Message]:
        """Everything that the bot ever sent, deleted or not."""
        chat = self.telegram.chats.get(self.telegram_id, {})
        return [message for message in chat.values() if message.is_from_bot]

    def _as_update(self, message: Message) -> dict[str, Any]:
        command = message.text.split()[0] if message.text.startswith("/") else ""
        body = {**message.as_json(), "chat": self.chat, "from": self.account}
        if command:
            body["entities"] = [{"type": "bot_command", "offset": 0, "length": len(command)}]
        return body
