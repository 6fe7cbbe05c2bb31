"""What a user's questions cost and what came of them, as the tests of db need it."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from db.session import Tenant
from trading.council.decisions import ModelIdentity
from trading.council.forecasts import Forecast, Outcome
from trading.council.llm_budget import CallWish, SpendCaps
from trading.cycle import CycleRecord
from trading.domain.units import UserId

CLAUDE = ModelIdentity(name="claude", vendor="anthropic", is_offline=False)
CAPS = SpendCaps(installation_usd=Decimal(10), user_usd=Decimal(4), pair_usd=Decimal(2))


def make_wish(user_id: UserId, *, bound: Decimal = Decimal("0.0031")) -> CallWish:
    """A question to Claude that nobody shares."""
    return CallWish(call_id=f"call-of-{user_id}", model=CLAUDE, bound_usd=bound)


def make_judged(record: CycleRecord) -> tuple[Forecast, Outcome, bool]:
    """What came of the first vote of a cycle."""
    at = record.key.cycle_time
    forecast = Forecast(decision=record.decisions[0], decided_at=at, price=Decimal(50_000))
    return forecast, Outcome(is_right=True, net_return=Decimal("0.01"), ended_at=at), True


async def fill_spending(tenant: Tenant, record: CycleRecord, *, now: datetime) -> None:
    """Give a user a cap, a call of his own, and an outcome of an earlier cycle."""
    earlier = replace(record.key, cycle_time=now - timedelta(hours=1))
    await tenant.cycles.claim_cycle(earlier, mode=record.mode, venue=record.venue, now=now)
    judged = make_judged(replace(record, key=earlier))
    await tenant.decisions.add_outcomes(record.key.pair, judged=[judged])
    await tenant.spend.set_cap(Decimal(3))
    await tenant.spend.reserve(
        record.key, wishes=[make_wish(tenant.user_id)], caps=CAPS, quorum=1, at=now
    )
