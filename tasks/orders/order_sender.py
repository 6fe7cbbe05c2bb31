"""Sends an order: an intent leads to at most a single order at the venue.

    intent -> claim, mark SENDING (commit) -> post once -> classify -> record
                                                  unknown -> look up -> found | in doubt

A worker posts only under a valid lease from `claim_intent`; the state of the Prefect run permits
nothing. An intent marked SENDING is never posted again: after a crash the order is looked up. No
transaction is open during a request to the venue.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from db.session import Tenant
from tasks.alerts.trading import build_in_doubt, build_resolved
from tasks.orders.entry_gate import find_refusal
from tasks.orders.order_lookup import OrderLookup
from tasks.orders.pair_account import PairAccount
from trading.domain.alerts import Alert
from trading.domain.errors import QuorumError, StaleLease
from trading.domain.messages import NO_MESSAGE, Message, message
from trading.domain.orders import (
    IntentStatus,
    Leg,
    Order,
    OrderIntent,
    OrderStatus,
    Outcome,
    Placement,
)

QUICK_LOOKS = 2
"""Lookups at once for an entry or exit in doubt; reconciliation makes the later lookups."""
CONFIRM_WAITS_SECONDS = (0.2, 0.4, 0.8, 1.6)
"""Fills of a market order show within these waits. Protection can't wait longer."""

CLEAN_HORIZON = timedelta(seconds=45)
"""Doubt after a clean refusal: receive window 5 s, venue's timeout 10 s, late display 30 s."""

NEVER_SENT = message("order-never-sent")
NOT_SHOWN = message("order-not-shown")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionResult:
    """
    The state of an intent after a submission or a lookup.

    Attributes:
        status: PLACED (the venue has the order), ABANDONED (proven not placed), UNKNOWN (in
            doubt), or SENDING while another worker holds the intent.
        order: the order as read from the venue; after a refusal a REJECTED order built here.
        reason: one sentence unless the status is PLACED.
    """

    status: IntentStatus
    order: Order | None = None
    reason: Message = NO_MESSAGE
    has_stale_rules: bool = False

    @property
    def is_placed(self) -> bool:
        """Whether the venue is proven to have the order."""
        return self.status is IntentStatus.PLACED


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """
    The permission to act on an intent until `until`; a newer claim of the intent ends it.

    Attributes:
        fence: number of the claim. Each claim gets a higher number, and the database refuses
            writes with an older number, so a slow worker can't overwrite a newer claim.
        until: end of the lease.
        doubt_until: an order still missing at the venue after this instant was never placed.
        is_clean: the venue refused with an unlisted code: `doubt_until` is 45 s after the
            refusal, and only a lookup answered by the venue can end the doubt.
        refusal: why a halt or a pause forbids the post; "" when the post is allowed.
    """

    intent: OrderIntent
    fence: int
    until: datetime
    doubt_until: datetime
    is_clean: bool = False
    refusal: Message = NO_MESSAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSender:
    """Posts, settles and abandons the intents of an account."""

    account: PairAccount
    lookup: OrderLookup

    async def send(
        self, intent: OrderIntent, *, waits: Sequence[float] | None = None
    ) -> SubmissionResult:
        """
        Post a stored, never posted intent; otherwise look the order up.

        Args:
            waits: seconds between the lookups after an unclear answer; None: the leg's default.

        Raises:
            QuorumError: when the database is lost. Reconcile finds the unrecorded order.
        """
        claim = await self._claim_to_send(intent)
        if claim is None:
            return await self.settle(intent)
        if claim.refusal:
            return await self._abandon(claim, reason=claim.refusal)
        if self.account.now() >= claim.until:
            return await self._abandon(claim, reason=message("order-lease-over"))
        placement = await self._post_once(intent)
        if placement.has_stale_rules:
            self.account.forget_instrument()
        if placement.outcome in {Outcome.REJECTED, Outcome.BACK_OFF}:
            refused = Order.from_intent(  # without an id of the venue
                intent, status=OrderStatus.REJECTED, venue_order_id="", at=self.account.now()
            )
            result = await self._abandon(claim, reason=placement.reason, refused=refused)
            return replace(result, has_stale_rules=placement.has_stale_rules)
        order = placement.order
        if order is None or order.client_order_id != intent.client_order_id:
            waits = waits or self._choose_waits(intent)
            order = await self.lookup.find_final(intent, waits=waits)
        if order is None:
            if placement.is_clean:
                await self._limit_doubt(claim)
            return await self._stay_in_doubt(claim, reason=placement.reason or NOT_SHOWN)
        return await self._finish(claim, SubmissionResult(status=IntentStatus.PLACED, order=order))

    async def settle(self, intent: OrderIntent) -> SubmissionResult:
        """
        Look up, once, an intent after a possible post; never post.

        A found order is recorded as PLACED. An order not found counts as never placed after the
        doubt horizon (24 h), or at once at the paper venue (`is_certain`).
        """
        claim = await self._claim(intent)
        if claim is None:
            return await self._load_recorded(intent)
        found = await self.lookup.look_up(intent)
        if found.order is not None:
            return await self._finish(
                claim,
                SubmissionResult(status=IntentStatus.PLACED, order=found.order),
                alert=build_resolved(intent, found=True, now=self.account.now()),
            )
        is_certain = found.has_answered and self.account.exchange.is_certain
        is_over = self.account.now() > claim.doubt_until
        is_over &= found.has_answered or not claim.is_clean
        if is_certain or is_over:
            alert = build_resolved(intent, found=False, now=self.account.now())
            return await self._abandon(claim, reason=NOT_SHOWN, alert=alert)
        return await self._stay_in_doubt(claim, reason=NOT_SHOWN)

    async def abandon(self, intent: OrderIntent) -> bool:
        """Abandon an unsent intent; False when the intent was sent or another worker has it."""
        async with self.account.transaction() as tenant:
            record = await tenant.intents.load_intent(intent.client_order_id)
        if record is None or record.status is not IntentStatus.PENDING:
            return False
        claim = await self._claim(intent)
        if claim is None:
            return False
        await self._abandon(claim, reason=NEVER_SENT)
        return True

    async def confirm(self, intent: OrderIntent, *, sent: SubmissionResult) -> Order | None:
        """A placed market order once final, or the newest state after the last lookup."""
        if not sent.is_placed or (sent.order is not None and sent.order.status.is_final):
            return sent.order
        return await self.lookup.find_final(intent, waits=CONFIRM_WAITS_SECONDS) or sent.order

    async def _limit_doubt(self, claim: _Claim) -> None:
        """End the doubt 45 s after a whole answer that refuses with an unlisted code."""
        async with self.account.transaction() as tenant:
            await tenant.intents.limit_doubt(
                claim.intent.client_order_id,
                fence=claim.fence,
                until=self.account.now() + CLEAN_HORIZON,
            )

    async def _claim_to_send(self, intent: OrderIntent) -> _Claim | None:
        """Claim and mark as sending in one transaction; None when another worker may post."""
        try:
            async with self.account.transaction() as tenant:
                claim = await self._claim_in(tenant, intent)
                refusal = await find_refusal(tenant, intent) if claim else NO_MESSAGE
                if claim is not None and refusal:
                    claim = replace(claim, refusal=refusal)
                elif claim is not None:
                    await tenant.intents.mark_sending(
                        intent.client_order_id, fence=claim.fence, now=self.account.now()
                    )
        except StaleLease:
            return None
        return claim

    async def _claim(self, intent: OrderIntent) -> _Claim | None:
        async with self.account.transaction() as tenant:
            return await self._claim_in(tenant, intent)

    async def _claim_in(self, tenant: Tenant, intent: OrderIntent) -> _Claim | None:
        services, now = self.account.services, self.account.now()
        lease = services.settings.intent_lease
        record = await tenant.intents.claim_intent(
            intent.client_order_id, worker=services.worker, now=now, lease=lease
        )
        if record is None:
            return None
        since = record.sending_at or record.created_at
        return _Claim(
            intent=intent,
            fence=record.fence,
            until=now + lease,
            doubt_until=record.doubt_until or since + services.settings.doubt_horizon,
            is_clean=record.doubt_until is not None,
        )

    async def _post_once(self, intent: OrderIntent) -> Placement:
        try:
            return await self.account.exchange.place_order(intent)
        except QuorumError as error:
            return Placement(outcome=Outcome.UNKNOWN, reason=error.message)

    async def _abandon(
        self,
        claim: _Claim,
        *,
        reason: Message,
        refused: Order | None = None,
        alert: Alert | None = None,
    ) -> SubmissionResult:
        """Record an order proven absent from the venue; frees the intent's `reserved_notional`."""
        result = SubmissionResult(status=IntentStatus.ABANDONED, order=refused, reason=reason)
        return await self._finish(claim, result, alert=alert)

    async def _stay_in_doubt(self, claim: _Claim, *, reason: Message) -> SubmissionResult:
        """Record the doubt: `reserved_notional` stays, entries are blocked until settled."""
        result = SubmissionResult(status=IntentStatus.UNKNOWN, reason=reason)
        alert = build_in_doubt(claim.intent, now=self.account.now())
        return await self._finish(claim, result, alert=alert)

    async def _finish(
        self, claim: _Claim, result: SubmissionResult, *, alert: Alert | None = None
    ) -> SubmissionResult:
        """Record a result; a placed order keeps `reserved_notional` until the fills are booked."""
        async with self.account.transaction() as tenant:
            if result.order is not None:
                await tenant.orders.save_order(result.order)
            await tenant.intents.finish_intent(
                claim.intent.client_order_id,
                fence=claim.fence,
                status=result.status,
                now=self.account.now(),
                reason=result.reason,
            )
            if alert is not None:
                await tenant.alerts.enqueue_alert(alert)
        return result

    async def _load_recorded(self, intent: OrderIntent) -> SubmissionResult:
        """The recorded state of an intent that is closed or held by another worker."""
        async with self.account.transaction() as tenant:
            record = await tenant.intents.load_intent(intent.client_order_id)
            order = await tenant.orders.load_order(intent.client_order_id)
        if record is None:
            return SubmissionResult(status=IntentStatus.ABANDONED, reason=NEVER_SENT)
        if record.status in {IntentStatus.PLACED, IntentStatus.RESOLVED}:
            return SubmissionResult(status=IntentStatus.PLACED, order=order)
        if record.status is IntentStatus.ABANDONED:
            return SubmissionResult(
                status=IntentStatus.ABANDONED, order=order, reason=record.reason
            )
        return SubmissionResult(status=record.status, reason=message("order-busy"))

    def _choose_waits(self, intent: OrderIntent) -> Sequence[float]:
        """Short waits for legs whose doubt may leave a position without a stop."""
        settings = self.account.services.settings
        if intent.leg is Leg.TARGET:
            return settings.doubt_waits_seconds
        if intent.leg is Leg.ENTRY:
            return settings.doubt_waits_seconds[:QUICK_LOOKS]
        if intent.leg is Leg.EXIT:
            return settings.protect_waits_seconds[:QUICK_LOOKS]
        return settings.protect_waits_seconds
