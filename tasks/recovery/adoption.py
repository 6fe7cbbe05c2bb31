"""Takes over positions that Quorum did not open, by the word of their owner.

database, every second -> requests (claimed) -> book -> unchanged? -> our position, stop -> alert

A request is tried once: if the venue or the market does not answer, or the position is another
than the owner confirmed, nothing is changed and an alert tells the reason.
"""

from decimal import Decimal

from prefect.logging import get_logger

from reports.texts.catalog import render
from tasks.alerts.adoption import build_adopted, build_not_adopted
from tasks.orders.order_desk import OrderDesk, open_desk
from tasks.orders.position_sync import Books
from tasks.runtime.container import Services
from tasks.runtime.loops import run_limited
from trading.domain.accounts import PairConfig
from trading.domain.errors import BadInput, QuorumError
from trading.domain.foreign_positions import ForeignPosition
from trading.domain.messages import Message, message
from trading.domain.orders import Leg, OrderIntent
from trading.domain.positions import Position
from trading.domain.protection import plan_exit, plan_trigger
from trading.domain.units import HUNDRED
from trading.portfolio.ownership import adopt
from trading.risk.limits import tighten_where_stricter

logger = get_logger(__name__)


async def adopt_requested(services: Services) -> tuple[ForeignPosition, ...]:
    """
    Take over the positions of all requests; the requests.

    Raises:
        QuorumError: when the database does not answer.
    """
    async with services.database.operator() as operator:
        asked = await operator.foreign_positions.claim_asked()

    async def try_to_adopt(request: ForeignPosition) -> None:
        try:
            await _adopt(services, request)
        except QuorumError as error:
            await _tell_failure(services, request, reason=error.message)

    await run_limited(try_to_adopt, asked)
    return asked


async def _adopt(services: Services, request: ForeignPosition) -> None:
    async with services.database.tenant(request.user_id) as tenant:
        config = await tenant.pairs.load_pair(request.pair)
    if config is None:
        raise BadInput(message("pair-missing-none", pair=str(request.pair)))
    async with open_desk(services, config) as desk:
        books = await desk.sync.book()
        seen = books.foreign
        if seen is None or (seen.side, seen.quantity) != (request.side, request.quantity):
            raise BadInput(message("adopt-changed"))
        stop_price = await _choose_stop(desk, seen)
        await _store(desk, books, request=request, stop_price=stop_price)
        await desk.protector.protect(await desk.sync.book())


async def _choose_stop(desk: OrderDesk, position: Position) -> Decimal:
    """The stop of an adopted position: as far from the mark price as the limits allow."""
    config, services, now = desk.account.config, desk.account.services, desk.account.now()
    market = services.market_of(config.trade_venue)
    ticker = await services.read(lambda: market.fetch_ticker(config.pair, as_of=now))
    instrument = await services.read(lambda: market.fetch_instrument(config.pair, as_of=now))
    limits = tighten_where_stricter(services.settings.limits, config.overrides)
    distance = ticker.mark_price * limits.max_stop_pct / HUNDRED
    price = ticker.mark_price - position.side.sign * distance
    return instrument.round_stop_price(price, side=position.side.exit_side)


async def _store(
    desk: OrderDesk, books: Books, *, request: ForeignPosition, stop_price: Decimal
) -> None:
    """Store the position, the stop to be sent and the alert; one transaction."""
    assert books.foreign is not None
    config, now = desk.account.config, desk.account.now()
    position = adopt(books.position, venue=books.foreign, now=now)
    detail = {
        "pair": str(config.pair),
        "side": str(position.side),
        "quantity": str(position.quantity),
        "stop": str(stop_price),
    }
    async with desk.account.transaction() as tenant:
        await tenant.lock_risk()
        await tenant.positions.save_position(position)
        if books.position is None:  # an increased position of ours has a planned stop already
            await tenant.intents.add_intent(_plan_stop(position, config, stop_price), now=now)
        await tenant.foreign_positions.forget(config.pair)
        await tenant.audit.append(request.asked_by, action="adopt", detail=detail, now=now)
        await tenant.alerts.enqueue_alert(build_adopted(config.user_id, position, now=now))


def _plan_stop(position: Position, config: PairConfig, price: Decimal) -> OrderIntent:
    exit_of_all = plan_exit(position, config=config, cycle_time=position.opened_at, attempt=0)
    return plan_trigger(exit_of_all, leg=Leg.STOP, price=price)


async def _tell_failure(services: Services, request: ForeignPosition, *, reason: Message) -> None:
    logger.warning(
        "User %s, %s was not taken over: %s", request.user_id, request.pair, render(reason)
    )
    now = services.clock()
    alert = build_not_adopted(request.user_id, request.pair, reason=reason, now=now)
    async with services.database.tenant(request.user_id) as tenant:
        await tenant.alerts.enqueue_alert(alert)
