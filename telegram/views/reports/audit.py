"""The user's own audit entries.

entries -> render_audit -> Reply
"""

from collections.abc import Sequence

from reports.texts.catalog import say
from telegram.views.message import Reply, bold, build_reply, quote
from trading.domain.accounts import Language
from trading.reporting.formatting import show_instant
from trading.security.audit_chain import AuditEntry


def render_audit(entries: Sequence[AuditEntry], *, language: Language) -> Reply:
    """The newest entries, oldest first."""
    if not entries:
        return build_reply(say(language, "audit-empty"), language=language)
    lines = [_describe(entry) for entry in reversed(entries)]
    return build_reply(bold(say(language, "audit-title")), *lines, language=language)


def _describe(entry: AuditEntry) -> str:
    detail = " ".join(f"{name}={value}" for name, value in entry.detail.items())
    words = f"{entry.actor} {entry.action} {detail}".rstrip()
    return f"{show_instant(entry.at)}: {quote(words, limit=200)}"
