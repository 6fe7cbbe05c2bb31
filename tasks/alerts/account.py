"""The alerts about a user's account at a venue: its key, and the profit that left it.

event -> Alert with its sentence and the key that makes telling it twice one message

Pure functions; the bot delivers.
"""

from datetime import datetime

from trading.domain.alerts import Alert, AlertKind, Severity
from trading.domain.transfers import ProfitTransfer, TransferResult, TransferStatus
from trading.domain.units import UserId, VenueName
from trading.reporting.formatting import show_money


def build_key_refused(user_id: UserId, venue: VenueName, *, sentence: str, now: datetime) -> Alert:
    """A key that was fine may do too much or too little by now; `sentence` says what to change."""
    return Alert(
        user_id=user_id,
        kind=AlertKind.STATE_CHANGED,
        severity=Severity.CRITICAL,
        text=(
            f"Nothing new is opened at {venue}: {sentence} It is checked again every hour, and at "
            "once after /connect; exits, stops and cancels go on."
        )[:4000],
        dedupe_key=f"key-refused:{venue}:{now.isoformat()}",
        created_at=now,
    )


def build_key_accepted(user_id: UserId, venue: VenueName, *, now: datetime) -> Alert:
    """A key that was refused is fine again."""
    return Alert(
        user_id=user_id,
        kind=AlertKind.STATE_CHANGED,
        severity=Severity.INFO,
        text=f"The {venue} key is fine again: entries are possible.",
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
        text=_tell_moved(transfer, moved)[:4000],
        dedupe_key=f"profit:{transfer.transfer_id}:{moved.status}",
        created_at=now,
    )


def _tell_moved(transfer: ProfitTransfer, moved: TransferResult) -> str:
    pair, venue = transfer.pair, transfer.venue
    is_paper = venue is VenueName.PAPER
    amount = f"{show_money(transfer.amount)} {pair.quote}{' PAPER' if is_paper else ''}"
    if moved.status is TransferStatus.DONE and is_paper:
        return f"{pair}: {amount} of profit was set aside and is traded with no longer."
    if moved.status is TransferStatus.DONE:
        return (
            f"{pair}: {amount} of profit was moved to your funding wallet at {venue} and is "
            "traded with no longer."
        )
    if moved.status is TransferStatus.REFUSED:
        return f"{pair}: {amount} of profit was not moved: {moved.reason}"
    if moved.status is TransferStatus.ABANDONED:
        return (
            f"{pair}: {amount} of profit never showed up among the transfers at {venue}. It "
            "counts as not moved: look at your wallets there."
        )
    return (
        f"{pair}: {venue} did not say whether it moved {amount} of profit. It is not asked to "
        "again; it is looked up, and counts as moved until then."
    )
