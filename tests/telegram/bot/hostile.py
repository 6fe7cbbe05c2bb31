"""Updates that want what is not theirs: seeded, of every kind that Telegram can deliver.

random -> kind -> update (forged, relayed, replayed, from groups, from strangers, huge)
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.doubles.telegram_chats import Message, Person

type Update = dict[str, Any]

COMMANDS = (
    "/panic", "/close BTC/USDT", "/removepair BTC/USDT", "/pause all", "/resume",
    "/addpair SOL/USDT 50", "/risk max_leverage 1", "/mode live BTC/USDT", "/language ru",
    "/connect binance key secret", "/disconnect binance", "/halt now", "/ban 1", "/unban 1",
    "/broadcast hello", "/alerts risk off", "/start", "/users", "/health", "/stop_trading",
    "/risk_raise max_leverage 3", "/cancel",
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Crowd:
    """
    Who writes.

    Attributes:
        victim: whose commands and buttons are imitated.
        mallory: registered, trades nothing.
        banned: was registered.
        strangers: never were.
        question: the victim's open confirmation, with live tokens.
        used: tokens that were pressed before.
    """

    random: Random
    victim: Person
    mallory: Person
    banned: Person
    strangers: list[Person]
    question: Message
    used: list[str]

    def make(self) -> Update:
        """The next hostile update."""
        kinds: tuple[Callable[[], Update], ...] = (
            self.in_a_group,
            self.in_a_channel,
            self.by_a_stranger,
            self.by_someone_banned,
            self.relayed,
            self.edited,
            self.forged_button,
            self.stolen_button,
            self.used_button,
            self.huge,
        )
        return self.random.choice(kinds)()

    def in_a_group(self) -> Update:
        """The victim's account, but in a group, where everybody reads."""
        message = self._text(self.random.choice((self.victim, self.mallory)))
        kind = self.random.choice(("group", "supergroup"))
        message["chat"] = {"id": -self.random.randint(1, 10**12), "type": kind, "title": "All"}
        return {"message": message}

    def in_a_channel(self) -> Update:
        """A channel speaks, or somebody in its name."""
        message = self._text(self.victim)
        message["sender_chat"] = {"id": -100123, "type": "channel", "title": "News"}
        return {self.random.choice(("message", "channel_post")): message}

    def by_a_stranger(self) -> Update:
        """Somebody who was never let in."""
        return {"message": self._text(self.random.choice(self.strangers))}

    def by_someone_banned(self) -> Update:
        """Somebody who was thrown out."""
        return {"message": self._text(self.banned)}

    def relayed(self) -> Update:
        """The victim forwards a command, or sends one through another bot."""
        message = self._text(self.victim)
        if self.random.random() < 0.5:
            origin = {"type": "hidden_user", "date": 1, "sender_user_name": "A friend"}
            return {"message": {**message, "forward_origin": origin}}
        return {"message": {**message, "via_bot": {"id": 7, "is_bot": True, "first_name": "x"}}}

    def edited(self) -> Update:
        """The victim edits an old text into a command."""
        return {"edited_message": {**self._text(self.victim), "edit_date": 2}}

    def forged_button(self) -> Update:
        """Data that no button of ours ever carried."""
        data = self.random.choice(
            ("panic", "close:BTC/USDT", "", "\u202e", "x" * 64, "' OR '1'='1", "a" * 24)
        )
        return self._press(self.random.choice((self.victim, self.mallory, self.banned)), data)

    def stolen_button(self) -> Update:
        """The victim's live token, pressed by anybody else."""
        thief = self.random.choice((self.mallory, self.banned, *self.strangers))
        return self._press(thief, self.question.find_data("Yes"))

    def used_button(self) -> Update:
        """A token that was pressed before, by its owner."""
        return self._press(self.victim, self.random.choice(self.used))

    def huge(self) -> Update:
        """As much as Telegram carries, and more."""
        size = self.random.choice((4096, 20_000, 100_000))
        letter = self.random.choice(("A", "\U0001f4a5", "/", "<", "9"))
        message = self._text(self.mallory)
        verb = self.random.choice(("", "/addpair ", "/why ", "/connect binance "))
        return {"message": {**message, "text": verb + letter * size}}

    def _text(self, person: Person) -> Update:
        telegram = person.telegram
        return {
            "message_id": telegram.number("message"),
            "date": int(telegram.clock()),
            "chat": person.chat,
            "from": person.account,
            "text": self.random.choice(COMMANDS),
        }

    def _press(self, person: Person, data: str) -> Update:
        place = {"message_id": self.question.message_id, "date": 1, "chat": person.chat}
        query = {
            "id": f"q{person.telegram.number('query')}",
            "from": person.account,
            "message": {**place, "text": "?"},
            "chat_instance": "1",
            "data": data,
        }
        return {"callback_query": query}
