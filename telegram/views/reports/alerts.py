"""Alerts as messages: a headline in the user's language, the body, and suggested commands.

Alert -> render_alert -> Reply;  DigestView -> render_digest -> text of an alert

An alert of an older version is a plain English sentence and goes out unchanged.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reports.texts.catalog import render, say
from telegram.views.formatting import gain, money
from telegram.views.message import Reply, bold, build_reply, defuse, join_lines, plain
from trading.domain.accounts import Language
from trading.domain.alerts import Alert, AlertKind, Severity
from trading.security.audit_chain import ChainLink

MAX_BODY_CHARACTERS = 3500
"""What escaping may add and the headline still fit into a message beside it."""

_MARKS = {Severity.CRITICAL: "🔴 ", Severity.WARNING: "⚠️ ", Severity.INFO: ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestLine:
    """
    A pair's day.

    Attributes:
        currency: with PAPER unless the money is real.
        equity, day_pnl, net_pnl: quote units as of the last cycle.
        trades: closed on that day.
    """

    pair: str
    currency: str
    equity: Decimal
    day_pnl: Decimal
    net_pnl: Decimal
    trades: int
    is_paused: bool
    is_paused_in_prefect: bool = False


def render_alert(alert: Alert, *, language: Language) -> Reply:
    """Message of an alert; the text of a digest is already in the user's language."""
    body = _fit(render(alert.text, language=language)[:MAX_BODY_CHARACTERS])
    is_broadcast = alert.kind is AlertKind.SYSTEM and alert.user_id is not None
    if not is_broadcast:  # the operator's own message may hold a link
        body = defuse(body, keeps_commands=True)
    return build_reply(
        join_lines(
            f"{_MARKS[alert.severity]}{bold(say(language, f'headline-{alert.kind}'))}", body
        ),
        _suggest(alert),
        language=language,
    )


def render_digest(
    day: date,
    *,
    lines: tuple[DigestLine, ...],
    cycles: int,
    language: Language,
    head: ChainLink | None = None,
) -> str:
    """Plain text of the digest alert: the number of cycles and each pair's day."""
    title = say(language, "digest-head", day=f"{day:%Y-%m-%d}", cycles=cycles)
    told = [title, *(_describe(line, language) for line in lines)]
    if head is not None:
        told.append(say(language, "digest-audit", count=head.sequence, head=head.head))
    return "\n".join(told)


def _describe(line: DigestLine, language: Language) -> str:
    word = (
        say(language, "digest-paused-in-prefect")
        if line.is_paused_in_prefect
        else say(language, "digest-paused")
    )
    paused = f" {word}" if line.is_paused else ""
    day, net = gain(line.day_pnl, language=language), gain(line.net_pnl, language=language)
    equity = money(line.equity, language=language)
    return f"{line.pair}{paused}: " + say(
        language,
        "digest-pair",
        day=day,
        currency=line.currency,
        equity=equity,
        net=net,
        trades=line.trades,
    )


def _fit(body: str) -> str:
    """Escaped, and short enough even when every character had to be."""
    text = plain(body)
    while len(text) > MAX_BODY_CHARACTERS:
        body = body[: len(body) * MAX_BODY_CHARACTERS // len(text) - 1]
        text = f"{plain(body)}…"
    return text


def _suggest(alert: Alert) -> str:
    """Commands to look at after a critical alert; none in the operator's chat without a user."""
    is_urgent = alert.severity is Severity.CRITICAL and alert.user_id is not None
    return "/status /positions" if is_urgent else ""
