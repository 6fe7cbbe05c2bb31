"""Applies the risk rules and reserves an approved order in the same transaction.

    Evidence, books, breakers -> RiskInput -> trading.risk.engine.check_risk -> verdict -> intents

The user's risk lock is held: a cycle's reservation is part of the next cycle's input, so two
cycles of a user can't both pass the same limit. The entry, the stop and the target are stored
together: recovery after a crash finds the position's stop price.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from prefect import task
from prefect.cache_policies import NO_CACHE

from db.session import Tenant
from tasks.council.inputs import Evidence
from tasks.orders.closing import plan_next_exit
from tasks.orders.entry_gate import load_trading_state
from tasks.orders.position_sync import Books
from tasks.risk.portfolio import RiskSnapshot, take_risk_snapshot
from tasks.runtime.caching import MarketAnalysis
from tasks.runtime.container import get_services
from tasks.runtime.cycle_context import Cycle
from trading.council.consensus import Consensus
from trading.domain.intents import IntentRecord
from trading.domain.orders import IntentStatus, Leg, OrderIntent, OrderType
from trading.domain.positions import Position
from trading.domain.protection import plan_trigger
from trading.domain.units import sum_money
from trading.portfolio.valuation import Exposure, compute_exposure
from trading.risk.context import AccountView, MarketView, RiskInput
from trading.risk.engine import check_risk as ask_rules
from trading.risk.results import RiskVerdict, TradePlan

RECENT_ORDERS = 200
"""Orders of the pair in the rules' input: more than a day's orders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskDecision:
    """
    The verdict of the risk rules, and the intents stored for an approval.

    Attributes:
        intents: entry, stop and target; or one exit; or none. The first intent is sent at once.
    """

    verdict: RiskVerdict
    intents: tuple[OrderIntent, ...] = ()


NO_ACTION = RiskDecision(verdict=RiskVerdict(plan=None, close=False))
"""The decision about a HOLD: no rule is needed."""


@task(name="check_risk", cache_policy=NO_CACHE)
async def check_risk(cycle: Cycle, evidence: Evidence, *, consensus: Consensus) -> RiskDecision:
    """Apply every rule to the council's view; store the intents of an approved decision."""
    services = await get_services()
    market, books = evidence.complete
    as_of = services.clock()
    async with services.database.tenant(cycle.user_id) as tenant:
        await tenant.lock_risk()
        account_risk = await take_risk_snapshot(
            tenant,
            config=cycle.config,
            limits=cycle.limits,
            mark_price=market.snapshot.ticker.mark_price,
            as_of=as_of,
        )
        asked = RiskInput(
            as_of=as_of,
            consensus=consensus,
            market=_view_market(evidence, market),
            instrument=market.instrument.with_fees(books.fee_rates),
            account=await _view_account(
                tenant, cycle, market=market, books=books, account_risk=account_risk
            ),
        )
        verdict = ask_rules(asked, limits=cycle.limits)
        intents = await _plan(tenant, cycle, verdict=verdict, books=books)
        for intent in intents:
            await tenant.intents.add_intent(intent, now=as_of)
    return RiskDecision(verdict=verdict, intents=intents)


def _view_market(evidence: Evidence, market: MarketAnalysis) -> MarketView:
    snapshot = market.snapshot
    return MarketView(
        ticker=snapshot.ticker,
        book=snapshot.book,
        funding=snapshot.funding,
        indicators=market.indicators,
        findings=market.findings,
        sentiment=evidence.news.sentiment,
    )


async def _view_account(
    tenant: Tenant,
    cycle: Cycle,
    *,
    market: MarketAnalysis,
    books: Books,
    account_risk: RiskSnapshot,
) -> AccountView:
    """The user's state, switches and doubts now, not at the start of the cycle."""
    mark_price = market.snapshot.ticker.mark_price
    records = await tenant.intents.list_open_intents()
    held = await tenant.positions.list_open_positions()
    config = await tenant.pairs.load_pair(cycle.pair)
    return AccountView(
        portfolio=account_risk.portfolio,
        position=next((p for p in held if p.pair == cycle.pair), None),
        balance=books.balance,
        pair_breaker=account_risk.pair_breaker,
        user_breaker=account_risk.user_breaker,
        trading_state=await load_trading_state(tenant, cycle.config),
        user_equity=account_risk.user_portfolio.equity,
        elsewhere=_add_foreign(account_risk.elsewhere, books, ours=held),
        reserved_notional=await tenant.intents.sum_reserved_notional()
        + _sum_foreign_orders(books, mark_price=mark_price),
        entries_in_doubt=sum(_is_in_doubt(record, cycle) for record in records),
        unprotected_positions=sum(position.stop_price is None for position in held),
        recent_orders=await tenant.orders.list_orders(cycle.pair, limit=RECENT_ORDERS),
        closed_positions=account_risk.closed,
        is_paused=config is None or config.is_paused,
        is_reconciled=books.is_reconciled,
        clock_offset=books.clock_offset,
    )


def _add_foreign(elsewhere: Exposure, books: Books, *, ours: Sequence[Position]) -> Exposure:
    """The exposure with the account's foreign positions, valued at the entry price."""
    known = {position.pair for position in ours}
    foreign = compute_exposure(
        (position, position.average_entry_price)
        for position in books.elsewhere
        if position.pair not in known
    )
    return Exposure(
        gross=elsewhere.gross + foreign.gross,
        net=elsewhere.net + foreign.net,
        position_count=elsewhere.position_count + foreign.position_count,
    )


def _sum_foreign_orders(books: Books, *, mark_price: Decimal) -> Decimal:
    """Notional of foreign orders able to open a position; our resting orders only reduce."""
    return sum_money(
        (order.quantity - order.filled_quantity) * mark_price
        for order in books.resting
        if not order.reduce_only
    )


def _is_in_doubt(record: IntentRecord, cycle: Cycle) -> bool:
    """
    Whether an order may open or reduce a position; another pair's SENDING order does not count.

    A stop in doubt counts for the stop's pair: a stop of an earlier position would reduce a new
    position.
    """
    is_own = record.intent.pair == cycle.pair
    if record.intent.leg not in {Leg.ENTRY, Leg.EXIT} and not is_own:
        return False
    # A clean refusal is settled within a minute and blocks its own pair only.
    blocks_all = record.status is IntentStatus.UNKNOWN and record.doubt_until is None
    return blocks_all or (is_own and record.status.is_in_doubt)


async def _plan(
    tenant: Tenant, cycle: Cycle, *, verdict: RiskVerdict, books: Books
) -> tuple[OrderIntent, ...]:
    if verdict.plan is not None:
        return _plan_entry(cycle, verdict.plan)
    if verdict.close and books.position is not None:
        exit_intent = await plan_next_exit(
            tenant, books.position, config=cycle.config, cycle_time=cycle.key.cycle_time
        )
        return (exit_intent,)
    return ()


def _plan_entry(cycle: Cycle, plan: TradePlan) -> tuple[OrderIntent, ...]:
    """The entry with the reservation, the stop and the target."""
    entry = OrderIntent(
        user_id=cycle.user_id,
        venue=cycle.venue,
        pair=cycle.pair,
        cycle_time=cycle.key.cycle_time,
        leg=Leg.ENTRY,
        side=plan.side.entry_side,
        order_type=OrderType.MARKET,
        quantity=plan.quantity,
        reduce_only=False,
        expected_price=plan.expected_price,
        reserved_notional=plan.notional,
    )
    reducing = replace(entry, side=plan.side.exit_side)
    return (
        entry,
        plan_trigger(reducing, leg=Leg.STOP, price=plan.stop_price),
        plan_trigger(reducing, leg=Leg.TARGET, price=plan.target_price),
    )
