"""What the operator looks at: one transaction across users -> the values of the admin's views."""

from collections import Counter
from datetime import datetime

from db.session import Operator
from telegram.views.dialogs.admin import HealthView, UserLine
from trading.domain.units import Mode


async def load_user_lines(operator: Operator) -> tuple[UserLine, ...]:
    """Everybody with the number of pairs, oldest first."""
    users = await operator.users.list_users()
    configs = await operator.pairs.list_all_pairs()
    recipients = await operator.users.load_recipients([user.user_id for user in users])
    pairs = Counter(config.user_id for config in configs)
    live = Counter(config.user_id for config in configs if config.mode is Mode.LIVE)
    return tuple(
        UserLine(
            user=user,
            pairs=pairs[user.user_id],
            live_pairs=live[user.user_id],
            is_blocked=user.user_id in recipients and recipients[user.user_id].is_blocked,
        )
        for user in users
    )


async def load_health(operator: Operator, *, now: datetime, scheduler_answers: bool) -> HealthView:
    """The system at a glance."""
    cycles = await operator.cycles.load_last_cycle_times()
    return HealthView(
        now=now,
        state=await operator.states.load_trading_state(None),
        scheduler_answers=scheduler_answers,
        users=len(await operator.users.list_users()),
        pairs=len(await operator.pairs.list_all_pairs()),
        open_positions=len(await operator.positions.list_all_open_positions()),
        last_cycle_at=max(cycles.values(), default=None),
        backlog=await operator.alerts.count_backlog(),
        oldest_waiting_at=await operator.alerts.load_oldest_waiting_at(),
    )
