"""What the bot remembers: updates once, buttons once and while fresh, one question at a time."""

from datetime import datetime, timedelta

from db.session import Database, Tenant
from tests.database import MakeUser
from tests.db.repositories.talk import PRESSED, make_dialog, make_token
from trading.domain.conversation import Dialog

HOUR = timedelta(hours=1)


async def test_an_update_is_taken_once_and_forgotten_later(
    database: Database, now: datetime
) -> None:
    async with database.operator() as operator:
        assert await operator.bot.take_update(7, now=now)
        assert not await operator.bot.take_update(7, now=now)
        assert await operator.bot.sweep(now) == 0
        assert await operator.bot.sweep(now + HOUR) == 1
        assert await operator.bot.take_update(7, now=now)


async def test_a_button_is_pressed_once_by_its_owner_while_it_is_fresh(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    ann, bob = await make_user("ann"), await make_user("bob")
    token, late = make_token(ann), f"late-{make_token(ann)}"
    async with database.tenant(ann) as tenant:
        buttons = {token: PRESSED, late: PRESSED}
        await tenant.buttons.add_buttons(buttons, expires_at=now + HOUR)
        await tenant.buttons.add_buttons({}, expires_at=now)
    async with database.tenant(bob) as tenant:
        assert await tenant.buttons.press_button(token, now=now) is None
    async with database.tenant(ann) as tenant:
        assert await tenant.buttons.press_button(token, now=now) == PRESSED
        assert await tenant.buttons.press_button(token, now=now) is None
        assert await tenant.buttons.press_button(late, now=now + HOUR) is None


async def test_one_question_is_open_at_a_time(tenant: Tenant, now: datetime) -> None:
    await tenant.dialogs.save_dialog(make_dialog(now))
    later = Dialog(step="live", asked_at=now + HOUR)
    await tenant.dialogs.save_dialog(later)
    assert await tenant.dialogs.load_dialog() == later
    assert await tenant.dialogs.end_dialog()
    assert await tenant.dialogs.load_dialog() is None
    assert not await tenant.dialogs.end_dialog()
