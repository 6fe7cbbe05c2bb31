"""Requests to close a position, executed by the guard of every warm worker without Prefect.

    database, every second -> due requests (claimed) -> close_now -> flat | reason, next attempt

The flow close-positions is the quickest way and gets a head start. When the flow cannot start, for
example because the work pool is paused or the Prefect server is away, the guards close. One guard
claims each attempt; two exits of one position are reduce-only and cannot pass zero.
"""

from prefect.logging import get_logger

from reports.texts.catalog import render
from tasks.orders.accounts import close_now
from tasks.runtime.container import Services
from tasks.runtime.loops import run_limited
from trading.domain.close_requests import CloseRequest
from trading.domain.errors import QuorumError
from trading.domain.messages import Message

logger = get_logger(__name__)


async def close_requested(services: Services) -> tuple[CloseRequest, ...]:
    """
    Execute the due requests of all users; the requests that were executed.

    Raises:
        QuorumError: when the database does not answer. A venue that does not answer leaves its
            request to the next attempt.
    """
    async with services.database.operator() as operator:
        due = await operator.close_requests.claim_due(services.clock())

    async def close(request: CloseRequest) -> None:
        try:
            await _close(services, request)
        except QuorumError as error:
            await _keep_reason(services, request, reason=error.message)

    await run_limited(close, due)
    return due


async def _close(services: Services, request: CloseRequest) -> None:
    async with services.database.tenant(request.user_id) as tenant:
        config = await tenant.pairs.load_pair(request.pair)
    if config is not None and (reason := await close_now(services, config, is_noted=True)):
        logger.warning(
            "User %s, %s is not flat: %s", request.user_id, request.pair, render(reason)
        )


async def _keep_reason(services: Services, request: CloseRequest, *, reason: Message) -> None:
    logger.warning("User %s, %s was not closed: %s", request.user_id, request.pair, render(reason))
    async with services.database.tenant(request.user_id) as tenant:
        await tenant.close_requests.mark_tried(request.pair, now=services.clock(), reason=reason)
