"""The double is as strict as Telegram, as seen by unchanged aiogram."""

from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import BotCommand, BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup

from tests.doubles.telegram import TOKEN, TelegramDouble
from tests.doubles.telegram_chats import Fault

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramDouble]:
    async with TelegramDouble().serve() as double:
        yield double


@pytest.fixture
async def bot(telegram: TelegramDouble) -> AsyncIterator[Bot]:
    bot = make_bot(telegram)
    yield bot
    await bot.session.close()


def make_bot(telegram: TelegramDouble, *, token: str = TOKEN) -> Bot:
    session = AiohttpSession(api=TelegramAPIServer.from_base(telegram.url))
    return Bot(token, session=session)


def keyboard(data: str, *, text: str = "Yes") -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=text, callback_data=data)]]
    )


async def test_html_becomes_plain_text_with_entities(telegram: TelegramDouble, bot: Bot) -> None:
    ann = telegram.add_person(101)
    await bot.send_message(101, "<b>BTC &lt; 1</b> &amp; more", parse_mode="HTML")
    (message,) = ann.list_replies()
    assert message.text == "BTC < 1 & more"
    assert message.entities == ({"type": "bold", "offset": 0, "length": 7},)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a < b", "unsupported start tag"),
        ("<h1>big</h1>", "unsupported start tag"),
        ("<b>open", "can't find end tag"),
        ("<b><i>crossed</b></i>", "unexpected end tag"),
        ("", "message text is empty"),
        (" \n", "message text is empty"),
        ("x" * 4097, "message is too long"),
    ],
)
async def test_texts_that_telegram_refuses(
    telegram: TelegramDouble, bot: Bot, text: str, sentence: str
) -> None:
    telegram.add_person(101)
    with pytest.raises(TelegramBadRequest, match=sentence):
        await bot.send_message(101, text, parse_mode="HTML")
    assert not telegram.list_messages(101)


async def test_the_limit_counts_what_is_shown_not_the_tags(
    telegram: TelegramDouble, bot: Bot
) -> None:
    telegram.add_person(101)
    await bot.send_message(101, f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    with pytest.raises(TelegramBadRequest, match="too long"):
        await bot.send_message(101, "\U0001f600" * 2049)


async def test_callback_data_is_1_to_64_bytes(telegram: TelegramDouble, bot: Bot) -> None:
    telegram.add_person(101)
    await bot.send_message(101, "?", reply_markup=keyboard("x" * 64))
    with pytest.raises(TelegramBadRequest, match="BUTTON_DATA_INVALID"):
        await bot.send_message(101, "?", reply_markup=keyboard("я" * 33))


async def test_an_unchanged_and_a_deleted_message_are_not_edited(
    telegram: TelegramDouble, bot: Bot
) -> None:
    telegram.add_person(101)
    sent = await bot.send_message(101, "one")
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_text("one", chat_id=101, message_id=sent.message_id)
    await bot.edit_message_text("two", chat_id=101, message_id=sent.message_id)
    await bot.delete_message(101, sent.message_id)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("three", chat_id=101, message_id=sent.message_id)
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await bot.delete_message(101, sent.message_id)


async def test_after_48_hours_nothing_is_deleted(bot: Bot, telegram: TelegramDouble) -> None:
    ann = telegram.add_person(101)
    message = ann.write("secret")
    message.date -= 48 * 3600 + 1
    with pytest.raises(TelegramBadRequest, match="can't be deleted"):
        await bot.delete_message(101, message.message_id)


async def test_a_photo_is_kept_and_a_caption_limited(telegram: TelegramDouble, bot: Bot) -> None:
    ann = telegram.add_person(101)
    await bot.send_photo(101, BufferedInputFile(PNG, "equity.png"), caption="Equity")
    assert ann.list_replies()[0].photo == PNG
    with pytest.raises(TelegramBadRequest, match="caption is too long"):
        await bot.send_photo(101, BufferedInputFile(PNG, "equity.png"), caption="x" * 1025)
    with pytest.raises(TelegramBadRequest, match="IMAGE_PROCESS_FAILED"):
        await bot.send_photo(101, BufferedInputFile(b"no picture", "equity.png"))


async def test_a_query_is_answered_once(telegram: TelegramDouble, bot: Bot) -> None:
    ann = telegram.add_person(101)
    await bot.send_message(101, "?", reply_markup=keyboard("yes"))
    ann.press(ann.list_replies()[0], "yes")
    (update,) = await bot.get_updates()
    assert update.callback_query is not None
    assert update.callback_query.data == "yes"
    await bot.answer_callback_query(update.callback_query.id)
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query(update.callback_query.id)


async def test_updates_stay_until_they_are_confirmed(telegram: TelegramDouble, bot: Bot) -> None:
    ann = telegram.add_person(101)
    ann.write("/start")
    (first,) = await bot.get_updates()
    (again,) = await bot.get_updates()
    assert first.update_id == again.update_id
    assert await bot.get_updates(offset=first.update_id + 1) == []


async def test_strangers_and_those_who_blocked_get_nothing(
    telegram: TelegramDouble, bot: Bot
) -> None:
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(999, "hello")
    telegram.add_person(101).block()
    with pytest.raises(TelegramForbiddenError, match="blocked by the user"):
        await bot.send_message(101, "hello")


async def test_limits_answer_429_with_a_wait(telegram: TelegramDouble, bot: Bot) -> None:
    telegram.clock = lambda: 1000.0
    telegram.per_chat, telegram.per_second = 1, 3
    for number in range(5):
        telegram.add_person(101 + number)
    await bot.send_message(101, "one")
    with pytest.raises(TelegramRetryAfter) as caught:
        await bot.send_message(101, "two")
    assert caught.value.retry_after == 1
    await bot.send_message(102, "two")
    await bot.send_message(103, "three")
    with pytest.raises(TelegramRetryAfter):
        await bot.send_message(104, "four")


async def test_outage_lost_answer_and_wrong_token(telegram: TelegramDouble, bot: Bot) -> None:
    ann = telegram.add_person(101)
    telegram.is_down = True
    with pytest.raises(TelegramServerError):
        await bot.send_message(101, "lost")
    telegram.is_down = False
    telegram.faults = [Fault(method="sendMessage", is_done=True), Fault(method="sendMessage")]
    for text in ("came", "did not come"):
        with pytest.raises(TelegramNetworkError):
            await bot.send_message(101, text)
    assert [message.text for message in ann.list_replies()] == ["came"]
    stranger = make_bot(telegram, token="1:wrong")
    with pytest.raises(TelegramUnauthorizedError):
        await stranger.get_me()
    await stranger.session.close()


async def test_a_menu_with_a_bad_name_is_refused(telegram: TelegramDouble, bot: Bot) -> None:
    await bot.set_my_commands([BotCommand(command="status", description="Now")])
    assert telegram.menus["{}"] == [{"command": "status", "description": "Now"}]
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand(command="Add-Pair", description="Add")])
