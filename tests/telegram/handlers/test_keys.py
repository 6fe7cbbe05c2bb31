"""A key goes from the chat into the vault, and is found nowhere else."""

from datetime import timedelta

import pytest

from blocks.prefect.gateway import RunResult
from db.session import Database
from tests.doubles.telegram_chats import Fault, Person, Refusal
from tests.telegram.stage import KEYS, Stage
from trading.domain.units import UserId, VenueName

API_KEY = "canary-key-7f3a9c2e1b"
API_SECRET = "canary-secret-90b1de44aa"
VERIFIED = "The binance key may trade, and neither withdraw nor transfer."


async def load_credentials(database: Database, user_id: UserId) -> tuple[str, str] | None:
    async with database.tenant(user_id) as tenant:
        found = await tenant.accounts.load_credentials(VenueName.BINANCE, keys=KEYS)
    return (found.api_key, found.api_secret) if found else None


async def tell_both(ann: Person) -> None:
    await ann.ask("/connect binance")
    await ann.ask(API_KEY)
    await ann.ask(API_SECRET)


async def test_step_by_step_both_messages_go_and_the_key_is_sealed(stage: Stage) -> None:
    ann = await stage.register(101)
    stage.prefect.end = RunResult(is_completed=True, message=VERIFIED)
    choice = await ann.ask("/connect")
    ann.press(choice, "Binance")
    await stage.telegram.wait_until(lambda: choice.edits)
    assert "Step 1" in choice.text
    assert "Step 2" in (await ann.ask(API_KEY)).text
    assert "sealed" in (await ann.ask(API_SECRET)).text
    assert (await ann.read_reply()).text == VERIFIED
    user = await stage.load_user(101)
    assert await load_credentials(stage.database, user.user_id) == (API_KEY, API_SECRET)
    assert not [m for m in stage.telegram.list_messages(101) if "canary" in m.text]
    assert stage.prefect.runs == [
        (
            "verify-account/verify-account",
            {"user_id": int(user.user_id), "venue": "binance"},
        )
    ]


async def test_profit_moves_only_for_who_says_so_and_the_key_is_checked_anew(
    stage: Stage,
) -> None:
    ann = await stage.register(101)
    assert "No key" in (await ann.ask("/profit binance on")).text
    await tell_both(ann)
    user = await stage.load_user(101)

    async def is_moved() -> bool:
        async with stage.database.tenant(user.user_id) as tenant:
            standing = await tenant.accounts.load_standing(VenueName.BINANCE)
        assert standing is not None
        return standing.moves_profit

    assert not await is_moved()
    assert "profit stays" in (await ann.ask("/profit")).text
    assert "Permits Universal Transfer" in (await ann.ask("/profit binance on")).text
    assert await is_moved()
    assert "profit is moved" in (await ann.ask("/profit")).text
    async with stage.database.operator() as operator:
        due = await operator.keys.list_due_checks(stage.now, limit=10)
    assert due == ((user.user_id, VenueName.BINANCE),)
    await ann.ask("/profit binance maybe")
    assert await is_moved()
    assert "Untick" in (await ann.ask("/profit binance off")).text
    assert not await is_moved()


async def test_all_at_once_is_deleted_before_anything_else(stage: Stage) -> None:
    ann = await stage.register(101)
    ann.skip()
    message = ann.write(f"/connect binance {API_KEY} {API_SECRET}")
    assert "sealed" in (await ann.read_reply()).text
    assert message.is_deleted
    methods = [call.method for call in stage.telegram.journal if call.chat_id == 101]
    assert methods[-2:] == ["deleteMessage", "sendMessage"]


@pytest.mark.parametrize(
    "text",
    [
        f"/connect binance {API_KEY}",
        f"/connect {API_KEY} {API_SECRET}",
        f"/connect binance {API_KEY} {API_SECRET} more",
        f"/CONNECT@quorum_bot kraken {API_KEY} {API_SECRET}",
    ],
)
async def test_a_connect_that_is_wrong_is_deleted_all_the_same(stage: Stage, text: str) -> None:
    ann = await stage.register(101)
    ann.skip()
    message = ann.write(text)
    reply = await ann.read_reply()
    assert message.is_deleted
    assert "canary" not in reply.text
    assert await load_credentials(stage.database, (await stage.load_user(101)).user_id) is None


async def test_whoever_edits_a_key_into_a_message_loses_it_too(stage: Stage) -> None:
    ann = await stage.register(101)
    message = ann.write("/connekt")
    ann.edit(message, f"/connect binance {API_KEY} {API_SECRET}")
    await stage.telegram.wait_until(lambda: message.is_deleted)
    assert await load_credentials(stage.database, (await stage.load_user(101)).user_id) is None


async def test_when_telegram_does_not_delete_the_user_is_told_to(stage: Stage) -> None:
    ann = await stage.register(101)
    stage.telegram.faults = [
        Fault(method="deleteMessage", refusal=Refusal(400, "message can't be deleted"))
    ]
    reply = await ann.ask(f"/connect binance {API_KEY} {API_SECRET}")
    assert "delete it yourself" in reply.text


async def test_a_restart_between_the_steps_asks_for_the_key_again(stage: Stage) -> None:
    ann = await stage.register(101)
    await ann.ask("/connect binance")
    await ann.ask(API_KEY)
    stage.services.half_told.clear()
    assert "Step 1" in (await ann.ask(API_SECRET)).text


async def test_an_old_question_takes_no_answer(stage: Stage) -> None:
    ann = await stage.register(101)
    await ann.ask("/connect binance")
    stage.pass_time(timedelta(minutes=11))
    assert "/help" in (await ann.ask("hello")).text
    assert not stage.services.half_told


async def test_cancel_forgets_the_question(stage: Stage) -> None:
    ann = await stage.register(101)
    await ann.ask("/connect binance")
    await ann.ask(API_KEY)
    assert "Canceled" in (await ann.ask("/cancel")).text
    assert not stage.services.half_told
    assert "/help" in (await ann.ask("hello")).text


async def test_a_key_that_may_withdraw_is_refused_in_the_venue_s_words(stage: Stage) -> None:
    ann = await stage.register(101)
    stage.prefect.end = RunResult(
        is_completed=False, message="This key may withdraw: make another."
    )
    await tell_both(ann)
    assert (await ann.read_reply()).text == "This key may withdraw: make another."


async def test_disconnect_forgets_the_key(stage: Stage) -> None:
    ann = await stage.register(101)
    await tell_both(ann)
    user = await stage.load_user(101)
    assert "forgotten" in (await ann.ask("/disconnect binance")).text
    assert await load_credentials(stage.database, user.user_id) is None
    assert "No key" in (await ann.ask("/disconnect binance")).text
