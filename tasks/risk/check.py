"""Risk task: the rules are asked, and what they allow is reserved, in one transaction.

    Evidence, books, breakers -> RiskInput -> trading.risk.engine.check_risk -> verdict -> intents

Under the user's risk lock: what one cycle reserves stands in the next one's input, so two cycles
of one user can't both slip under a limit. The entry, its stop and its target are written together:
whoever finds the position after a crash finds its protection's price beside it.
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
from tasks.risk.portfolio import Standing, take_standing
from tasks.runtime.caching import MarketLook
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
"""Orders of the pair that the rules may look at: more than a day can have."""


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
    look, books = evidence.sure
    as_of = services.clock()
    async with services.database.tenant(cycle.user_id) as tenant:
        await tenant.lock_risk()
        standing = await take_standing(
            tenant,
            config=cycle.config,
            limits=cycle.limits,
            mark_price=look.snapshot.ticker.mark_price,
            as_of=as_of,
        )
        asked = RiskInput(
            as_of=as_of,
            consensus=consensus,
            market=_view_market(evidence, look),
            instrument=look.instrument,
            account=await _view_account(tenant, cycle, look=look, books=books, standing=standing),
        )
        verdict = ask_rules(asked, limits=cycle.limits)
        intents = await _plan(tenant, cycle, verdict=verdict, books=books)
        for intent in intents:
            await tenant.intents.add_intent(intent, now=as_of)
    return RiskDecision(verdict=verdict, intents=intents)


def _view_market(evidence: Evidence, look: MarketLook) -> MarketView:
    snapshot = look.snapshot
    return MarketView(
        ticker=snapshot.ticker,
        book=snapshot.book,
        funding=snapshot.funding,
        indicators=look.indicators,
        findings=look.findings,
        sentiment=evidence.news.sentiment,
    )


async def _view_account(
    tenant: Tenant, cycle: Cycle, *, look: MarketLook, books: Books, standing: Standing
) -> AccountView:
    """The user's part as of now: switches and doubts are read here, not when the cycle opened."""
    mark_price = look.snapshot.ticker.mark_price
    records = await tenant.intents.list_open_intents()
    held = await tenant.positions.list_open_positions()
    config = await tenant.pairs.load_pair(cycle.pair)
    return AccountView(
        portfolio=standing.portfolio,
        position=next((p for p in held if p.pair == cycle.pair), None),
        balance=books.balance,
        pair_breaker=standing.pair_breaker,
        user_breaker=standing.user_breaker,
        trading_state=await load_trading_state(tenant, cycle.config),
        user_equity=standing.user_portfolio.equity,
        elsewhere=_add_foreign(standing.elsewhere, books, ours=held),
        reserved_notional=await tenant.intents.sum_reserved_notional()
        + _sum_foreign_orders(books, mark_price=mark_price),
        entries_in_doubt=sum(_is_in_doubt(record, cycle) for record in records),
        unprotected_positions=sum(position.stop_price is None for position in held),
        recent_orders=await tenant.orders.list_orders(cycle.pair, limit=RECENT_ORDERS),
        closed_positions=standing.closed,
        is_paused=config is None or config.is_paused,
        is_reconciled=books.is_reconciled,
        clock_offset=books.clock_offset,
    )


def _add_foreign(elsewhere: Exposure, books: Books, *, ours: Sequence[Position]) -> Exposure:
    """What the account holds in pairs that we do not: left alone, counted at its entry price."""
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
    """Notional that resting orders may open: ours only reduce, so such an order is not ours."""
    return sum_money(
        (order.quantity - order.filled_quantity) * mark_price
        for order in books.resting
        if not order.reduce_only
    )


def _is_in_doubt(record: IntentRecord, cycle: Cycle) -> bool:
    """
    Whether an order may be, or may cut, a position; not another pair's being sent.

    A stop in doubt counts for its own pair: left from an earlier position it would cut a new one.
    """
    is_own = record.intent.pair == cycle.pair
    if record.intent.leg not in {Leg.ENTRY, Leg.EXIT} and not is_own:
        return False
    return record.status is IntentStatus.UNKNOWN or (is_own and record.status.is_in_doubt)


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
    """The entry, which reserves, and its protection, which only reduces."""
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
