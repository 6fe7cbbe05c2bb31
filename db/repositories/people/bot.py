"""State of the bot: received updates, buttons by owner, one open dialog for each user.

take_update -> (a command) -> add_buttons ... press_button (once, fresh, owner only) -> a command
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from db.models.bot import BotButtonRow, BotDialogRow, BotUpdateRow, LimitRaiseRow
from db.repositories.base import (
    OperatorRepository,
    TenantRepository,
    table_of,
    to_columns,
    to_value,
)
from trading.domain.conversation import Dialog, LimitRaise, PressedButton
from trading.domain.units import Pair, UserId

BUTTONS = table_of(BotButtonRow)
DIALOGS = table_of(BotDialogRow)
RAISES = table_of(LimitRaiseRow)
UPDATES = table_of(BotUpdateRow)


class ButtonRepository(TenantRepository):
    """Buttons displayed to the tenant."""

    async def add_buttons(
        self, buttons: Mapping[str, PressedButton], *, expires_at: datetime
    ) -> None:
        """Store the meaning of each token."""
        rows = [
            {"token": token, **to_columns(one), "expires_at": expires_at}
            for token, one in buttons.items()
        ]
        if rows:
            await self._run(self._insert(BUTTONS, *rows))

    async def press_button(self, token: str, *, now: datetime) -> PressedButton | None:
        """The button's action, once; None if expired, pressed, unknown or another owner's."""
        statement = (
            self._update(BUTTONS)
            .where(
                BUTTONS.c.token == token,
                BUTTONS.c.pressed_at.is_(None),
                BUTTONS.c.expires_at > now,
            )
            .values(pressed_at=now)
            .returning(BUTTONS.c.action, BUTTONS.c.argument)
        )
        row = await self._first(statement)
        return to_value(PressedButton, row) if row is not None else None


class DialogRepository(TenantRepository):
    """The tenant's open dialog."""

    async def load_dialog(self) -> Dialog | None:
        """The open question, None when nothing was asked."""
        row = await self._first(self._select(DIALOGS))
        return to_value(Dialog, row) if row is not None else None

    async def save_dialog(self, dialog: Dialog) -> None:
        """Open a dialog; an earlier open dialog is replaced."""
        row: dict[str, Any] = {**to_columns(dialog), "detail": dict(dialog.detail)}
        statement = self._insert(DIALOGS, row)
        await self._run(statement.on_conflict_do_update(constraint=DIALOGS.primary_key, set_=row))

    async def end_dialog(self) -> bool:
        """Nothing is asked any more; False when nothing was."""
        return await self._run(self._delete(DIALOGS)) == 1


class RaiseRepository(TenantRepository):
    """Limits loosened by the tenant, each after a waiting time."""

    async def save_raise(self, wanted: LimitRaise) -> None:
        """Schedule a looser limit; an earlier request for the same limit is replaced."""
        row = to_columns(wanted)
        statement = self._insert(RAISES, row)
        await self._run(statement.on_conflict_do_update(constraint=RAISES.primary_key, set_=row))

    async def list_raises(self, *, due_before: datetime | None = None) -> tuple[LimitRaise, ...]:
        """Scheduled limits, or the limits due before an instant; by pair and limit."""
        statement = self._select(RAISES).order_by(RAISES.c.symbol, RAISES.c.name)
        if due_before is not None:
            statement = statement.where(RAISES.c.due_at <= due_before)
        return tuple(to_value(LimitRaise, row) for row in await self._all(statement))

    async def remove_raise(self, pair: Pair, *, name: str) -> bool:
        """Cancel a scheduled limit; False when none was scheduled."""
        statement = self._delete(RAISES).where(RAISES.c.symbol == pair, RAISES.c.name == name)
        return await self._run(statement) == 1


class OperatorBotRepository(OperatorRepository):
    """Updates of unknown senders, and cleanup."""

    async def take_update(self, update_id: int, *, now: datetime) -> bool:
        """Claim an update for this process; False when already claimed."""
        statement = insert(UPDATES).values(update_id=update_id, taken_at=now)
        return await self._run(statement.on_conflict_do_nothing()) == 1

    async def list_users_with_due_raises(self, now: datetime) -> tuple[UserId, ...]:
        """Users with a scheduled limit due now."""
        statement = select(RAISES.c.user_id).where(RAISES.c.due_at <= now).distinct()
        rows = await self._all(statement.order_by(RAISES.c.user_id))
        return tuple(UserId(user_id) for (user_id,) in rows)

    async def sweep(self, before: datetime) -> int:
        """Delete updates and buttons expired before an instant; return the number of rows."""
        gone = await self._run(delete(UPDATES).where(UPDATES.c.taken_at < before))
        return gone + await self._run(delete(BUTTONS).where(BUTTONS.c.expires_at < before))
