"""An entry on its way, for tests that need one."""

from datetime import datetime, timedelta

from db.session import Tenant
from trading.domain.orders import OrderIntent


async def send_entry(tenant: Tenant, entry: OrderIntent, *, now: datetime) -> None:
    """An entry that is on its way."""
    await tenant.intents.add_intent(entry, now=now)
    claimed = await tenant.intents.claim_intent(
        entry.client_order_id, worker="filler", now=now, lease=timedelta(minutes=1)
    )
    assert claimed is not None
    await tenant.intents.mark_sending(entry.client_order_id, fence=claimed.fence, now=now)
