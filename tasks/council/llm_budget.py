"""Reserves the money for a cycle's model calls before any model is asked.

    models, prompt -> reserve_calls (one transaction) -> who may be asked
    begin_call -> the call -> settle_call               by whoever really makes it, for all sharers

Every run that wants an answer reserves a share of the price, even for an answer that may exist
already: two runs that ask at the same time both pay, whichever run makes the call. A
call is made at most once. A call with a lost answer counts at the maximum cost and is not
repeated.
"""

from datetime import datetime
from decimal import Decimal

from tasks.alerts.trading import build_budget_reached
from tasks.runtime.caching import ShareKey
from tasks.runtime.container import Services
from tasks.runtime.cycle_context import Cycle
from trading.council.consensus import majority
from trading.council.decisions import ModelIdentity
from trading.council.llm_budget import NEWCOMER_LIFE, BudgetScope, CallWish, Reservation
from trading.council.prompts import Prompt


async def reserve_calls(services: Services, cycle: Cycle, *, prompt: Prompt) -> frozenset[str]:
    """
    Names of the models within the budget of this cycle; free models always.

    Raises:
        QuorumError: when the database does not answer: nobody is asked then.
    """
    wishes = [
        CallWish(
            call_id=build_call_key(cycle, model.identity, digest=prompt.digest).text,
            model=model.identity,
            bound_usd=model.compute_bound(prompt),
        )
        for model in services.models
    ]
    if not any(wish.bound_usd for wish in wishes):
        return frozenset(wish.model.name for wish in wishes)
    at = services.spending_time()
    reservation = await services.read(lambda: _reserve(services, cycle, wishes=wishes, at=at))
    if reservation.exceeded is BudgetScope.INSTALLATION:
        await _tell_operator(services, cycle, reservation=reservation)
    return frozenset(w.model.name for w in wishes if w.call_id in reservation.call_ids)


def find_quorum(services: Services, cycle: Cycle) -> int:
    """Voices that must agree: a majority of the seated voices, or the user's own higher number."""
    return max(cycle.limits.quorum, majority(model.identity.vendor for model in services.models))


def build_call_key(cycle: Cycle, identity: ModelIdentity, *, digest: str) -> ShareKey:
    """The key of a question to a model: equal questions share an answer and a price."""
    return ShareKey(namespace=cycle.namespace, work="ask_model", subject=(identity.name, digest))


async def begin_call(services: Services, key: ShareKey) -> bool:
    """Whether a reserved call may be made now; True only once."""
    async with services.database.operator() as operator:
        return await operator.spend.mark_sent(key.text, at=services.spending_time())


async def settle_call(services: Services, key: ShareKey, *, cost_usd: Decimal) -> None:
    """Record the actual cost of a call for all sharing runs."""
    async with services.database.operator() as operator:
        await operator.spend.settle_call(key.text, cost_usd=cost_usd, at=services.spending_time())


async def _reserve(
    services: Services, cycle: Cycle, *, wishes: list[CallWish], at: datetime
) -> Reservation:
    """Reserve, and enqueue an alert when a cap is reached, in one transaction."""
    async with services.database.operator() as operator:
        traders = await operator.users.count_traders(cycle.user_id, since=at - NEWCOMER_LIFE)
    async with services.database.tenant(cycle.user_id) as tenant:
        reservation = await tenant.spend.reserve(
            cycle.key,
            wishes=wishes,
            caps=services.spend_caps.guarantee(traders),
            quorum=find_quorum(services, cycle),
            at=at,
        )
        if reservation.exceeded is not None:
            alert = build_budget_reached(
                cycle.user_id,
                cycle.pair,
                scope=reservation.exceeded,
                reservation=reservation,
                now=services.clock(),
            )
            await tenant.alerts.enqueue_alert(alert)
    return reservation


async def _tell_operator(services: Services, cycle: Cycle, *, reservation: Reservation) -> None:
    alert = build_budget_reached(
        None,
        cycle.pair,
        scope=BudgetScope.INSTALLATION,
        reservation=reservation,
        now=services.clock(),
    )
    async with services.database.operator() as operator:
        await operator.alerts.enqueue_alert(alert)
