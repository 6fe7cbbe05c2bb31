"""Risk limits: limits in force, a user's own limits, and scheduled raises.

RiskView -> Reply
"""

from commands.limits import LimitLine, PendingRaise, RiskView
from reports.texts.catalog import say
from telegram.views.message import Button, Reply, bold, build_reply, code, join_lines, plain
from trading.domain.accounts import Language
from trading.reporting.formatting import show_instant

LIMITS = (
    "max_position_ratio",
    "risk_per_trade_ratio",
    "max_leverage",
    "max_drawdown_ratio",
    "max_day_loss_ratio",
    "max_losses_in_a_row",
    "max_open_positions",
    "max_entries_per_day",
    "max_order_notional",
    "min_confidence",
    "min_reward_to_risk",
    "max_spread_ratio",
    "profit_withdrawal_ratio",
)
"""Limits that people set, in the order of the list; the others can be set, too."""


def render_risk(view: RiskView, *, language: Language) -> Reply:
    """Limits in force, the allowed ranges, and the command to change a limit."""
    of = f" · {view.pair}" if view.pair else ""
    title = bold(say(language, "risk-title", of=of))
    example = code("/risk max_leverage 2")
    return build_reply(
        title,
        join_lines(*(_describe(line, language) for line in view.lines)),
        say(language, "risk-explained", example=example),
        language=language,
    )


def render_limit_changed(name: str, *, value: str, language: Language) -> Reply:
    """A stricter limit holds."""
    return build_reply(
        say(language, "risk-changed", name=code(name), value=bold(value)),
        language=language,
    )


def render_raise_question(name: str, *, value: str, current: str, language: Language) -> Reply:
    """A looser limit: sure?"""
    argument = f"{name} {value}"
    return build_reply(
        say(
            language,
            "risk-raise-question",
            name=code(name),
            current=bold(current),
            value=bold(value),
        ),
        language=language,
        buttons=(
            (
                Button(
                    label=say(language, "risk-raise-button"),
                    action="risk_raise",
                    argument=argument,
                ),
            ),
            (Button(label=say(language, "common-cancel"), action="cancel"),),
        ),
    )


def render_raise_scheduled(pending: PendingRaise, *, language: Language) -> Reply:
    """The raise is scheduled; until the due time the user can cancel the raise."""
    due = show_instant(pending.due_at)
    name, value = code(pending.name), bold(pending.value)
    return build_reply(
        say(language, "risk-raise-scheduled", name=name, value=value, due=due),
        language=language,
        buttons=(
            (
                Button(
                    label=say(language, "risk-raise-cancel-button"),
                    action="risk_cancel",
                    argument=pending.name,
                ),
            ),
        ),
    )


def render_raise_canceled(name: str, *, language: Language) -> Reply:
    """The stricter limit stays."""
    return build_reply(
        say(language, "risk-raise-canceled", name=code(name)),
        language=language,
    )


def _describe(line: LimitLine, language: Language) -> str:
    words = say(language, f"limit-{line.name}") if line.name in LIMITS else ""
    most = (
        f" {say(language, 'risk-allowed', allowed=line.allowed)}"
        if line.allowed != line.value
        else ""
    )
    waits = line.pending
    soon = f" → {plain(waits.value)}, {show_instant(waits.due_at)}" if waits else ""
    about = f" — {plain(words)}" if words else ""
    return f"{code(line.name)} <b>{plain(line.value)}</b>{plain(most)}{soon}{about}"
