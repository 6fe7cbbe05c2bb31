"""Watch task: the pair's worth after the cycle, its breaker, the profit that is due.

Course, books -> take_standing (one transaction under the risk lock) -> Course with what stands
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.cycle.progress import Course, Watched
from tasks.orders.order_desk import open_desk
from tasks.orders.position_sync import Books
from tasks.orders.profit import look_after_profit
from tasks.risk.portfolio import take_standing
from tasks.runtime.caching import Unavailable
from tasks.runtime.container import get_services
from tasks.runtime.cycle_context import Cycle, quoted
from tasks.runtime.retries import BOOKING_RETRIES

BOOKS_LIFE = timedelta(seconds=30)
"""Older books are read again: a stop may have been hit while the council thought."""


async def watch_portfolio(cycle: Cycle, course: Course) -> Course:
    """Look once more after whatever the cycle did, if there is a price to look by."""
    look, books = course.evidence.look, course.evidence.books
    if isinstance(look, Unavailable) or isinstance(books, Unavailable):
        return course
    if course.execution is not None and course.execution.books is not None:
        books = course.execution.books
    watched = await _watch(cycle, quoted(books), look.snapshot.ticker.mark_price)
    return replace(course, watched=watched)


@task(name="watch_portfolio", cache_policy=NO_CACHE, **BOOKING_RETRIES)
async def _watch(cycle: Cycle, books: Books, mark_price: Decimal) -> Watched:
    services = await get_services()
    if services.clock() - books.as_of > BOOKS_LIFE:
        async with open_desk(services, cycle.config) as desk:
            books = await desk.sync.book()
    async with services.database.tenant(cycle.user_id) as tenant:
        await tenant.lock_risk()
        standing = await take_standing(
            tenant,
            config=cycle.config,
            limits=cycle.limits,
            mark_price=mark_price,
            as_of=services.clock(),
        )
    notice = standing.notice if books.position is None else None
    await look_after_profit(services, cycle.config, notice=notice)
    return Watched(portfolio=standing.portfolio, position=books.position)
