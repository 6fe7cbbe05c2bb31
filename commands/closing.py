"""Close a pair's position, or every position, at the market now.

pause the pairs, store close requests (one transaction)
    -> the flow close-positions executes the requests at once
    -> without Prefect, the guard of any worker executes the requests within seconds

Needs no model and no market data. Pausing comes first, so no cycle opens the position again.
"""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from commands import changes
from commands.caller import Caller
from commands.pairs import follow_switch
from db.session import Database
from reports.texts.catalog import tell
from trading.domain.accounts import PairConfig
from trading.domain.close_requests import OVERDUE_AFTER, CloseRequest, build_overdue_alerts
from trading.domain.errors import BadInput, QuorumError
from trading.domain.messages import message
from trading.domain.positions import Position
from trading.domain.units import Pair
from trading.requests import find_pair, select_pairs

PREFECT_SECONDS = 5.0
"""Longest wait for Prefect; the stored requests are executed without Prefect as well."""
CLOSE_POSITIONS = "close-positions/close-positions"
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """
    Paused pairs whose positions are being closed.

    Attributes:
        flow_run: id of the closing run; None when Prefect did not start a run: the guard of a
            worker executes the stored requests.
    """

    configs: tuple[PairConfig, ...]
    flow_run: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingProgress:
    """
    How far a closing has come, `seconds` after its begin.

    Attributes:
        open: requests that are not executed yet.
        flat: pairs without a position and without a request.
        withdrawn: pairs with a position whose request was withdrawn, by /resume.
    """

    seconds: int
    open: tuple[CloseRequest, ...]
    flat: tuple[Pair, ...]
    withdrawn: tuple[Pair, ...]


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
        raise BadInput(message("close-no-position", pair=str(pair)))
    return config, position


async def close(caller: Caller, pair: Pair) -> Closing:
    """Pause a pair and start closing its position. Raises BadInput as `load_closable`."""
    config, _ = await load_closable(caller, pair)
    return await _close(caller, (config,), pair=str(pair))


async def panic(caller: Caller) -> Closing:
    """Pause every pair and start closing every position. Raises BadInput without any pair."""
    return await _close(caller, select_pairs("", existing=await caller.list_pairs()))


async def _close(caller: Caller, configs: tuple[PairConfig, ...], **scope: str) -> Closing:
    pairs = [config.pair for config in configs]
    async with caller.tenant() as tenant:
        for pair in pairs:
            await changes.pause_pair(tenant, pair, actor=caller.actor, now=caller.now)
        await tenant.close_requests.save_requests(pairs, actor=caller.actor, now=caller.now)
        await caller.audit(tenant, "close", pairs=", ".join(map(str, pairs)))
    paused = tuple(replace(config, is_paused=True) for config in configs)
    run_id, _ = await asyncio.gather(
        _limit(_start_run(caller, scope)), _limit(follow_switch(caller, paused))
    )
    return Closing(configs=paused, flow_run=run_id)


async def _limit[T](work: Awaitable[T]) -> T | None:
    """The result, None after `PREFECT_SECONDS`: the person waits for the first answer."""
    try:
        return await asyncio.wait_for(work, PREFECT_SECONDS)
    except TimeoutError:
        return None


async def _start_run(caller: Caller, scope: dict[str, str]) -> UUID | None:
    """Start the flow; None when Prefect is away or refuses: the stored requests remain."""
    gateway = caller.services.deployments
    if gateway is None:
        return None
    parameters = {"user_id": int(caller.user.user_id), **scope}
    try:
        return await gateway.run_now(CLOSE_POSITIONS, parameters=parameters)
    except QuorumError as error:
        logger.warning("close-positions was not started: %s", tell(error))
        return None


async def load_progress(
    database: Database, configs: tuple[PairConfig, ...], *, begun_at: datetime, now: datetime
) -> ClosingProgress:
    """Load the progress of a closing of one user's pairs."""
    user_id = configs[0].user_id
    pairs = [config.pair for config in configs]
    async with database.operator() as operator:
        requests = await operator.close_requests.list_overdue(now)
    left = tuple(one for one in requests if one.user_id == user_id and one.pair in pairs)
    waiting = {one.pair for one in left}
    flat: list[Pair] = []
    withdrawn: list[Pair] = []
    async with database.tenant(user_id) as tenant:
        for pair in pairs:
            if pair in waiting:
                continue
            position = await tenant.positions.load_open_position(pair)
            (flat if position is None else withdrawn).append(pair)
    return ClosingProgress(
        seconds=round((now - begun_at).total_seconds()),
        open=left,
        flat=tuple(flat),
        withdrawn=tuple(withdrawn),
    )


async def report_overdue(database: Database, *, now: datetime) -> int:
    """Alert users and the operator of requests older than `OVERDUE_AFTER`; return their number."""
    async with database.operator() as operator:
        overdue = await operator.close_requests.list_overdue(now - OVERDUE_AFTER)
        for request in overdue:
            for alert in build_overdue_alerts(request, now=now):
                await operator.alerts.enqueue_alert(alert)
    return len(overdue)
