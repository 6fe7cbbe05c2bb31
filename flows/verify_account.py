"""Verify an exchange account: check the permissions of the key; a flow, as the bot asks no venue.

account -> checks at the venue -> Completed, or Failed with the remedy
"""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from tasks.orders.accounts import check_account
from tasks.runtime.caching import RESULTS, Unavailable
from tasks.runtime.states import take
from trading.domain.messages import write_state
from trading.domain.units import UserId, VenueName


@flow(
    name="verify-account",
    flow_run_name="u{user_id} verify {venue}",
    persist_result=False,
    result_storage=RESULTS,
)
async def verify_account(user_id: int, venue: str) -> State[None]:
    """
    Check an account.

    Args:
        user_id: owner of the account.
        venue: paper, binance or bybit.
    """
    checked = await take(check_account(UserId(user_id), VenueName(venue), return_state=True))
    if isinstance(checked, Unavailable):
        return Failed(message=write_state(checked.reason))
    return Completed(message=write_state(checked))
