"""Verify account: may this account be traded on? In a flow, so that the bot needs no venue.

account -> checks at the venue -> completed, or failed with the sentence that says what to do
"""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from prefect.states import Failed

from tasks.accounts import check_account
from tasks.connections import connections
from tasks.live import LOCKED
from tasks.sharing import RESULTS
from tasks.sharing import Unavailable
from tasks.states import take
from trading.units import UserId
from trading.units import VenueName


@flow(
    name="verify-account",
    flow_run_name="u{user_id} verify {venue}",
    persist_result=False,
    result_storage=RESULTS,
)
async def verify_account(user_id: int, venue: str) -> State[None]:
    """
    Check one account.

    Args:
        user_id: Whose.
        venue: paper, binance or bybit.
    """
    checked = await take(check_account(UserId(user_id), VenueName(venue), return_state=True))
    if isinstance(checked, Unavailable):
        return Failed(message=checked.sentence)
    if venue == VenueName.PAPER:
        return Completed(message="The paper account can be traded on.")
    here = await connections()
    message = f"The {venue} key may trade, and neither withdraw nor transfer."
    return Completed(message=message if here.live.is_unlocked else f"{message} {LOCKED}")
