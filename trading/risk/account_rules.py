"""Rules about the user's account and the system's state before an entry.

Each rule is a function of the whole input and the limits; `trading.risk.engine` holds the list.
"""

from datetime import datetime, timedelta

from trading.domain.orders import Order, OrderStatus
from trading.domain.units import TradingState
from trading.risk.circuit_breaker import compute_day_loss, compute_day_loss_limit
from trading.risk.context import RiskInput
from trading.risk.limits import RiskLimits
from trading.risk.results import DenialReason, RuleResult, judge

DAY = timedelta(hours=24)


def check_trading_state(inputs: RiskInput, _limits: RiskLimits) -> RuleResult:
    """Entries need ACTIVE trading, for the system, the venue and the user."""
    state = inputs.account.trading_state
    halted = state is TradingState.HALTED
    return judge(
        "trading_state",
        passes=state is TradingState.ACTIVE,
        code=DenialReason.TRADING_HALTED if halted else DenialReason.TRADING_REDUCING,
        state=state,
    )


def check_pair_running(inputs: RiskInput, _limits: RiskLimits) -> RuleResult:
    """A paused pair takes no entries, also when paused during the cycle."""
    paused = inputs.account.is_paused
    return judge(
        "pair_running",
        passes=not paused,
        code=DenialReason.PAIR_PAUSED,
        paused="yes" if paused else "no",
    )


def check_reconciled(inputs: RiskInput, _limits: RiskLimits) -> RuleResult:
    """No entry before the user's books have been compared with the venue's."""
    reconciled = inputs.account.is_reconciled
    return judge(
        "reconciled",
        passes=reconciled,
        code=DenialReason.NOT_RECONCILED,
        reconciled="yes" if reconciled else "no",
    )


def check_orders_in_doubt(inputs: RiskInput, _limits: RiskLimits) -> RuleResult:
    """No entry while the outcome of an earlier entry is unproven: a position may exist."""
    count = inputs.account.entries_in_doubt
    return judge(
        "orders_in_doubt", passes=count == 0, code=DenialReason.ORDER_IN_DOUBT, in_doubt=count
    )


def check_protection(inputs: RiskInput, _limits: RiskLimits) -> RuleResult:
    """While a position of the user stands without a stop there is something better to do."""
    count = inputs.account.unprotected_positions
    return judge("protection", passes=count == 0, code=DenialReason.BARE_POSITION, bare=count)


def check_pair_breaker(inputs: RiskInput, _limits: RiskLimits) -> RuleResult:
    """The pair's breaker is closed."""
    breaker = inputs.account.pair_breaker
    return judge(
        "pair_breaker",
        passes=not breaker.is_open,
        code=DenialReason.BREAKER_OPEN,
        state=breaker.state,
        **_describe_opening(breaker.code, breaker.until),
    )


def check_user_breaker(inputs: RiskInput, _limits: RiskLimits) -> RuleResult:
    """The user's breaker is closed."""
    breaker = inputs.account.user_breaker
    return judge(
        "user_breaker",
        passes=not breaker.is_open,
        code=DenialReason.USER_BREAKER_OPEN,
        state=breaker.state,
        **_describe_opening(breaker.code, breaker.until),
    )


def _describe_opening(code: str, until: datetime | None) -> dict[str, object]:
    return {"cause": code, "until": until.isoformat()} if until else {}


def check_clock_offset(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """Our clock agrees with the venue's clock; otherwise ages of data are meaningless."""
    offset = abs(inputs.account.clock_offset)
    return judge(
        "clock_offset",
        passes=offset <= limits.max_clock_offset,
        code=DenialReason.CLOCK_OFFSET,
        offset_seconds=offset.total_seconds(),
        limit=limits.max_clock_offset.total_seconds(),
    )


def check_drawdown(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """The pair's loss from the peak is within the limit."""
    drawdown = inputs.account.portfolio.drawdown
    return judge(
        "drawdown",
        passes=drawdown < limits.max_drawdown_ratio,
        code=DenialReason.DRAWDOWN_LIMIT,
        drawdown=drawdown,
        limit=limits.max_drawdown_ratio,
    )


def check_day_loss(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """The pair's loss of the UTC day is within the limit, computed as for the breaker."""
    portfolio = inputs.account.portfolio
    loss = compute_day_loss(inputs.account.pair_breaker, portfolio=portfolio)
    limit = compute_day_loss_limit(portfolio, limits=limits)
    return judge(
        "day_loss",
        passes=loss < limit,
        code=DenialReason.DAY_LOSS_LIMIT,
        day_loss=loss,
        limit=limit,
    )


def check_duplicate_order(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """No second entry of the same side within the window, for every outcome of the first."""
    entries = [order for order in _entries(inputs) if order.side is inputs.side.entry_side]
    recent = [o for o in entries if inputs.as_of - o.created_at < limits.duplicate_window]
    return judge(
        "duplicate_order",
        passes=not recent,
        code=DenialReason.DUPLICATE_ORDER,
        entries=len(recent),
        window_seconds=limits.duplicate_window.total_seconds(),
    )


def check_entry_rate(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """The number of entries of the pair per day is limited."""
    count = sum(inputs.as_of - order.created_at < DAY for order in _entries(inputs))
    return judge(
        "entry_rate",
        passes=count < limits.max_entries_per_day,
        code=DenialReason.TOO_MANY_ENTRIES,
        entries=count,
        limit=limits.max_entries_per_day,
    )


def check_rejections(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """After too many rejected or lost orders in a day the pair takes no entries."""
    refused = {OrderStatus.REJECTED, OrderStatus.UNKNOWN}
    count = sum(
        order.status in refused and inputs.as_of - order.created_at < DAY
        for order in inputs.account.recent_orders
    )
    return judge(
        "rejections",
        passes=count < limits.max_rejections_per_day,
        code=DenialReason.TOO_MANY_REJECTIONS,
        rejections=count,
        limit=limits.max_rejections_per_day,
    )


def check_loss_cooldown(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """After a loss the next look has to confirm before money follows."""
    recent = [
        position
        for position in inputs.account.closed_positions
        if position.closed_at is not None
        and inputs.as_of - position.closed_at < limits.loss_cooldown
        and position.net_pnl < 0
    ]
    return judge(
        "loss_cooldown",
        passes=not recent,
        code=DenialReason.LOSS_COOLDOWN,
        losses=len(recent),
        window_seconds=limits.loss_cooldown.total_seconds(),
    )


def check_open_positions(inputs: RiskInput, limits: RiskLimits) -> RuleResult:
    """The new position is within the user's limit of open positions."""
    count = inputs.account.elsewhere.position_count + 1
    return judge(
        "open_positions",
        passes=count <= limits.max_open_positions,
        code=DenialReason.TOO_MANY_POSITIONS,
        positions=count,
        limit=limits.max_open_positions,
    )


def check_position(inputs: RiskInput, _limits: RiskLimits) -> RuleResult:
    """No pyramiding: an entry needs a flat pair."""
    position = inputs.open_position
    return judge(
        "position",
        passes=position is None,
        code=DenialReason.ALREADY_POSITIONED,
        **({"side": position.side, "quantity": position.quantity} if position else {}),
    )


def _entries(inputs: RiskInput) -> list[Order]:
    return [order for order in inputs.account.recent_orders if not order.reduce_only]
