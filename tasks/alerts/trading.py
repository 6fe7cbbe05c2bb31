"""Builds the alerts of cycles, orders and recovery.

event -> Alert with a message and a dedupe key

Pure functions: the caller enqueues the alert in the transaction of its cause, the bot delivers.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from trading.council.llm_budget import BudgetScope, Reservation
from trading.cycle import CycleKey
from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.messages import Message, message, plain
from trading.domain.orders import Fill, Leg, OrderIntent
from trading.domain.positions import Position
from trading.domain.transfers import ProfitNotice
from trading.domain.units import Mode, Pair, UserId, VenueName
from trading.portfolio.bookkeeping import Closing
from trading.risk.circuit_breaker import Breaker
from trading.risk.results import list_figures

_CLOSING_KINDS: Mapping[Leg | None, AlertKind] = {
    Leg.STOP: AlertKind.STOP_HIT,
    Leg.TARGET: AlertKind.TARGET_HIT,
}


def build_opened(user_id: UserId, position: Position) -> Alert:
    """A position was opened."""
    return Alert(
        user_id=user_id,
        kind=AlertKind.TRADE_OPENED,
        severity=Severity.INFO,
        text=message(
            f"alert-opened-{position.side}",
            pair=str(position.pair),
            quantity=position.quantity,
            base=position.pair.base,
            price=position.average_entry_price,
            currency=_name_currency(position.pair, venue=position.venue),
        ),
        dedupe_key=f"opened:{position.pair}:{position.opened_at.isoformat()}",
        created_at=position.opened_at,
    )


def build_closed(user_id: UserId, closing: Closing, *, leg: Leg | None, now: datetime) -> Alert:
    """A position was closed by the council, the stop, the target or the venue."""
    position, fill = closing.position, closing.fill
    is_liquidation = fill is not None and fill.is_liquidation
    kind = _CLOSING_KINDS.get(leg, AlertKind.TRADE_CLOSED)
    if is_liquidation:
        kind = AlertKind.LIQUIDATED
    return Alert(
        user_id=user_id,
        kind=kind,
        severity=Severity.CRITICAL if is_liquidation else Severity.INFO,
        text=message(
            "alert-closed",
            pair=str(position.pair),
            how=_tell_end(kind, fill),
            net=position.net_pnl,
            currency=_name_currency(position.pair, venue=position.venue),
        ),
        dedupe_key=f"closed:{position.pair}:{position.opened_at.isoformat()}",
        created_at=now,
    )


def _tell_end(kind: AlertKind, fill: Fill | None) -> Message:
    if fill is None:
        return message(f"ended-{kind}")
    return message("ended-at", how=message(f"ended-{kind}"), price=fill.fill_price)


def build_protection_failed(
    user_id: UserId, position: Position, *, reason: Message, is_flat: bool, now: datetime
) -> Alert:
    """A stop could not be placed."""
    pair = str(position.pair)
    return Alert(
        user_id=user_id,
        kind=AlertKind.PROTECTION_FAILED,
        severity=Severity.CRITICAL,
        text=message("alert-unprotected-closed", pair=pair, why=reason)
        if is_flat
        else message("alert-unprotected", pair=pair, why=reason),
        dedupe_key=f"protection:{position.pair}:{position.opened_at.isoformat()}:{is_flat}",
        created_at=now,
    )


def build_exit_stuck(
    user_id: UserId | None, *, owner: UserId, pairs: Sequence[str], reason: Message, now: datetime
) -> Alert:
    """A stop or a close failed; `user_id` None addresses the operator instead of the owner."""
    named = ", ".join(pairs)
    return Alert(
        user_id=user_id,
        kind=AlertKind.PROTECTION_FAILED,
        severity=Severity.CRITICAL,
        text=message("alert-exit-stuck-operator", pairs=named, user=owner, why=reason)
        if user_id is None
        else message("alert-exit-stuck", pairs=named, why=reason),
        dedupe_key=f"exit-stuck:{owner}:{named}:{now:%Y-%m-%dT%H}",
        created_at=now,
    )


def build_in_doubt(intent: OrderIntent, *, now: datetime) -> Alert:
    """The venue has not proven whether an order was placed."""
    return Alert(
        user_id=intent.user_id,
        kind=AlertKind.ORDER_IN_DOUBT,
        severity=Severity.WARNING,
        text=message(
            "alert-in-doubt",
            pair=str(intent.pair),
            venue=intent.venue.title(),
            leg=message(f"leg-{intent.leg}"),
            quantity=intent.quantity,
            base=intent.pair.base,
        ),
        dedupe_key=f"in-doubt:{intent.client_order_id}",
        created_at=now,
    )


def build_resolved(intent: OrderIntent, *, found: bool, now: datetime) -> Alert:
    """The venue has proven whether an order in doubt was placed."""
    leg = message(f"leg-{intent.leg}")
    return Alert(
        user_id=intent.user_id,
        kind=AlertKind.ORDER_RESOLVED,
        severity=Severity.INFO,
        text=message("alert-order-found", pair=str(intent.pair), leg=leg)
        if found
        else message("alert-order-absent", pair=str(intent.pair), leg=leg),
        dedupe_key=f"resolved:{intent.client_order_id}",
        created_at=now,
    )


def build_books_differ(
    user_id: UserId, pair: Pair, *, difference: Message, now: datetime
) -> Alert:
    """The venue's position differs from our books."""
    return Alert(
        user_id=user_id,
        kind=AlertKind.BOOKS_DIFFER,
        severity=Severity.CRITICAL,
        text=message("alert-books-differ", pair=str(pair), difference=difference),
        dedupe_key=f"books:{pair}:{difference}",
        created_at=now,
    )


def build_breaker_changed(
    user_id: UserId, pair: Pair | None, *, breaker: Breaker, now: datetime
) -> Alert:
    """A breaker opened or closed; `pair` is None for the whole user."""
    scope = "all" if pair is None else str(pair)
    whose = message("scope-all-pairs") if pair is None else plain(str(pair))
    if breaker.opened_at is not None and breaker.until is not None:
        return Alert(
            user_id=user_id,
            kind=AlertKind.BREAKER_OPENED,
            severity=Severity.CRITICAL,
            text=message(
                "alert-breaker-opened",
                scope=whose,
                cause=message(f"breaker-{breaker.code}"),
                figures=list_figures(breaker.figures),
                until=breaker.until,
            ),
            dedupe_key=f"breaker-opened:{scope}:{breaker.opened_at.isoformat()}",
            created_at=now,
        )
    return Alert(
        user_id=user_id,
        kind=AlertKind.BREAKER_CLOSED,
        severity=Severity.INFO,
        text=message("alert-breaker-closed", scope=whose),
        dedupe_key=f"breaker-closed:{scope}:{now.isoformat()}",
        created_at=now,
    )


def build_withdrawal_due(
    user_id: UserId, pair: Pair, *, mode: Mode, notice: ProfitNotice, now: datetime
) -> Alert:
    """Profit may be withdrawn; one message a day."""
    currency = pair.quote if mode is Mode.LIVE else f"{pair.quote} PAPER"
    return Alert(
        user_id=user_id,
        kind=AlertKind.WITHDRAWAL_DUE,
        severity=Severity.INFO,
        text=message(
            "alert-profit-due",
            pair=str(pair),
            equity=notice.equity,
            threshold=notice.threshold,
            amount=notice.amount,
            currency=currency,
        ),
        dedupe_key=f"withdrawal:{pair}:{now.date().isoformat()}",
        created_at=now,
    )


def build_venue_down(pair: Pair, *, venue: VenueName, why: Message, now: datetime) -> Alert:
    """No market data; one message an hour for each venue, to the operator."""
    return Alert(
        user_id=None,
        kind=AlertKind.VENUE_DOWN,
        severity=Severity.WARNING,
        text=message("alert-venue-down", pair=str(pair), venue=venue.title(), why=why),
        dedupe_key=f"venue-down:{venue}:{now:%Y-%m-%dT%H}",
        created_at=now,
    )


def build_models_down(pair: Pair, *, last_vote_at: datetime | None, now: datetime) -> Alert:
    """No model answered; one message an outage, named by the last vote before it."""
    since = "ever" if last_vote_at is None else f"{last_vote_at:%Y-%m-%dT%H}"
    return Alert(
        user_id=None,
        kind=AlertKind.MODELS_DOWN,
        severity=Severity.WARNING,
        text=message("alert-models-down", pair=str(pair)),
        dedupe_key=f"models-down:{since}",
        created_at=now,
    )


def build_budget_reached(
    user_id: UserId | None,
    pair: Pair,
    *,
    scope: BudgetScope,
    reservation: Reservation,
    now: datetime,
) -> Alert:
    """A budget for models is used up; one message a day for each cap, `user_id` None: operator."""
    named = pair if scope is BudgetScope.PAIR else scope.value
    return Alert(
        user_id=user_id,
        kind=AlertKind.BUDGET_REACHED,
        severity=Severity.WARNING,
        text=message(
            "alert-budget-reached",
            whose=message("budget-of-pair", pair=str(pair))
            if scope is BudgetScope.PAIR
            else message(f"budget-of-{scope}"),
            day=f"{reservation.day}",
            cap=f"${reservation.caps.of(scope):.2f}",
        ),
        dedupe_key=f"budget:{named}:{reservation.day}",
        created_at=now,
    )


def build_cycle_failed(key: CycleKey, *, why: Message, now: datetime) -> Alert:
    """A cycle failed before its receipt."""
    return Alert(
        user_id=key.user_id,
        kind=AlertKind.CYCLE_FAILED,
        severity=Severity.WARNING,
        text=message("alert-cycle-failed", pair=str(key.pair), cycle=key.cycle_time, why=why),
        dedupe_key=f"cycle-failed:{key.pair}:{key.cycle_time.isoformat()}",
        created_at=now,
    )


def build_reconcile_failed(users: Sequence[UserId], *, now: datetime) -> Alert:
    """Users whose orders could not be compared with their venue; one message an hour."""
    named = ", ".join(str(user) for user in users[:20])
    return Alert(
        user_id=None,
        kind=AlertKind.SYSTEM,
        severity=Severity.WARNING,
        text=message("alert-reconcile-failed", count=len(users), users=named),
        dedupe_key=f"reconcile-failed:{now:%Y-%m-%dT%H}",
        created_at=now,
    )


def _name_currency(pair: Pair, *, venue: VenueName) -> str:
    """The currency of a pair's sums, marked PAPER when the money is not real."""
    return f"{pair.quote} PAPER" if venue is VenueName.PAPER else pair.quote
