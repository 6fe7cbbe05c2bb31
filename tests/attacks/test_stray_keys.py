"""Attack on the careless: API keys in a chat outside the dialog of /connect."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from db.session import Database
from telegram.bot.stray_keys import has_key_shape
from tests.doubles.telegram_chats import Person
from tests.telegram.stage import Stage, open_stage

BINANCE_KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
BYBIT_KEY = "u9W2lGmKHwt8Zq3xYb"
BYBIT_SECRET = "PmxIpD5rTgN1cKQhVz8WyJa0LsB4uEoX7RfM"
MODEL_KEY = "sk-proj-Abc123Def456Ghi789Jkl012"
KEYS = [BINANCE_KEY, BYBIT_KEY, BYBIT_SECRET, MODEL_KEY]


@pytest.fixture
async def stage(database: Database, now: datetime) -> AsyncIterator[Stage]:
    async with open_stage(database, now=now) as stage:
        yield stage


@pytest.fixture
async def ann(stage: Stage) -> Person:
    return await stage.register(101)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("form", ["{}", "/conect binance {}", "/halt {}", "my key: {} keep it"])
async def test_a_key_is_deleted_and_never_echoed(
    stage: Stage, ann: Person, form: str, key: str
) -> None:
    message = ann.write(form.format(key))
    answer = await ann.read_reply()

    assert "looked like an API key" in answer.text
    assert key not in str([reply.text for reply in ann.list_replies()])
    deleted = stage.telegram.list_calls("deleteMessage", chat_id=101)
    assert [int(call.params["message_id"]) for call in deleted] == [message.message_id]


async def test_a_key_pasted_after_the_end_of_the_dialog_is_deleted(
    stage: Stage, ann: Person
) -> None:
    await ann.ask("/connect binance")
    await ann.ask("/status")
    stage.now = stage.now.replace(year=stage.now.year + 1)
    assert "looked like an API key" in (await ann.ask(BINANCE_KEY)).text


FORWARDS = {
    "of a user": {
        "type": "user",
        "date": 1,
        "sender_user": {"id": 5, "is_bot": False, "first_name": "B"},
    },
    "of a hidden user": {"type": "hidden_user", "date": 1, "sender_user_name": "B"},
    "of a channel": {
        "type": "channel",
        "date": 1,
        "message_id": 3,
        "chat": {"id": -1001, "type": "channel", "title": "C"},
    },
}


@pytest.mark.parametrize("origin", FORWARDS.values(), ids=FORWARDS)
@pytest.mark.parametrize("field", ["text", "caption"])
async def test_a_forwarded_key_is_deleted(
    stage: Stage, ann: Person, field: str, origin: dict[str, object]
) -> None:
    message = stage.telegram.people[101].write("/help")
    await ann.read_reply()
    update = {
        **ann._as_update(message),
        "message_id": message.message_id,
        "forward_origin": origin,
    }
    update.pop("text")
    stage.telegram.push({"message": {**update, field: f"look: {BINANCE_KEY}"}})
    assert "looked like an API key" in (await ann.read_reply()).text
    deleted = stage.telegram.list_calls("deleteMessage", chat_id=101)
    assert [int(call.params["message_id"]) for call in deleted] == [message.message_id]


async def test_a_key_edited_into_a_message_is_deleted(stage: Stage, ann: Person) -> None:
    message = ann.write("/help")
    await ann.read_reply()
    ann.edit(message, f"/help {BYBIT_SECRET}")
    assert "looked like an API key" in (await ann.read_reply()).text
    assert stage.telegram.list_calls("deleteMessage", chat_id=101)


async def test_a_stranger_s_key_is_deleted_too(stage: Stage) -> None:
    stranger = stage.telegram.add_person(102, "Bob")
    assert "looked like an API key" in (await stranger.ask(BINANCE_KEY)).text


@pytest.mark.parametrize(
    "text",
    [
        "/addpair BTC/USDT 1000",
        "/halt maintenance-of-the-exchange tomorrow",
        "/start",
        "/setcapital BTC/USDT 12345678901234567890",
        "https://www.binance.com/en/support/announcement/a1b2c3d4e5f6a7b8c9d0",
        "internationalization-of-everything",
    ],
)
def test_ordinary_texts_have_no_shape_of_a_key(text: str) -> None:
    assert not has_key_shape(text)
