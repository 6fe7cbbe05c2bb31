"""Telegram on this machine: an HTTP server that speaks the Bot API to unchanged aiogram.

Person.write, press -> updates -> long polling -> the bot
the bot -> Bot API method -> faults, limits, strictness -> chats, photos, the journal

Every call is in the journal, refused or not. Whoever waits is woken by calls, nobody sleeps.

    async with TelegramDouble().serve() as telegram:
        ann = telegram.add_person(101, "Ann")
        ann.write("/start")
        reply = await ann.read_reply()
        ann.press(reply, "Yes")
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.doubles.telegram_chats import Bucket, Fault, Message, Person, Refusal
from tests.doubles.telegram_text import (
    CAPTION_CHARACTERS,
    BadRequest,
    check_commands,
    read_markup,
    read_text,
)

TOKEN = "4242424242:AAF-double-token-of-the-tests_1234567"
BOT_ID = 4242424242
WAIT_SECONDS = 10.0
DELETABLE_SECONDS = 48 * 3600
SENDING = frozenset({"sendMessage", "sendPhoto", "editMessageText", "editMessageCaption"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the bot: when (the double's clock), what was asked, what was answered."""

    method: str
    params: dict[str, Any]
    at: float
    status: int
    description: str = ""

    @property
    def chat_id(self) -> int | None:
        """The chat that it is about, None for none."""
        given = self.params.get("chat_id")
        return int(given) if given is not None else None

    @property
    def is_ok(self) -> bool:
        """Whether Telegram did it."""
        return self.status == 200


@dataclass(slots=True, kw_only=True)
class TelegramDouble:
    """
    One bot's Telegram on a free port.

    Attributes:
        clock: seconds; a test gives its own for virtual time.
        per_second, per_chat: the real limits with 429 and retry_after when set (30 and 1).
        faults: strike calls by method, each so many times; see `Fault`.
        rivals: so many polls are refused because another program polls with the token.
        is_down: every call is answered with 502, and not done.
        journal: every call but getUpdates, in order.
    """

    token: str = TOKEN
    clock: Callable[[], float] = time.time
    per_second: int | None = None
    per_chat: int | None = None
    is_down: bool = False
    rivals: int = 0
    url: str = ""
    faults: list[Fault] = field(default_factory=list)
    journal: list[Call] = field(default_factory=list)
    people: dict[int, Person] = field(default_factory=dict)
    chats: dict[int, dict[int, Message]] = field(default_factory=dict)
    menus: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    webhook: dict[str, str] = field(default_factory=dict)
    polls: int = 0
    _bucket: Bucket = field(default_factory=Bucket)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _queries: dict[str, bool] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)

    @asynccontextmanager
    async def serve(self, port: int = 0) -> AsyncIterator["TelegramDouble"]:
        """Listen on this machine; `url` is what aiogram's `TelegramAPIServer.from_base` takes."""
        app = web.Application(client_max_size=60 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            self.url = "http://{}:{}".format(*runner.addresses[0])
            yield self
        finally:
            await runner.cleanup()

    def add_person(self, telegram_id: int, name: str = "Ann", *, language: str = "en") -> Person:
        """Somebody with a private chat; may write to the bot from now on."""
        person = Person(telegram=self, telegram_id=telegram_id, name=name, language=language)
        self.people[telegram_id] = person
        return person

    def push(self, update: dict[str, Any], *, update_id: int | None = None) -> dict[str, Any]:
        """Any update at all, forged or replayed; gets the next number unless one is given."""
        number = update_id if update_id is not None else self.number("update")
        whole = {"update_id": number, **update}
        self.updates.append(whole)
        if query := whole.get("callback_query"):
            self._queries.setdefault(query["id"], True)
        self.wake()
        return whole

    def keep(self, message: Message) -> None:
        """Put a message into its chat."""
        self.chats.setdefault(message.chat_id, {})[message.message_id] = message

    def number(self, kind: str) -> int:
        """The next number of a kind (update, message, query)."""
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return self._numbers[kind]

    def list_messages(self, chat_id: int) -> list[Message]:
        """What stands in a chat, deleted ones left out, oldest first."""
        return [m for m in self.chats.get(chat_id, {}).values() if not m.is_deleted]

    def list_calls(self, method: str, *, chat_id: int | None = None) -> list[Call]:
        """Calls of a method that were done, of one chat or all."""
        return [
            call
            for call in self.journal
            if call.method == method and call.is_ok and chat_id in {None, call.chat_id}
        ]

    async def wait_until[T](self, look: Callable[[], T], *, seconds: float = WAIT_SECONDS) -> T:
        """What `look` finds as soon as it is true; looks again after each call. TimeoutError."""
        async with asyncio.timeout(seconds):
            while not (found := look()):
                self._changed.clear()
                await self._changed.wait()
        return found

    async def wait_until_taken(self, *, seconds: float = WAIT_SECONDS) -> None:
        """Until the bot has taken every update (and, polling, confirmed it)."""
        await self.wait_until(lambda: not self.updates, seconds=seconds)

    def wake(self) -> None:
        """Have everybody who waits look again."""
        self._changed.set()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        params = await _read_params(request)
        if request.match_info["token"] != self.token:
            return self._close(method, params=params, refusal=Refusal(401, "Unauthorized"))
        if self.is_down:
            return self._close(method, params=params, refusal=Refusal(502, "Bad Gateway"))
        if method == "getUpdates":
            return await self._poll(params)
        fault = next((one for one in self.faults if one.strikes(method, params)), None)
        if fault is not None and not fault.is_done:
            if fault.refusal is None:
                return _cut(request)
            return self._close(method, params=params, refusal=fault.refusal)
        response = self._serve(method, params)
        return _cut(request) if fault is not None else response

    def _serve(self, method: str, params: dict[str, Any]) -> web.Response:
        try:
            self._check_limits(method, params)
            serve = getattr(self, f"_do_{method.lower()}", None)
            if serve is None:
                raise Refusal(404, "Not Found")
            result = serve(params)
        except BadRequest as error:
            return self._close(method, params=params, refusal=Refusal(400, str(error)))
        except Refusal as error:
            return self._close(method, params=params, refusal=error)
        return self._close(method, params=params, result=result)

    def _close(
        self,
        method: str,
        *,
        params: dict[str, Any],
        result: Any = None,
        refusal: Refusal | None = None,
    ) -> web.Response:
        status = refusal.status if refusal else 200
        said = refusal.sentence if refusal else ""
        if method != "getUpdates":
            now = self.clock()
            call = Call(method=method, params=params, at=now, status=status, description=said)
            self.journal.append(call)
        self.wake()
        if refusal is None:
            return web.json_response({"ok": True, "result": result})
        body: dict[str, Any] = {"ok": False, "error_code": status, "description": said}
        if refusal.retry_after:
            body["parameters"] = {"retry_after": refusal.retry_after}
        return web.json_response(body, status=status)

    def _check_limits(self, method: str, params: dict[str, Any]) -> None:
        if method not in SENDING:
            return
        wait = self._bucket.take(
            int(params.get("chat_id", 0)),
            now=self.clock(),
            per_second=self.per_second,
            per_chat=self.per_chat,
        )
        if wait:
            raise Refusal(429, f"Too Many Requests: retry after {wait}", retry_after=wait)

    async def _poll(self, params: dict[str, Any]) -> web.Response:
        if self.webhook:
            sentence = "Conflict: can't use getUpdates method while webhook is active"
            return self._close("getUpdates", params=params, refusal=Refusal(409, sentence))
        if self.rivals:
            self.rivals -= 1
            sentence = (
                "Conflict: terminated by other getUpdates request; make sure that only one bot "
                "instance is running"
            )
            return self._close("getUpdates", params=params, refusal=Refusal(409, sentence))
        self.polls += 1
        offset, limit = int(params.get("offset", 0)), int(params.get("limit", 100))
        self.updates = [u for u in self.updates if u["update_id"] >= offset]
        self.wake()
        with suppress(TimeoutError):
            wait = float(params.get("timeout", 0))
            if not self.updates and wait:
                await self.wait_until(lambda: self.updates or self.is_down, seconds=wait)
        return self._close("getUpdates", params=params, result=self.updates[:limit])

    def _do_getme(self, params: dict[str, Any]) -> dict[str, Any]:
        bot = {"id": BOT_ID, "is_bot": True, "first_name": "Quorum", "username": "quorum_bot"}
        return {**bot, "can_join_groups": True, "can_read_all_group_messages": False}

    def _do_setmycommands(self, params: dict[str, Any]) -> bool:
        commands = json.loads(params["commands"])
        check_commands(commands)
        scope = json.dumps(json.loads(params.get("scope", "{}")), sort_keys=True)
        self.menus[f"{scope} {params.get('language_code', '')}".strip()] = commands
        return True

    def _do_setwebhook(self, params: dict[str, Any]) -> bool:
        self.webhook = {k: str(params[k]) for k in ("url", "secret_token") if params.get(k)}
        return True

    def _do_deletewebhook(self, params: dict[str, Any]) -> bool:
        self.webhook = {}
        return True

    def _do_sendchataction(self, params: dict[str, Any]) -> bool:
        self._find_person(params)
        return True

    def _do_sendmessage(self, params: dict[str, Any]) -> dict[str, Any]:
        person = self._find_person(params)
        text = read_text(params.get("text", ""), parse_mode=params.get("parse_mode"))
        return self._keep(person, params, text=text.plain, entities=text.entities)

    def _do_sendphoto(self, params: dict[str, Any]) -> dict[str, Any]:
        person = self._find_person(params)
        photo = params.get(str(params.get("photo", "")).removeprefix("attach://"))
        if not isinstance(photo, bytes) or photo[:4] not in {b"\x89PNG", b"\xff\xd8\xff\xe0"}:
            raise BadRequest("IMAGE_PROCESS_FAILED")
        given, mode = params.get("caption", ""), params.get("parse_mode")
        text = read_text(given, parse_mode=mode, limit=CAPTION_CHARACTERS)
        return self._keep(person, params, text=text.plain, entities=text.entities, photo=photo)

    def _do_editmessagetext(self, params: dict[str, Any]) -> dict[str, Any]:
        message = self._find_message(params, verb="edit")
        if not message.is_from_bot:
            raise BadRequest("message can't be edited")
        if message.photo is not None:
            raise BadRequest("there is no text in the message to edit")
        text = read_text(params.get("text", ""), parse_mode=params.get("parse_mode"))
        new = (text.plain, text.entities, read_markup(params.get("reply_markup")))
        if new == (message.text, message.entities, message.buttons):
            raise BadRequest(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        message.text, message.entities, message.buttons = new
        message.edits += 1
        return message.as_json()

    def _do_editmessagereplymarkup(self, params: dict[str, Any]) -> dict[str, Any]:
        message = self._find_message(params, verb="edit")
        buttons = read_markup(params.get("reply_markup"))
        if buttons == message.buttons:
            raise BadRequest("message is not modified")
        message.buttons = buttons
        return message.as_json()

    def _do_deletemessage(self, params: dict[str, Any]) -> bool:
        message = self._find_message(params, verb="delete")
        if self.clock() - message.date > DELETABLE_SECONDS:
            raise BadRequest("message can't be deleted for everyone")
        message.is_deleted, message.text = True, ""
        return True

    def _do_answercallbackquery(self, params: dict[str, Any]) -> bool:
        if len(params.get("text", "")) > 200:
            raise BadRequest("MESSAGE_TOO_LONG")
        if not self._queries.pop(str(params.get("callback_query_id")), False):
            raise BadRequest(
                "query is too old and response timeout expired or query ID is invalid"
            )
        return True

    def _find_person(self, params: dict[str, Any]) -> Person:
        person = self.people.get(int(params.get("chat_id", 0)))
        if person is None:
            raise BadRequest("chat not found")
        if person.has_blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        return person

    def _find_message(self, params: dict[str, Any], *, verb: str) -> Message:
        self._find_person(params)
        message = self.chats.get(int(params["chat_id"]), {}).get(int(params["message_id"]))
        if message is None or message.is_deleted:
            raise BadRequest(f"message to {verb} not found")
        return message

    def _keep(self, person: Person, params: dict[str, Any], **content: Any) -> dict[str, Any]:
        message = Message(
            message_id=self.number("message"),
            chat_id=person.telegram_id,
            date=self.clock(),
            buttons=read_markup(params.get("reply_markup")),
            **content,
        )
        self.keep(message)
        return message.as_json()


async def _read_params(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        given: dict[str, Any] = await request.json()
        return given
    posted = await request.post()
    return {
        name: value.file.read() if isinstance(value, web.FileField) else value
        for name, value in {**request.query, **posted}.items()
    }


def _cut(request: web.Request) -> web.Response:
    """End the connection in the middle: whoever asked never learns what became of it."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
