"""Attack: strangers sign up and use up the budget for models of everybody."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from pydantic import ValidationError

from db.session import Database
from telegram.request.settings import BotSettings, Signup
from tests.database import MakeUser
from tests.db.values import make_config
from tests.telegram.stage import Stage, make_settings, open_stage
from trading.council.llm_budget import NEWCOMER_LIFE, Traders


@pytest.fixture
async def stage(database: Database, now: datetime) -> AsyncIterator[Stage]:
    settings = make_settings(signup=BotSettings(_env_file=None).signup)
    async with open_stage(database, now=now, settings=settings) as stage:
        yield stage


async def test_a_stranger_does_not_sign_up_by_default(stage: Stage) -> None:
    assert BotSettings(_env_file=None).signup is Signup.INVITATION
    stranger = stage.telegram.add_person(666)
    await stranger.ask("/start")
    async with stage.database.operator() as operator:
        assert await operator.users.find_user_by_telegram_id(666) is None


def test_a_short_invitation_code_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least 8"):
        make_settings(signup=Signup.INVITATION, invitation_code="1234567")


async def test_traders_are_counted_by_age_and_running_pairs(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    users = [await make_user(f"user {number}") for number in range(4)]
    for user_id in users[:2]:
        async with database.tenant(user_id) as tenant:
            await tenant.pairs.add_pair(make_config(user_id, now))
    async with database.operator() as operator:
        young = await operator.users.count_traders(users[0], since=now - NEWCOMER_LIFE)
        old = await operator.users.count_traders(users[3], since=now + NEWCOMER_LIFE)
    assert young == Traders(established=0, newcomers=2, is_newcomer=True)
    assert old == Traders(established=3, newcomers=0, is_newcomer=False)
