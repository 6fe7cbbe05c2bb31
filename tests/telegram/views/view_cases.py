"""One of each thing that the bot says: every view called with small values."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial

from blocks.prefect.system import SystemState
from commands.closing import ClosingProgress
from commands.council.health import CouncilHealth
from commands.limits import PendingRaise
from commands.operations import HealthView, UserLine
from commands.people.preferences import BudgetView
from commands.positions import OpenPosition, Trade
from tasks.alerts.trading import build_breaker_changed, build_opened
from telegram.views import errors
from telegram.views import help as help_view
from telegram.views.dialogs import (
    admin,
    alert_settings,
    budget,
    confirmations,
    connect,
    mode,
    people,
    risk,
)
from telegram.views.message import Reply
from telegram.views.reports import alerts, audit, council, models, pairs, profit, stats, status
from telegram.views.reports import positions as books
from telegram.views.reports import receipt as why
from tests.languages import RUSSIAN
from tests.telegram.views.view_values import (
    ETH,
    HOSTILE,
    make_alert,
    make_breaker,
    make_card,
    make_config,
    make_council_answer,
    make_denied_record,
    make_fill,
    make_gate,
    make_held_record,
    make_paused_status,
    make_risk,
    make_score,
    make_seat_line,
    make_stats,
    make_status,
    make_user,
)
from tests.trading.council_cases import (
    NOW,
    make_abstention,
    make_entry_record,
    make_position,
    make_record,
    make_vote,
)
from trading.council.decisions import Abstention, ModelIdentity
from trading.council.seat_faults import SeatFault
from trading.cycle import CycleOutcome
from trading.domain.alert_topics import AlertGroup
from trading.domain.alerts import AlertKind, Severity
from trading.domain.close_requests import CloseRequest
from trading.domain.fees import PaidFee
from trading.domain.messages import message
from trading.domain.units import Mode, Pair, Side, TradingState, UserId, VenueName
from trading.portfolio.performance import compute_statistics
from trading.security.audit_chain import AuditEntry

type Case = Callable[..., Reply]

LIVE = make_config(mode=Mode.LIVE)
PAUSED = (make_config(is_paused=True), make_config(ETH, is_paused=True))
OPEN = OpenPosition(
    position=make_position(), mode=Mode.PAPER, mark_price=Decimal("84101.25"), marked_at=NOW
)
BARE = replace(OPEN, position=make_position(stop_price=None), mark_price=None, marked_at=None)
LIQUIDATED = replace(make_fill(), side=Side.SELL, is_liquidation=True, venue=VenueName.BINANCE)
REQUEST = CloseRequest(
    user_id=UserId(1), pair=Pair("BTC", "USDT"), requested_at=NOW, requested_by="ann"
)
PROGRESS = ClosingProgress(
    seconds=4,
    open=(
        REQUEST,
        replace(REQUEST, pair=Pair("DOGE", "USDT"), tried_at=NOW),
        replace(
            REQUEST,
            pair=Pair("XRP", "USDT"),
            tried_at=NOW,
            attempts=2,
            reason=message("close-not-begun"),
        ),
    ),
    flat=(ETH,),
    withdrawn=(),
)
HEALTH = HealthView(
    now=NOW,
    state=TradingState.ACTIVE,
    system=SystemState(),
    users=3,
    pairs=5,
    open_positions=2,
    last_cycle_at=NOW - timedelta(minutes=7),
    council=CouncilHealth(pairs_below=0, decisions=(make_vote(),)),
    backlog=4,
    oldest_waiting_at=NOW - timedelta(minutes=3),
)
USERS = (
    UserLine(user=make_user(name=HOSTILE), pairs=2, live_pairs=1),
    UserLine(
        user=make_user(is_admin=True, is_banned=True), pairs=0, live_pairs=0, is_blocked=True
    ),
)

GONE = make_abstention(Abstention.UNAVAILABLE, name="openai:gpt-5-mini", detail=SeatFault.GONE)
SEATS = (
    make_seat_line(),
    make_seat_line(exists=False, votes_share=None, last_vote_at=None),
    make_seat_line(exists=None, note="the catalog does not answer"),
    make_seat_line(shutdown_on=NOW.date(), is_closing=True),
    make_seat_line(shutdown_on=NOW.date() + timedelta(days=90)),
    make_seat_line(is_offline=True, price="free"),
)

AUDITED = AuditEntry(
    entry_id=7,
    user_id=UserId(1),
    actor="telegram:101",
    action="connect",
    detail={"venue": "binance", "hint": HOSTILE},
    at=NOW,
)

CASES: Mapping[str, Case] = {
    "audit": partial(audit.render_audit, (AUDITED, replace(AUDITED, detail={}))),
    "audit_empty": partial(audit.render_audit, ()),
    "registered": partial(people.render_registered, HOSTILE, signs_up=True),
    "welcome_back": partial(people.render_registered, "Ann", signs_up=False),
    "signup_closed": people.render_signup_closed,
    "invitation_needed": people.render_invitation_needed,
    "banned": people.render_banned,
    "stranger": people.render_stranger,
    "language_choice": partial(people.render_language_choice, RUSSIAN),
    "language_changed": people.render_language_changed,
    "help": partial(help_view.render_help, is_admin=False),
    "help_admin": partial(help_view.render_help, is_admin=True),
    "usage": partial(help_view.render_usage, "addpair"),
    "usage_bare": partial(help_view.render_usage, "status"),
    "unknown_command": partial(help_view.render_unknown_command, f"/{HOSTILE}"),
    "pairs": partial(pairs.render_pairs, (make_config(), PAUSED[1], LIVE)),
    "no_pairs": partial(pairs.render_pairs, ()),
    "pair_added": partial(pairs.render_pair_added, make_config(), follows=True),
    "pair_added_later": partial(pairs.render_pair_added, make_config(), follows=False),
    "pair_removed": partial(pairs.render_pair_removed, make_config(), follows=True),
    "paused": partial(pairs.render_switched, PAUSED, is_paused=True, follows=True),
    "resumed": partial(pairs.render_switched, PAUSED[:1], is_paused=False, follows=False),
    "status": partial(status.render_status, make_status()),
    "status_halted": partial(
        status.render_status, make_status(state=TradingState.HALTED, breaker=make_breaker())
    ),
    "status_paused_in_prefect": partial(
        status.render_status, make_status(pairs=(make_paused_status(),))
    ),
    "why_paused_in_prefect": partial(
        why.render_why, make_held_record(), config=make_paused_status().config
    ),
    "pairs_paused_in_prefect": partial(pairs.render_pairs, (make_paused_status().config,)),
    "status_empty": partial(status.render_status, make_status(pairs=())),
    "positions": partial(books.render_positions, (OPEN, BARE)),
    "no_positions": partial(books.render_positions, ()),
    "trades": partial(
        books.render_trades,
        (
            Trade(fill=make_fill(), mode=Mode.PAPER),
            Trade(fill=LIQUIDATED, mode=Mode.LIVE),
        ),
    ),
    "no_trades": partial(books.render_trades, ()),
    "why_entered": partial(why.render_why, make_entry_record()),
    "why_denied": partial(why.render_why, make_denied_record()),
    "why_held": partial(why.render_why, make_held_record()),
    "why_skipped": partial(
        why.render_why,
        make_record(CycleOutcome.SKIPPED, reason=message("pair-paused", pair="BTC/USDT")),
    ),
    "stats": partial(
        stats.render_stats, (make_stats(), make_stats(config=make_config(ETH), latest=None))
    ),
    "stats_fees_in_bnb": partial(
        stats.render_stats_caption,
        make_stats(
            other_fees=(PaidFee(asset="BNB", amount=Decimal("0.00123"), value=Decimal("0.615")),)
        ),
    ),
    "stats_no_trades": partial(
        stats.render_stats_caption, make_stats(statistics=compute_statistics(()))
    ),
    "stats_caption": partial(stats.render_stats_caption, make_stats()),
    "models": partial(
        models.render_models,
        make_card(
            make_score(),
            make_score(
                model=ModelIdentity(name="trend (offline rules)", vendor="o", is_offline=True),
                votes={},
                right={},
                latency_ms=None,
                cost_usd=Decimal(0),
            ),
        ),
        days=7,
    ),
    "no_models": partial(models.render_models, make_card(), days=7),
    "risk": partial(risk.render_risk, make_risk()),
    "limit_changed": partial(risk.render_limit_changed, "max_leverage", value="2"),
    "raise_question": partial(risk.render_raise_question, "max_leverage", value="3", current="2"),
    "raise_scheduled": partial(
        risk.render_raise_scheduled,
        PendingRaise(name="max_leverage", value="3", due_at=NOW),
    ),
    "raise_canceled": partial(risk.render_raise_canceled, "max_leverage"),
    "budget": partial(
        budget.render_budget,
        BudgetView(day=NOW.date(), spent_usd=Decimal("0.31"), limit_usd=Decimal(2)),
    ),
    "budget_free": partial(
        budget.render_budget,
        BudgetView(day=NOW.date(), spent_usd=Decimal(0), limit_usd=None),
    ),
    "mode": partial(mode.render_mode, (make_gate(), make_gate(config=LIVE))),
    "live_refused": partial(mode.render_live_refused, make_gate(is_key_verified=False)),
    "live_question": partial(
        mode.render_live_question, make_gate(required_days=1, required_trades=2, is_eased=True)
    ),
    "mode_live": partial(mode.render_mode_changed, LIVE),
    "mode_paper": partial(mode.render_mode_changed, make_config()),
    "alert_choices": partial(alert_settings.render_alert_choices, {AlertGroup.DIGEST}),
    "venue_choice": connect.render_venue_choice,
    "key_question": partial(connect.render_key_question, VenueName.BINANCE),
    "secret_question": partial(connect.render_secret_question, VenueName.BINANCE),
    "key_sealed": partial(
        connect.render_key_sealed, VenueName.BINANCE, hint="x7Kp", was_deleted=True
    ),
    "key_left": partial(connect.render_key_sealed, VenueName.BYBIT, hint="", was_deleted=False),
    "key_in_command": connect.render_key_in_command,
    "disconnected": partial(connect.render_disconnected, VenueName.BYBIT),
    "profit": partial(profit.render_profit, {VenueName.BINANCE: True, VenueName.BYBIT: False}),
    "profit_nowhere": partial(profit.render_profit, {}),
    "profit_on": partial(profit.render_profit_changed, VenueName.BINANCE, is_moved=True),
    "profit_off": partial(profit.render_profit_changed, VenueName.BYBIT, is_moved=False),
    "close_question": partial(
        confirmations.render_close_question, make_config(), position=make_position()
    ),
    "close_nothing": partial(confirmations.render_close_question, make_config(), position=None),
    "panic_question": partial(confirmations.render_panic_question, (make_config(), LIVE)),
    "closing": partial(confirmations.render_closing, make_config()),
    "panic_begun": partial(confirmations.render_panic_begun, PAUSED, follows=True),
    "panic_stuck": partial(confirmations.render_panic_begun, PAUSED, follows=False),
    "close_progress": partial(confirmations.render_close_progress, PROGRESS),
    "close_progress_late": partial(
        confirmations.render_close_progress, replace(PROGRESS, seconds=27)
    ),
    "close_progress_done": partial(
        confirmations.render_close_progress,
        replace(PROGRESS, open=(), withdrawn=(Pair("SOL", "USDT"),)),
    ),
    "canceled": confirmations.render_canceled,
    "button_stale": confirmations.render_button_stale,
    "bad_input": partial(
        errors.render_bad_input, message("pair-missing", pair="ETH/USDT", known="BTC/USDT")
    ),
    "trouble": partial(errors.render_trouble, "a1b2c3"),
    "try_later": errors.render_try_later,
    "users": partial(admin.render_users, USERS),
    "health": partial(admin.render_health, HEALTH),
    "health_paused": partial(
        admin.render_health,
        replace(
            HEALTH,
            system=SystemState(
                paused=("work pool quorum",),
                missing=("deployment close-positions/close-positions",),
            ),
        ),
    ),
    "health_no_pool": partial(
        admin.render_health, replace(HEALTH, system=SystemState(has_pool=False))
    ),
    "health_bad": partial(
        admin.render_health,
        replace(
            HEALTH,
            system=None,
            last_cycle_at=None,
            state=TradingState.HALTED,
            oldest_waiting_at=None,
            council=CouncilHealth(pairs_below=2, decisions=(GONE, make_vote())),
        ),
    ),
    "seats": partial(council.render_seats, SEATS),
    "council_answer": partial(council.render_council_answer, make_council_answer(GONE)),
    "halted": partial(admin.render_halted, TradingState.HALTED),
    "unhalted": partial(admin.render_halted, TradingState.ACTIVE),
    "halt_question": partial(admin.render_halt_question, HOSTILE),
    "broadcast_question": partial(admin.render_broadcast_question, HOSTILE, count=12),
    "broadcast_queued": partial(admin.render_broadcast_queued, 12),
    "banned_user": partial(admin.render_banned_user, make_user(), is_banned=True),
    "unbanned_user": partial(admin.render_banned_user, make_user(), is_banned=False),
    "alert_opened": partial(
        alerts.render_alert,
        build_opened(UserId(17), make_position()),
    ),
    "alert_breaker": partial(
        alerts.render_alert,
        build_breaker_changed(UserId(17), make_position().pair, breaker=make_breaker(), now=NOW),
    ),
    "alert_hostile": partial(
        alerts.render_alert,
        make_alert(AlertKind.SYSTEM, f"{HOSTILE} & more", severity=Severity.WARNING),
    ),
}
"""By name; each is called with `language=`."""
