"""What is owed arrives: at least once, in order, within the limits, the worst first."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import TelegramMethod

from db.session import Database
from telegram.delivery.outbox import Outbox
from tests.database import MakeUser
from tests.doubles.telegram import TOKEN, Call, TelegramDouble
from tests.doubles.telegram_chats import Fault, Refusal
from trading.domain.alert_topics import AlertGroup
from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.messages import plain
from trading.domain.units import UserId

ALERTS = int(os.environ.get("QUORUM_TEST_ALERTS", "120"))
"""Alerts of the great test; 10,000 at full size."""
CHATS = 40
ADMIN = 900
OUTAGE = timedelta(hours=1)


async def deliver_due(outbox: Outbox) -> int:
    """Send the next due message of each chat and wait for the answers; the number of messages."""
    async with asyncio.TaskGroup() as group:
        return await outbox.start_due(group)


class CountingSession(AiohttpSession):
    """aiogram's own session that knows when no call is out, so that time waits for the answers."""

    def __init__(self, api: TelegramAPIServer) -> None:
        super().__init__(api=api)
        self.out = 0
        self.is_idle = asyncio.Event()

    async def make_request[T](
        self,
        bot: Bot,
        method: TelegramMethod[T],
        timeout: int | None = None,  # noqa: ASYNC109 - its own signature
    ) -> T:
        self.out += 1
        self.is_idle.clear()
        try:
            return await super().make_request(bot, method, timeout)
        finally:
            self.out -= 1
            if not self.out:
                self.is_idle.set()


@dataclass(kw_only=True)
class Stage:
    """A sender, its Telegram, and a clock that only sleeping moves."""

    database: Database
    telegram: TelegramDouble
    session: CountingSession
    outbox: Outbox = field(init=False)
    now: datetime
    plans: list[tuple[datetime, Callable[[], Awaitable[object]]]] = field(default_factory=list)

    def read_clock(self) -> float:
        """Seconds, as the double counts."""
        return self.now.timestamp()

    async def sleep(self, seconds: float) -> None:
        """Let everything that is under way come to its end, then move the clock."""
        await asyncio.sleep(0)
        if self.session.out:
            await self.session.is_idle.wait()
        self.now += timedelta(seconds=seconds)
        while self.plans and self.plans[0][0] <= self.now:
            _, plan = self.plans.pop(0)
            await plan()

    async def owe(self, *alerts: Alert) -> None:
        """Put alerts into the outbox."""
        async with self.database.operator() as operator:
            for alert in alerts:
                assert await operator.alerts.enqueue_alert(alert)

    async def drain(self, *, most: timedelta = timedelta(days=2)) -> None:
        """Send until nothing is owed; fails when that takes longer than `most`."""
        end = self.now + most
        while True:
            assert self.now < end, "messages are still owed"
            if await deliver_due(self.outbox):
                continue
            if not self.plans and not await self.count_backlog():
                return
            # The sender looks every 10 s at least in an outage; a test need not see each look.
            await self.sleep(30 if self.telegram.is_down else 0.5)

    async def count_backlog(self) -> int:
        async with self.database.operator() as operator:
            return await operator.alerts.count_backlog()

    def list_done(self, chat_id: int | None = None) -> list[Call]:
        """Messages that reached a chat, in order."""
        return self.telegram.list_calls("sendMessage", chat_id=chat_id)

    def list_texts(self, chat_id: int) -> list[str]:
        return [str(call.params["text"]).splitlines()[1] for call in self.list_done(chat_id)]


@pytest.fixture
async def stage(database: Database, now: datetime) -> AsyncIterator[Stage]:
    double = TelegramDouble(per_second=30, per_chat=1)
    async with double.serve() as telegram:
        session = CountingSession(api=TelegramAPIServer.from_base(telegram.url))
        stage = Stage(database=database, telegram=telegram, session=session, now=now)
        telegram.clock = stage.read_clock
        telegram.add_person(ADMIN, "Operator")
        stage.outbox = Outbox(
            bot=Bot(TOKEN, session=session),
            database=database,
            clock=lambda: stage.now,
            admin_chats=(ADMIN,),
            sleep=stage.sleep,
        )
        yield stage
        await session.close()


def make_alert(
    user_id: UserId | None, now: datetime, *, text: str, severity: Severity = Severity.INFO
) -> Alert:
    return Alert(
        user_id=user_id,
        kind=AlertKind.TRADE_OPENED,
        severity=severity,
        text=plain(text),
        dedupe_key=text,
        created_at=now,
    )


async def make_person(stage: Stage, make_user: MakeUser, number: int = 1) -> tuple[UserId, int]:
    chat_id = 1000 + number
    stage.telegram.add_person(chat_id, f"person {number}")
    return await make_user(f"person {number}", telegram_id=chat_id), chat_id


async def test_a_chat_gets_its_messages_in_order_a_second_apart(
    stage: Stage, make_user: MakeUser
) -> None:
    ann, chat = await make_person(stage, make_user)
    await stage.owe(*(make_alert(ann, stage.now, text=f"n{n}") for n in range(5)))
    await stage.drain()
    calls = stage.list_done(chat)
    assert stage.list_texts(chat) == [f"n{n}" for n in range(5)]
    gaps = [late.at - early.at for early, late in pairwise(calls)]
    assert all(1 <= gap < 2 for gap in gaps)
    assert all(call.is_ok for call in stage.telegram.journal)


async def test_what_is_critical_overtakes_in_its_own_chat_and_all_others(
    stage: Stage, make_user: MakeUser
) -> None:
    people = [await make_person(stage, make_user, number) for number in range(30)]
    await stage.owe(
        *(make_alert(user, stage.now, text=f"{n}") for n in range(3) for user, _ in people)
    )
    await deliver_due(stage.outbox)
    user, chat = people[-1]
    await stage.owe(make_alert(user, stage.now, text="stop lost", severity=Severity.CRITICAL))
    turn = stage.now.timestamp()
    await stage.drain()
    assert stage.list_texts(chat)[0] == "stop lost"
    (call,) = [c for c in stage.list_done(chat) if "stop lost" in c.params["text"]]
    assert call.at - turn < 3


async def test_a_chat_that_is_told_to_wait_does_not_hold_up_the_others(
    stage: Stage, make_user: MakeUser
) -> None:
    (ann, anns), (bob, bobs) = [await make_person(stage, make_user, n) for n in (1, 2)]
    refusal = Refusal(429, "Too Many Requests: retry after 40", retry_after=40)
    stage.telegram.faults = [Fault(method="sendMessage", chat_id=anns, refusal=refusal)]
    begin = stage.now.timestamp()
    await stage.owe(make_alert(ann, stage.now, text="a"), make_alert(bob, stage.now, text="b"))
    await stage.drain()
    assert stage.list_done(bobs)[0].at - begin < 2
    tries = [c.at - begin for c in stage.telegram.journal if c.chat_id == anns]
    assert len(tries) == 2
    assert 40 <= tries[1] < 43


async def test_when_everybody_is_told_to_wait_everybody_waits(
    stage: Stage, make_user: MakeUser
) -> None:
    people = [await make_person(stage, make_user, number) for number in range(6)]
    refusal = Refusal(429, "Too Many Requests: retry after 30", retry_after=30)
    stage.telegram.faults = [Fault(method="sendMessage", times=2, refusal=refusal)]
    begin = stage.now.timestamp()
    for number, (user, _) in enumerate(people):
        await stage.owe(make_alert(user, stage.now, text=f"{number}"))
    await stage.drain()
    calls = [call.at - begin for call in stage.telegram.journal]
    assert len(calls) == len(people) + 2
    assert not [at for at in calls if 2 < at < 30]


async def test_who_blocked_the_bot_is_marked_and_left_alone(
    stage: Stage, make_user: MakeUser
) -> None:
    ann, chat = await make_person(stage, make_user)
    stage.telegram.people[chat].block()
    await stage.owe(*(make_alert(ann, stage.now, text=f"{n}") for n in range(3)))
    await stage.drain(most=timedelta(minutes=1))
    assert len(stage.telegram.journal) == 1
    async with stage.database.operator() as operator:
        recipients = await operator.users.load_recipients([ann])
        assert recipients[ann].is_blocked
        await operator.users.set_blocked(ann, blocked_at=None)
    stage.telegram.people[chat].has_blocked = False
    await stage.owe(make_alert(ann, stage.now, text="again"))
    await stage.drain()
    assert stage.list_texts(chat) == ["again"]


async def test_muted_subjects_are_not_told_but_what_is_critical_is(
    stage: Stage, make_user: MakeUser
) -> None:
    ann, chat = await make_person(stage, make_user)
    async with stage.database.tenant(ann) as tenant:
        await tenant.users.set_muted({AlertGroup.TRADES})
        assert await tenant.users.load_muted() == {AlertGroup.TRADES}
    await stage.owe(
        make_alert(ann, stage.now, text="quiet"),
        make_alert(ann, stage.now, text="loud", severity=Severity.CRITICAL),
    )
    await stage.drain()
    assert stage.list_texts(chat) == ["loud"]


async def test_the_operators_messages_go_to_every_admin_once(stage: Stage) -> None:
    stage.telegram.add_person(901, "Second")
    stage.telegram.add_person(902, "Third").block()
    stage.outbox.admin_chats = (ADMIN, 901, 902)
    stage.telegram.faults = [
        Fault(method="sendMessage", chat_id=901, refusal=Refusal(502, "Bad Gateway"))
    ]
    await stage.owe(make_alert(None, stage.now, text="venue down"))
    await stage.drain()
    assert [len(stage.list_done(chat)) for chat in (ADMIN, 901, 902)] == [1, 1, 0]


async def test_without_an_admin_the_operators_messages_wait_and_hold_up_nobody(
    stage: Stage, make_user: MakeUser
) -> None:
    ann, chat = await make_person(stage, make_user)
    stage.outbox.admin_chats = ()
    await stage.owe(
        make_alert(None, stage.now, text="for nobody"), make_alert(ann, stage.now, text="hello")
    )
    assert await deliver_due(stage.outbox) == 1
    assert stage.list_texts(chat) == ["hello"]
    assert await stage.count_backlog() == 1


async def test_people_of_the_command_line_only_hold_up_nobody(
    stage: Stage, make_user: MakeUser
) -> None:
    local = await make_user("local")
    await stage.owe(make_alert(local, stage.now, text="unseen"))
    assert await deliver_due(stage.outbox) == 0


async def test_an_answer_that_was_lost_costs_one_duplicate(
    stage: Stage, make_user: MakeUser
) -> None:
    ann, chat = await make_person(stage, make_user)
    stage.telegram.faults = [Fault(method="sendMessage", is_done=True)]
    await stage.owe(*(make_alert(ann, stage.now, text=f"{n}") for n in range(3)))
    await stage.drain()
    assert stage.list_texts(chat) == ["0", "0", "1", "2"]


async def test_what_telegram_cannot_take_does_not_stop_the_rest(
    stage: Stage, make_user: MakeUser
) -> None:
    ann, chat = await make_person(stage, make_user)
    refusal = Refusal(400, "chat not found")
    stage.telegram.faults = [Fault(method="sendMessage", refusal=refusal)]
    await stage.owe(make_alert(ann, stage.now, text="0"), make_alert(ann, stage.now, text="1"))
    await stage.drain()
    assert stage.list_texts(chat) == ["1"]


async def test_a_restart_sends_the_rest_when_the_lease_is_over(
    stage: Stage, make_user: MakeUser
) -> None:
    ann, chat = await make_person(stage, make_user)
    await stage.owe(*(make_alert(ann, stage.now, text=f"{n}") for n in range(3)))
    async with stage.database.operator() as operator:  # a sender that took one and died
        await operator.alerts.claim_heads(
            1, now=stage.now, lease=timedelta(seconds=60), resting=()
        )
    await stage.drain()
    assert stage.list_texts(chat) == ["0", "1", "2"]


@pytest.mark.slow
@pytest.mark.timeout(1800)  # at full size: see ALERTS
async def test_nothing_is_lost_in_429s_and_an_hour_of_outage(
    stage: Stage, make_user: MakeUser
) -> None:
    """The great one: QUORUM_TEST_ALERTS alerts, refusals, an outage, and a risk alert in it."""
    chance = random.Random(5)
    people = [await make_person(stage, make_user, number) for number in range(CHATS)]
    expected: dict[int, list[str]] = {chat: [] for _, chat in people}
    owed = []
    for number in range(ALERTS):
        user, chat = chance.choice(people)
        expected[chat].append(f"n{number}")
        owed.append(make_alert(user, stage.now, text=f"n{number}"))
    await stage.owe(*owed)
    risk_user, risk_chat = people[3]
    others = [chat for _, chat in people if chat != risk_chat]  # a chat told to wait has no turn
    refusals = [
        Fault(
            method="sendMessage",
            chat_id=chance.choice(others),
            refusal=Refusal(429, "Too Many Requests: retry after 2", retry_after=2),
        )
        for _ in range(ALERTS // 20)
    ]
    lost_answers = [Fault(method="sendMessage", is_done=True, chat_id=people[7][1])]
    stage.telegram.faults = [*refusals, *lost_answers]
    turns: list[float] = []

    async def go_down() -> None:
        stage.telegram.is_down = True

    async def come_back() -> None:
        stage.telegram.is_down = False
        stage.plans.append((stage.now + timedelta(seconds=3), tell_risk))

    async def tell_risk() -> None:
        turns.append(stage.now.timestamp())
        await stage.owe(make_alert(risk_user, stage.now, text="RISK", severity=Severity.CRITICAL))

    down_at = stage.now + timedelta(seconds=2)
    stage.plans = [(down_at, go_down), (down_at + OUTAGE, come_back)]
    await stage.drain()

    arrived = {chat: [t for t in stage.list_texts(chat) if t != "RISK"] for _, chat in people}
    repeated = sum((Counter(arrived[c]) - Counter(expected[c])).total() for c in arrived)
    assert {chat: list(dict.fromkeys(texts)) for chat, texts in arrived.items()} == expected
    assert repeated <= len(lost_answers)
    (risk,) = [c for c in stage.list_done(risk_chat) if "RISK" in c.params["text"]]
    assert risk.at - turns[0] < 3
    assert len(stage.telegram.journal) < ALERTS * 1.3 + OUTAGE.total_seconds() / 2
