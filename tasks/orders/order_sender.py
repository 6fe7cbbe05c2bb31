"""Sending one order: the protocol that makes an intent at most one order.

    intent -> claim and mark SENDING (commit) -> post once -> class -> record
                                                      unknown -> look up -> found | in doubt

Only the claim's lease licenses the post; Prefect's state never does. What was marked as sending
is never posted again, by nobody: after a crash it is looked up. No transaction is open while the
venue is asked. Every function takes the exchange of the intent's own user.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from db.repositories.trading.intents import IntentRepository
from tasks.alerts.trading import build_in_doubt, build_resolved
from tasks.orders.entry_gate import find_refusal
from tasks.orders.order_lookup import look_closely, look_up_until_final
from tasks.runtime.container import Services
from trading.domain.errors import QuorumError, StaleLease
from trading.domain.orders import (
    IntentStatus,
    Leg,
    Order,
    OrderIntent,
    OrderStatus,
    Outcome,
    Placement,
)
from trading.domain.units import ZERO
from trading.ports import Exchange

QUICK_LOOKS = 2
"""Waits of an entry in doubt before it is seen to what it may have filled; then it goes on."""

NEVER_SENT = "It was never sent."
NOT_SHOWN = "The venue does not show it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """
    What became of an intent.

    Attributes:
        status: PLACED (the venue has it), ABANDONED (proven not placed), UNKNOWN (in doubt), or
            SENDING when another worker is at it.
        order: as the venue tells it; a REJECTED one is our own record of the refusal.
        reason: one sentence when it is not PLACED.
    """

    status: IntentStatus
    order: Order | None = None
    reason: str = ""

    @property
    def is_placed(self) -> bool:
        """Whether the venue is proven to have it."""
        return self.status is IntentStatus.PLACED


async def send_intent(
    services: Services,
    exchange: Exchange,
    *,
    intent: OrderIntent,
    waits: Sequence[float] | None = None,
) -> Sent:
    """
    Post a stored intent if it was never posted; otherwise look up what became of it.

    Args:
        waits: seconds between the looks at an answer in doubt; the leg's own when None.

    Raises:
        QuorumError: when the database is lost; what is then not recorded is found by reconcile.
    """
    claim = await _claim_to_send(services, intent)
    if claim is None:
        return await settle_doubt(services, exchange, intent=intent)
    if claim.refusal:
        return await _abandon(services, claim, reason=claim.refusal)
    if services.clock() >= claim.until:
        return await _abandon(services, claim, reason="Its lease ran out unsent.")
    placement = await _post_once(exchange, intent)
    if placement.outcome in {Outcome.REJECTED, Outcome.BACK_OFF}:
        return await _abandon(
            services, claim, reason=placement.reason, refused=_refuse(services, intent)
        )
    order = placement.order
    if order is None or order.client_order_id != intent.client_order_id:
        order = await look_up_until_final(
            services, exchange, intent=intent, waits=waits or _choose_waits(services, intent)
        )
    if order is None:
        return await _stay_in_doubt(services, claim, reason=placement.reason or NOT_SHOWN)
    return await _adopt(services, claim, order=order)


async def settle_doubt(services: Services, exchange: Exchange, *, intent: OrderIntent) -> Sent:
    """
    Look up, once, an intent that was or may have been posted; never posts.

    What is found is adopted. What is not found by the end of the horizon was never placed; a venue
    that answers for certain (paper) needs no horizon.
    """
    claim = await _claim(services, intent)
    if claim is None:
        return await _as_recorded(services, intent)
    look = await look_closely(services, exchange, intent=intent)
    if look.order is not None:
        return await _adopt(services, claim, order=look.order, is_late=True)
    is_certain = look.has_answered and exchange.is_certain
    if is_certain or services.clock() - claim.since > services.settings.doubt_horizon:
        return await _abandon(services, claim, reason=NOT_SHOWN, is_late=True)
    return await _stay_in_doubt(services, claim, reason=NOT_SHOWN)


async def abandon_unsent(services: Services, *, intent: OrderIntent) -> bool:
    """Give up an intent that nobody has sent; False when somebody has it or has sent it."""
    async with services.database.tenant(intent.user_id) as tenant:
        record = await tenant.intents.load_intent(intent.client_order_id)
        if record is None or record.status is not IntentStatus.PENDING:
            return False
    claim = await _claim(services, intent)
    if claim is None:
        return False
    await _abandon(services, claim, reason=NEVER_SENT)
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """The licence to act on an intent: good while it is the newest and before `until`."""

    intent: OrderIntent
    fence: int
    until: datetime
    since: datetime
    """When it was sent, or written if it never was."""
    refusal: str = ""
    """Why it must not be posted any more: a halt, a pause."""


async def _claim_to_send(services: Services, intent: OrderIntent) -> _Claim | None:
    """Claim and mark as sending in one transaction; None when it is not ours to post."""
    try:
        async with services.database.tenant(intent.user_id) as tenant:
            claim = await _claim_in(tenant.intents, services, intent=intent)
            refusal = await find_refusal(tenant, intent) if claim else ""
            if claim is not None and refusal:
                claim = replace(claim, refusal=refusal)
            elif claim is not None:
                await tenant.intents.mark_sending(
                    intent.client_order_id, fence=claim.fence, now=services.clock()
                )
    except StaleLease:
        return None
    return claim


async def _claim(services: Services, intent: OrderIntent) -> _Claim | None:
    async with services.database.tenant(intent.user_id) as tenant:
        return await _claim_in(tenant.intents, services, intent=intent)


async def _claim_in(
    intents: IntentRepository, services: Services, *, intent: OrderIntent
) -> _Claim | None:
    now = services.clock()
    lease = services.settings.intent_lease
    record = await intents.claim_intent(
        intent.client_order_id, worker=services.worker, now=now, lease=lease
    )
    if record is None:
        return None
    since = record.sending_at or record.created_at
    return _Claim(intent=intent, fence=record.fence, until=now + lease, since=since)


async def _post_once(exchange: Exchange, intent: OrderIntent) -> Placement:
    try:
        return await exchange.place_order(intent)
    except QuorumError as error:
        return Placement(outcome=Outcome.UNKNOWN, reason=error.sentence)


async def _adopt(
    services: Services, claim: _Claim, *, order: Order, is_late: bool = False
) -> Sent:
    """The venue has it. Its reservation stays until its fills are booked."""
    intent = claim.intent
    async with services.database.tenant(intent.user_id) as tenant:
        await tenant.orders.save_order(order)
        await tenant.intents.finish_intent(
            intent.client_order_id,
            fence=claim.fence,
            status=IntentStatus.PLACED,
            now=services.clock(),
        )
        if is_late:
            alert = build_resolved(intent, found=True, now=services.clock())
            await tenant.alerts.enqueue_alert(alert)
    return Sent(status=IntentStatus.PLACED, order=order)


async def _abandon(
    services: Services,
    claim: _Claim,
    *,
    reason: str,
    refused: Order | None = None,
    is_late: bool = False,
) -> Sent:
    """It is proven not to be at the venue; its reservation is free again."""
    intent = claim.intent
    async with services.database.tenant(intent.user_id) as tenant:
        if refused is not None:
            await tenant.orders.save_order(refused)
        await tenant.intents.finish_intent(
            intent.client_order_id,
            fence=claim.fence,
            status=IntentStatus.ABANDONED,
            now=services.clock(),
            reason=reason,
        )
        if is_late:
            alert = build_resolved(intent, found=False, now=services.clock())
            await tenant.alerts.enqueue_alert(alert)
    return Sent(status=IntentStatus.ABANDONED, order=refused, reason=reason)


async def _stay_in_doubt(services: Services, claim: _Claim, *, reason: str) -> Sent:
    """Durable: it holds its reservation and blocks entries until it is settled."""
    intent = claim.intent
    async with services.database.tenant(intent.user_id) as tenant:
        await tenant.intents.finish_intent(
            intent.client_order_id,
            fence=claim.fence,
            status=IntentStatus.UNKNOWN,
            now=services.clock(),
            reason=reason,
        )
        await tenant.alerts.enqueue_alert(build_in_doubt(intent, now=services.clock()))
    return Sent(status=IntentStatus.UNKNOWN, reason=reason)


async def _as_recorded(services: Services, intent: OrderIntent) -> Sent:
    """What the database says of an intent that is closed or in another worker's hands."""
    async with services.database.tenant(intent.user_id) as tenant:
        record = await tenant.intents.load_intent(intent.client_order_id)
        order = await tenant.orders.load_order(intent.client_order_id)
    if record is None:
        return Sent(status=IntentStatus.ABANDONED, reason=NEVER_SENT)
    if record.status in {IntentStatus.PLACED, IntentStatus.RESOLVED}:
        return Sent(status=IntentStatus.PLACED, order=order)
    if record.status is IntentStatus.ABANDONED:
        return Sent(status=IntentStatus.ABANDONED, order=order, reason=record.reason)
    return Sent(status=record.status, reason="Another worker is at it.")


def _choose_waits(services: Services, intent: OrderIntent) -> Sequence[float]:
    """What may leave a position without a stop can't wait for long."""
    if intent.leg is Leg.TARGET:
        return services.settings.doubt_waits_seconds
    if intent.leg is Leg.ENTRY:
        return services.settings.doubt_waits_seconds[:QUICK_LOOKS]
    if intent.leg is Leg.EXIT:
        return services.settings.protect_waits_seconds[:QUICK_LOOKS]
    return services.settings.protect_waits_seconds


def _refuse(services: Services, intent: OrderIntent) -> Order:
    """Our record of an order that the venue refused: it never had a name of its own there."""
    now = services.clock()
    return Order(
        venue=intent.venue,
        pair=intent.pair,
        client_order_id=intent.client_order_id,
        venue_order_id="",
        side=intent.side,
        order_type=intent.order_type,
        status=OrderStatus.REJECTED,
        quantity=intent.quantity,
        filled_quantity=ZERO,
        reduce_only=intent.reduce_only,
        created_at=now,
        updated_at=now,
        trigger_price=intent.trigger_price,
    )
