"""Builds the alerts about a user's account at a venue: the key, and moved profit.

event -> Alert with a message and a dedupe key

Pure functions: the caller enqueues the alert in the transaction of its cause, the bot delivers.
"""

from datetime import datetime

from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.messages import Message, message
from trading.domain.transfers import ProfitTransfer, TransferResult, TransferStatus
from trading.domain.units import UserId, VenueName


def build_key_refused(user_id: UserId, venue: VenueName, *, why: Message, now: datetime) -> Alert:
    """A key that was fine may do too much or too little by now; `why` says what to change."""
    return Alert(
        user_id=user_id,
        kind=AlertKind.STATE_CHANGED,
        severity=Severity.CRITICAL,
        text=message("alert-key-refused", venue=venue.title(), why=why),
        dedupe_key=f"key-refused:{venue}:{now.isoformat()}",
        created_at=now,
    )


def build_key_accepted(user_id: UserId, venue: VenueName, *, now: datetime) -> Alert:
    """A key that was refused is fine again."""
    return Alert(
        user_id=user_id,
        kind=AlertKind.STATE_CHANGED,
        severity=Severity.INFO,
        text=message("alert-key-accepted", venue=venue.title()),
        dedupe_key=f"key-accepted:{venue}:{now.isoformat()}",
        created_at=now,
    )


def build_profit_moved(transfer: ProfitTransfer, moved: TransferResult, *, now: datetime) -> Alert:
    """Profit was set aside, or was not, or nobody knows yet."""
    is_done = moved.status is TransferStatus.DONE
    return Alert(
        user_id=transfer.user_id,
        kind=AlertKind.WITHDRAWAL_DUE,
        severity=Severity.INFO if is_done else Severity.WARNING,
        text=_tell_moved(transfer, moved),
        dedupe_key=f"profit:{transfer.transfer_id}:{moved.status}",
        created_at=now,
    )


def _tell_moved(transfer: ProfitTransfer, moved: TransferResult) -> Message:
    pair, venue = str(transfer.pair), transfer.venue.title()
    quote, amount = transfer.pair.quote, transfer.amount
    if transfer.venue is VenueName.PAPER and moved.status is TransferStatus.DONE:
        return message("profit-set-aside", pair=pair, amount=amount, currency=f"{quote} PAPER")
    if moved.status is TransferStatus.REFUSED:
        return message(
            "profit-refused", pair=pair, amount=amount, currency=quote, why=moved.reason
        )
    if moved.status is TransferStatus.DONE:
        return message("profit-moved", pair=pair, amount=amount, currency=quote, venue=venue)
    if moved.status is TransferStatus.ABANDONED:
        return message("profit-absent", pair=pair, amount=amount, currency=quote, venue=venue)
    return message("profit-in-doubt", pair=pair, amount=amount, currency=quote, venue=venue)
