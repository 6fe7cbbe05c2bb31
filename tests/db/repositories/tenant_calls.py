"""Every method of every tenant repository, with a call that would touch a given user's rows.

The table is complete or the isolation test fails: a method that is added is added here. `READS`
answer something to the owner in a filled database; `CHANGES` aim at rows that exist; `ADDITIONS`
insert.
"""

import inspect
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from db.encryption.envelope import MasterKeys
from db.repositories.base import TenantRepository
from db.session import Tenant
from tests.db.repositories.profit import make_transfer
from tests.db.repositories.spending import CAPS, make_judged, make_wish
from tests.db.repositories.talk import PRESSED, make_dialog, make_raise, make_token
from tests.db.values import (
    BTC,
    CREDENTIALS,
    ETH,
    KEYS,
    LEASE,
    PAPER,
    Belongings,
    make_alert,
    make_breaker,
    make_config,
    make_fill,
    make_intent,
    make_key,
    make_order,
    make_pair_state,
    make_paper_step,
    make_payment,
    make_position,
    make_record,
)
from tests.languages import RUSSIAN
from trading.domain.alert_topics import AlertGroup
from trading.domain.messages import plain
from trading.domain.orders import IntentStatus, Leg, OrderStatus
from trading.domain.transfers import TransferStatus
from trading.domain.units import Mode, TradingState

type Call = Callable[[Any, Belongings, datetime], Awaitable[Any]]
"""(repository, what its victim owns, now) -> the method's answer."""

EVER = datetime(2000, 1, 1, tzinfo=UTC)

READS: dict[str, Call] = {
    "export.load_tables": lambda r, _b, _n: r.load_tables(),
    "audit.list_entries": lambda r, _b, _n: r.list_entries(limit=9),
    "users.load_user": lambda r, _b, _n: r.load_user(),
    "users.load_muted": lambda r, _b, _n: r.load_muted(),
    "accounts.load_credentials": lambda r, _b, _n: r.load_credentials(PAPER, keys=KEYS),
    "transfers.list_open_transfers": lambda r, _b, _n: r.list_open_transfers(),
    "transfers.sum_set_aside": lambda r, _b, n: r.sum_set_aside(BTC, since=n),
    "accounts.list_damaged": lambda r, _b, _n: r.list_damaged(keys=MasterKeys(b"z" * 32)),
    "accounts.load_generation": lambda r, _b, _n: r.load_generation(PAPER),
    "accounts.load_standing": lambda r, _b, _n: r.load_standing(PAPER),
    "accounts.list_accounts": lambda r, _b, _n: r.list_accounts(),
    "pairs.load_pair": lambda r, _b, _n: r.load_pair(BTC),
    "pairs.list_pairs": lambda r, _b, _n: r.list_pairs(),
    "states.load_pair_state": lambda r, _b, _n: r.load_pair_state(BTC),
    "states.load_pair_states": lambda r, _b, _n: r.load_pair_states(),
    "states.load_trading_state": lambda r, _b, _n: r.load_trading_state(PAPER),
    "cycles.load_cycle": lambda r, b, _n: r.load_cycle(BTC, cycle_time=b.record.key.cycle_time),
    "cycles.list_cycles": lambda r, _b, _n: r.list_cycles(BTC, limit=9),
    "cycles.list_portfolios": lambda r, _b, _n: r.list_portfolios(BTC),
    "decisions.list_turnouts": lambda r, _b, _n: r.list_turnouts(BTC, cycles=1),
    "decisions.list_unjudged": lambda r, _b, n: r.list_unjudged(BTC, since=n, until=n),
    "decisions.load_free_at": lambda r, _b, _n: r.load_free_at(BTC),
    "decisions.load_scorecard": lambda r, _b, n: r.load_scorecard(since=n),
    "spend.load_spent": lambda r, _b, n: r.load_spent(n.date()),
    "spend.load_shares": lambda r, b, _n: r.load_shares(b.record.key),
    "spend.load_caps": lambda r, _b, _n: r.load_caps(),
    "intents.load_intent": lambda r, b, _n: r.load_intent(b.intent.client_order_id),
    "intents.list_open_intents": lambda r, _b, _n: r.list_open_intents(),
    "intents.list_intents": lambda r, _b, n: r.list_intents(BTC, cycle_time=n),
    "intents.find_entered_cycle": lambda r, _b, n: r.find_entered_cycle(BTC, until=n),
    "intents.sum_reserved_notional": lambda r, _b, _n: r.sum_reserved_notional(),
    "orders.load_order": lambda r, b, _n: r.load_order(b.intent.client_order_id),
    "orders.list_orders": lambda r, _b, _n: r.list_orders(BTC, limit=9),
    "trades.list_fills": lambda r, _b, _n: r.list_fills(BTC, limit=9),
    "trades.sum_quantity": lambda r, _b, n: r.sum_quantity(make_fill(n).client_order_id),
    "trades.last_fill_at": lambda r, _b, _n: r.last_fill_at(BTC),
    "funding.list_payments": lambda r, _b, _n: r.list_payments(BTC),
    "funding.last_payment_at": lambda r, _b, _n: r.last_payment_at(BTC),
    "positions.load_open_position": lambda r, _b, _n: r.load_open_position(BTC),
    "positions.list_open_positions": lambda r, _b, _n: r.list_open_positions(),
    "positions.list_closed_positions": lambda r, _b, _n: r.list_closed_positions(BTC),
    "positions.sum_closed_positions": lambda r, _b, _n: r.sum_closed_positions(BTC, since=EVER),
    "foreign_positions.load_foreign_position": lambda r, _b, _n: r.load_foreign_position(BTC),
    "breakers.load_breaker": lambda r, _b, _n: r.load_breaker(BTC),
    "paper.load_book": lambda r, _b, _n: r.load_book(),
    "paper.find_order": lambda r, b, _n: r.find_order(b.intent.client_order_id),
    "paper.list_orders": lambda r, _b, _n: r.list_orders(BTC, limit=9),
    "paper.list_fills": lambda r, _b, n: r.list_fills(BTC, since=n),
    "paper.list_payments": lambda r, _b, n: r.list_payments(BTC, since=n),
    "dialogs.load_dialog": lambda r, _b, _n: r.load_dialog(),
    "raises.list_raises": lambda r, _b, _n: r.list_raises(),
}

CHANGES: dict[str, Call] = {
    "close_requests.mark_tried": lambda r, _b, n: r.mark_tried(BTC, now=n),
    "close_requests.remove_request": lambda r, _b, _n: r.remove_request(BTC),
    "foreign_positions.ask": lambda r, _b, n: r.ask(BTC, actor="thief", now=n),
    "foreign_positions.forget": lambda r, _b, _n: r.forget(BTC),
    "users.set_language": lambda r, _b, _n: r.set_language(RUSSIAN),
    "users.set_muted": lambda r, _b, _n: r.set_muted({AlertGroup.TRADES}),
    "accounts.set_verified": lambda r, _b, n: r.set_verified(PAPER, now=n),
    "accounts.set_refused": lambda r, _b, n: r.set_refused(PAPER, refusal=plain("No."), now=n),
    "accounts.set_moves_profit": lambda r, _b, _n: r.set_moves_profit(
        PAPER, moves_profit=True, keys=KEYS
    ),
    "transfers.settle_transfer": lambda r, b, n: r.settle_transfer(
        make_transfer(b.user_id, n), status=TransferStatus.DONE, reason=plain(""), now=n
    ),
    "accounts.put_check_off": lambda r, _b, n: r.put_check_off(PAPER, until=n),
    "accounts.rewrap_accounts": lambda r, _b, _n: _count_rewrapped(r),
    "accounts.remove_account": lambda r, _b, _n: r.remove_account(PAPER),
    "pairs.set_paused_in_prefect": lambda r, _b, _n: r.set_paused_in_prefect(BTC, is_paused=True),
    "pairs.set_paused": lambda r, _b, _n: r.set_paused(BTC, is_paused=True),
    "pairs.set_capital": lambda r, _b, _n: r.set_capital(BTC, capital=Decimal(1)),
    "pairs.set_overrides": lambda r, _b, _n: r.set_overrides(BTC, overrides={}),
    "pairs.remove_pair": lambda r, _b, _n: r.remove_pair(BTC),
    "states.set_trading_state": lambda r, _b, _n: r.set_trading_state(
        TradingState.HALTED, reason="not mine"
    ),
    "intents.claim_intent": lambda r, b, n: r.claim_intent(
        b.intent.client_order_id, worker="thief", now=n, lease=LEASE
    ),
    "intents.mark_sending": lambda r, b, n: r.mark_sending(
        b.intent.client_order_id, fence=0, now=n
    ),
    "intents.limit_doubt": lambda r, b, n: r.limit_doubt(
        b.intent.client_order_id, fence=1, until=n
    ),
    "intents.finish_intent": lambda r, b, n: r.finish_intent(
        b.intent.client_order_id, fence=0, status=IntentStatus.ABANDONED, now=n
    ),
    "buttons.press_button": lambda r, b, n: r.press_button(make_token(b.user_id), now=n),
    "dialogs.end_dialog": lambda r, _b, _n: r.end_dialog(),
    "raises.remove_raise": lambda r, _b, _n: r.remove_raise(BTC, name="max_leverage"),
    "paper.withdraw": lambda r, _b, n: r.withdraw(Decimal(1), now=n),
}

ADDITIONS: dict[str, Call] = {
    "transfers.add_transfer": lambda r, b, n: r.add_transfer(
        make_transfer(b.user_id, n + timedelta(days=1))
    ),
    "accounts.save_credentials": lambda r, _b, n: r.save_credentials(
        PAPER, credentials=CREDENTIALS, keys=KEYS, now=n
    ),
    "pairs.add_pair": lambda r, b, n: r.add_pair(make_config(b.user_id, n, ETH)),
    "states.save_pair_state": lambda r, _b, n: r.save_pair_state(BTC, make_pair_state(n)),
    "cycles.claim_cycle": lambda r, b, n: r.claim_cycle(
        make_key(b.user_id, n, ETH), mode=Mode.PAPER, venue=PAPER, now=n
    ),
    "cycles.close_cycle": lambda r, b, n: r.close_cycle(make_record(b.user_id, n)),
    "decisions.add_decisions": lambda r, b, n: r.add_decisions(
        b.record.key, decisions=b.record.decisions, now=n
    ),
    "decisions.add_outcomes": lambda r, b, _n: r.add_outcomes(ETH, judged=[make_judged(b.record)]),
    "spend.reserve": lambda r, b, n: r.reserve(
        make_key(b.user_id, n, ETH), wishes=[make_wish(b.user_id)], caps=CAPS, quorum=1, at=n
    ),
    "spend.set_cap": lambda r, _b, _n: r.set_cap(Decimal(1)),
    "intents.add_intent": lambda r, b, n: r.add_intent(make_intent(b.user_id, n, Leg.EXIT), now=n),
    "orders.save_order": lambda r, b, n: r.save_order(make_order(b.intent, n, OrderStatus.FILLED)),
    "trades.add_fills": lambda r, _b, n: r.add_fills([make_fill(n, "t-2")]),
    "funding.add_payments": lambda r, _b, n: r.add_payments([make_payment(n, "f-2")]),
    "positions.save_position": lambda r, _b, n: r.save_position(make_position(n)),
    "breakers.save_breaker": lambda r, _b, n: r.save_breaker(BTC, make_breaker(n)),
    "paper.save_step": lambda r, b, n: r.save_step(make_paper_step(b.user_id, n)),
    "paper.deposit": lambda r, _b, n: r.deposit(Decimal(1), now=n),
    "alerts.enqueue_alert": lambda r, b, n: r.enqueue_alert(make_alert(b.user_id, n, "other")),
    "buttons.add_buttons": lambda r, b, n: r.add_buttons(
        {f"other-{make_token(b.user_id)}": PRESSED}, expires_at=n
    ),
    "dialogs.save_dialog": lambda r, _b, n: r.save_dialog(make_dialog(n)),
    "close_requests.save_requests": lambda r, _b, n: r.save_requests([BTC], actor="ann", now=n),
    "foreign_positions.save_seen": lambda r, _b, n: r.save_seen(make_position(n), now=n),
    "raises.save_raise": lambda r, _b, n: r.save_raise(make_raise(n)),
    "audit.append": lambda r, _b, n: r.append("thief", action="stole", detail={}, now=n),
}

EVERY_CALL = {**READS, **CHANGES, **ADDITIONS}


async def _count_rewrapped(repository: Any) -> int:
    rewrapped = await repository.rewrap_accounts(keys=KEYS)
    return int(rewrapped.count)


def list_tenant_repositories(tenant: Tenant) -> dict[str, TenantRepository]:
    """The tenant-bound repositories of a session by attribute."""
    return {
        name: value for name, value in vars(tenant).items() if isinstance(value, TenantRepository)
    }


def list_tenant_methods(tenant: Tenant) -> set[str]:
    """Every public method of every tenant-bound repository, as `repository.method`."""
    return {
        f"{name}.{method}"
        for name, repository in list_tenant_repositories(tenant).items()
        for method, _ in inspect.getmembers(repository, inspect.iscoroutinefunction)
        if not method.startswith("_")
    }
