"""What the bot keeps of a user, as the tests of db need it."""

from datetime import datetime, timedelta

from db.session import Tenant
from trading.domain.conversation import Dialog, LimitRaise, PressedButton
from trading.domain.units import Pair, UserId

BTC = Pair("BTC", "USDT")
PRESSED = PressedButton(action="close", argument="BTC/USDT")


def make_token(user_id: UserId) -> str:
    """A button's token, another for each user."""
    return f"token-of-the-user-{user_id}"


def make_dialog(now: datetime) -> Dialog:
    return Dialog(step="secret", asked_at=now, detail={"venue": "binance"})


def make_raise(now: datetime) -> LimitRaise:
    due = now + timedelta(hours=1)
    return LimitRaise(pair=BTC, name="max_leverage", value="2", asked_at=now, due_at=due)


async def fill_talk(tenant: Tenant, now: datetime) -> None:
    """Give a user a button, a question and a limit that waits."""
    buttons = {make_token(tenant.user_id): PRESSED}
    await tenant.buttons.add_buttons(buttons, expires_at=now + timedelta(hours=1))
    await tenant.dialogs.save_dialog(make_dialog(now))
    await tenant.raises.save_raise(make_raise(now))
