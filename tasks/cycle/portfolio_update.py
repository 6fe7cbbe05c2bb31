"""Values the pair after a cycle, checks the circuit breaker and takes profit.

CycleProgress, Books -> take_risk_snapshot (one transaction under the risk lock) -> CycleProgress
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.cycle.progress import CycleProgress, PortfolioUpdate
from tasks.orders.order_desk import open_desk
from tasks.orders.position_sync import Books
from tasks.orders.profit import ProfitTransfers
from tasks.risk.portfolio import take_risk_snapshot
from tasks.runtime.caching import Unavailable
from tasks.runtime.container import get_services
from tasks.runtime.cycle_context import Cycle, quoted
from tasks.runtime.retries import BOOKING_RETRIES

BOOKS_LIFE = timedelta(seconds=30)
"""Older books are read again: a stop may have been hit while the council thought."""


async def watch_portfolio(cycle: Cycle, progress: CycleProgress) -> CycleProgress:
    """Update the portfolio after the execution, if a mark price is available."""
    market, books = progress.evidence.market, progress.evidence.books
    if isinstance(market, Unavailable) or isinstance(books, Unavailable):
        return progress
    if progress.execution is not None and progress.execution.books is not None:
        books = progress.execution.books
    update = await _update_portfolio(cycle, quoted(books), market.snapshot.ticker.mark_price)
    return replace(progress, update=update)


@task(name="watch_portfolio", cache_policy=NO_CACHE, **BOOKING_RETRIES)
async def _update_portfolio(cycle: Cycle, books: Books, mark_price: Decimal) -> PortfolioUpdate:
    services = await get_services()
    if services.clock() - books.as_of > BOOKS_LIFE:
        async with open_desk(services, cycle.config) as desk:
            books = await desk.sync.book()
    async with services.database.tenant(cycle.user_id) as tenant:
        await tenant.lock_risk()
        account_risk = await take_risk_snapshot(
            tenant,
            config=cycle.config,
            limits=cycle.limits,
            mark_price=mark_price,
            as_of=services.clock(),
        )
    notice = account_risk.notice if books.position is None else None
    await ProfitTransfers(services=services, config=cycle.config).secure(notice)
    return PortfolioUpdate(portfolio=account_risk.portfolio, position=books.position)
