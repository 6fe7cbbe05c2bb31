"""Close positions: a person's request to close at once.

pairs -> reduce-only exit, protection canceled, pair by pair -> flat, or the reason why not

Needs no model, no market data and no council.
"""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from reports.texts.catalog import render
from tasks.orders.accounts import close_pair, select_pairs
from tasks.runtime.caching import RESULTS, Unavailable
from tasks.runtime.states import take
from trading.domain.units import Pair, UserId


@flow(
    name="close-positions",
    flow_run_name="u{user_id} close {pair}",
    persist_result=False,
    result_storage=RESULTS,
)
async def close_positions(user_id: int, pair: str | None = None) -> State[None]:
    """
    Close the position of one pair, or every position of the user.

    Args:
        user_id: owner of the positions.
        pair: BTC/USDT; every pair when None.
    """
    configs = await select_pairs(UserId(user_id), Pair.parse(pair) if pair else None)
    left: list[str] = []
    for config in configs:
        outcome = await take(close_pair(config, return_state=True))
        reason = outcome.reason if isinstance(outcome, Unavailable) else outcome
        if reason:
            left.append(f"{config.pair}: {render(reason)}")
    if left:
        return Failed(message=" ".join(left))
    return Completed(message=f"{len(configs)} pairs are flat.")
