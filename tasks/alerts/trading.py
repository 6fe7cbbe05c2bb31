"""The alerts that the work owes to people: built here, enqueued with their cause.

event -> Alert with its sentence and the key that makes telling it twice one message

Pure functions; the bot delivers.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from trading.council.llm_budget import BudgetScope, Reservation
from trading.cycle import CycleKey
from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.orders import Leg, OrderIntent
from trading.domain.positions import Position
from trading.domain.transfers import ProfitNotice
from trading.domain.units import Mode, Pair, UserId, VenueName
from trading.portfolio.bookkeeping import Closing
from trading.reporting.formatting import show_gain, show_instant, show_money, show_price
from trading.risk.circuit_breaker import Breaker

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
        text=(
            f"{position.pair}: opened {position.side} {position.quantity} {position.pair.base} "
            f"at {show_price(position.average_entry_price)}{_mark_paper(position.venue)}."
        ),
        dedupe_key=f"opened:{position.pair}:{position.opened_at.isoformat()}",
        created_at=position.opened_at,
    )


def build_closed(user_id: UserId, closing: Closing, *, leg: Leg | None, now: datetime) -> Alert:
    """A position ended: by the council, its stop, its target or the venue."""
    position, fill = closing.position, closing.fill
    is_liquidation = fill is not None and fill.is_liquidation
    kind = _CLOSING_KINDS.get(leg, AlertKind.TRADE_CLOSED)
    how = {AlertKind.STOP_HIT: "stop hit", AlertKind.TARGET_HIT: "target hit"}.get(kind, "closed")
    if is_liquidation:
        kind, how = AlertKind.LIQUIDATED, "LIQUIDATED by the venue"
    price = "" if fill is None else f" at {show_price(fill.fill_price)}"
    return Alert(
        user_id=user_id,
        kind=kind,
        severity=Severity.CRITICAL if is_liquidation else Severity.INFO,
        text=(
            f"{position.pair}: {how}{price}, net {show_gain(position.net_pnl)} "
            f"{position.pair.quote}{_mark_paper(position.venue)} after fees and funding."
        ),
        dedupe_key=f"closed:{position.pair}:{position.opened_at.isoformat()}",
        created_at=now,
    )


def build_protection_failed(
    user_id: UserId, position: Position, *, reason: str, is_flat: bool, now: datetime
) -> Alert:
    """A stop could not be placed."""
    then = (
        "The position was closed at once."
        if is_flat
        else "Closing it is not proven yet and is tried again every few minutes: look at the "
        "venue yourself."
    )
    return Alert(
        user_id=user_id,
        kind=AlertKind.PROTECTION_FAILED,
        severity=Severity.CRITICAL,
        text=f"{position.pair}: the stop could not be placed ({reason}) {then}",
        dedupe_key=f"protection:{position.pair}:{position.opened_at.isoformat()}:{is_flat}",
        created_at=now,
    )


def build_exit_stuck(
    user_id: UserId | None, *, owner: UserId, pairs: Sequence[str], reason: str, now: datetime
) -> Alert:
    """A stop or a close that could not be done; for the owner, and for the operator (None)."""
    whose = "" if user_id is not None else f" of user {owner}"
    return Alert(
        user_id=user_id,
        kind=AlertKind.PROTECTION_FAILED,
        severity=Severity.CRITICAL,
        text=(
            f"{', '.join(pairs)}{whose}: the stop or the close could not be done ({reason}) "
            "By our books the position may stand at the venue without a stop. Quorum tries again "
            "every few seconds. To close by hand: open the venue's app, Futures, Positions, and "
            "close the position at the market; Quorum books the trade."
        )[:4000],
        dedupe_key=f"exit-stuck:{owner}:{','.join(pairs)}:{now:%Y-%m-%dT%H}"[:200],
        created_at=now,
    )


def build_in_doubt(intent: OrderIntent, *, now: datetime) -> Alert:
    """An order whose fate is not proven."""
    return Alert(
        user_id=intent.user_id,
        kind=AlertKind.ORDER_IN_DOUBT,
        severity=Severity.WARNING,
        text=(
            f"{intent.pair}: {intent.venue} did not say whether it took the {intent.leg} order of "
            f"{intent.quantity} {intent.pair.base}. It is not sent again; it is looked up until "
            "that is proven, and nothing new is opened until then."
        ),
        dedupe_key=f"in-doubt:{intent.client_order_id}",
        created_at=now,
    )


def build_resolved(intent: OrderIntent, *, found: bool, now: datetime) -> Alert:
    """An order that was in doubt is not any more."""
    what = (
        "was found at the venue and is booked."
        if found
        else "never reached the venue: nothing of it was seen in all this time."
    )
    return Alert(
        user_id=intent.user_id,
        kind=AlertKind.ORDER_RESOLVED,
        severity=Severity.INFO,
        text=f"{intent.pair}: the {intent.leg} order that was in doubt {what}",
        dedupe_key=f"resolved:{intent.client_order_id}",
        created_at=now,
    )


def build_books_differ(user_id: UserId, pair: Pair, *, sentence: str, now: datetime) -> Alert:
    """The venue's position is not ours."""
    return Alert(
        user_id=user_id,
        kind=AlertKind.BOOKS_DIFFER,
        severity=Severity.CRITICAL,
        text=f"{pair}: {sentence} Nothing new is opened until our books and the venue agree.",
        dedupe_key=f"books:{pair}:{sentence}"[:200],
        created_at=now,
    )


def build_breaker_changed(
    user_id: UserId, pair: Pair | None, *, breaker: Breaker, now: datetime
) -> Alert:
    """A breaker opened or closed; `pair` is None for the whole user."""
    scope = "All your pairs" if pair is None else str(pair)
    if breaker.opened_at is not None and breaker.until is not None:
        figures = ", ".join(f"{name} {value}" for name, value in breaker.figures.items())
        return Alert(
            user_id=user_id,
            kind=AlertKind.BREAKER_OPENED,
            severity=Severity.CRITICAL,
            text=(
                f"{scope}: the breaker opened ({breaker.code}: {figures}). No entries until "
                f"{show_instant(breaker.until)}; stops stay."
            )[:4000],
            dedupe_key=f"breaker-opened:{scope}:{breaker.opened_at.isoformat()}",
            created_at=now,
        )
    return Alert(
        user_id=user_id,
        kind=AlertKind.BREAKER_CLOSED,
        severity=Severity.INFO,
        text=f"{scope}: the breaker closed, entries are possible again.",
        dedupe_key=f"breaker-closed:{scope}:{now.isoformat()}",
        created_at=now,
    )


def build_withdrawal_due(
    user_id: UserId, pair: Pair, *, mode: Mode, notice: ProfitNotice, now: datetime
) -> Alert:
    """Profit may be taken out; told once a day."""
    currency = pair.quote if mode is Mode.LIVE else f"{pair.quote} PAPER"
    return Alert(
        user_id=user_id,
        kind=AlertKind.WITHDRAWAL_DUE,
        severity=Severity.INFO,
        text=(
            f"{pair}: equity is {show_money(notice.equity)} {currency}, above your threshold of "
            f"{show_money(notice.threshold)} {currency}. {show_money(notice.amount)} {currency} "
            "of it is settled profit that you could take out."
        ),
        dedupe_key=f"withdrawal:{pair}:{now.date().isoformat()}",
        created_at=now,
    )


def build_venue_down(pair: Pair, *, venue: str, sentence: str, now: datetime) -> Alert:
    """No market data; one message an hour for each venue, to the operator."""
    return Alert(
        user_id=None,
        kind=AlertKind.VENUE_DOWN,
        severity=Severity.WARNING,
        text=f"Cycles of {pair} at {venue} are skipped: {sentence}"[:4000],
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
        text=f"No model answered for {pair}: every cycle holds until one does.",
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
    """Models are not asked any more today; once a day for each cap, None tells the operator."""
    whose = {
        BudgetScope.PAIR: f"{pair}: your budget for it",
        BudgetScope.USER: "Your budget for models",
        BudgetScope.INSTALLATION: "The whole installation's budget for models",
    }[scope]
    named = pair if scope is BudgetScope.PAIR else scope.value
    return Alert(
        user_id=user_id,
        kind=AlertKind.BUDGET_REACHED,
        severity=Severity.WARNING,
        text=(
            f"{whose} is used up for {reservation.day} (UTC): "
            f"${reservation.caps.of(scope):.2f} a day. What does not fit any more is not asked "
            "until midnight UTC, so nothing is opened without a quorum. Stops and targets stay at "
            "the venue, and closing by hand needs no model."
        ),
        dedupe_key=f"budget:{named}:{reservation.day}",
        created_at=now,
    )


def build_cycle_failed(key: CycleKey, *, sentence: str, now: datetime) -> Alert:
    """A cycle ended without its end."""
    return Alert(
        user_id=key.user_id,
        kind=AlertKind.CYCLE_FAILED,
        severity=Severity.WARNING,
        text=(
            f"{key.pair}: the cycle of {show_instant(key.cycle_time)} did not finish. {sentence} "
            "Stops stay at the venue; orders are checked within minutes."
        )[:4000],
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
        text=(
            f"{len(users)} users could not be reconciled ({named}). It is tried again every few "
            "minutes; until then they open nothing. See the failed tasks of the reconcile flow."
        ),
        dedupe_key=f"reconcile-failed:{now:%Y-%m-%dT%H}",
        created_at=now,
    )


def _mark_paper(venue: VenueName) -> str:
    """Behind what was traded, so that nobody takes it for real money."""
    return " PAPER" if venue is VenueName.PAPER else ""
