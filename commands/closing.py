"""Close a pair's position, or every position, at the market now.

pairs paused in the database -> gateway -> flow close-positions

Needs no model and no market data. Pausing comes first, so no cycle opens the position again.
"""

from dataclasses import dataclass
from uuid import UUID

from commands.caller import Caller
from commands.pairs import switch_pairs
from trading.domain.accounts import PairConfig
from trading.domain.errors import BadInput, TransientError
from trading.domain.positions import Position
from trading.domain.units import Pair
from trading.requests import find_pair, select_pairs

CLOSE_POSITIONS = "close-positions/close-positions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """
    Paused pairs whose positions are being closed.

    Attributes:
        flow_run: id of the closing run; None when Prefect did not answer: the pairs are paused,
            stops and targets stay, and nothing is closed yet.
    """

    configs: tuple[PairConfig, ...]
    flow_run: UUID | None


async def load_closable(caller: Caller, pair: Pair) -> tuple[PairConfig, Position]:
    """
    Load the pair and its open position.

    Raises:
        BadInput: for another user's pair, and for a pair without an open position.
    """
    config = find_pair(pair, existing=await caller.list_pairs())
    async with caller.tenant() as tenant:
        position = await tenant.positions.load_open_position(pair)
    if position is None:
        raise BadInput(f"{pair} has no open position.")
    return config, position


async def close(caller: Caller, pair: Pair) -> Closing:
    """Pause a pair and start closing its position. Raises BadInput as `load_closable`."""
    config, _ = await load_closable(caller, pair)
    return await _close(caller, (config,), pair=str(pair))


async def panic(caller: Caller) -> Closing:
    """Pause every pair and start closing every position. Raises BadInput without any pair."""
    return await _close(caller, select_pairs("", existing=await caller.list_pairs()))


async def _close(caller: Caller, configs: tuple[PairConfig, ...], **scope: str) -> Closing:
    paused = (await switch_pairs(caller, configs, is_paused=True)).configs
    gateway = caller.services.deployments
    if gateway is None:
        return Closing(configs=paused, flow_run=None)
    parameters = {"user_id": int(caller.user.user_id), **scope}
    try:
        run_id = await gateway.run_now(CLOSE_POSITIONS, parameters=parameters)
    except TransientError:
        return Closing(configs=paused, flow_run=None)
    names = ", ".join(str(config.pair) for config in paused)
    async with caller.tenant() as tenant:
        await caller.audit(tenant, "close", pairs=names, flow_run=str(run_id))
    return Closing(configs=paused, flow_run=run_id)
