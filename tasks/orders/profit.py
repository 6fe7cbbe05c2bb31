"""Moves settled profit out of the trading capital.

    flat pair, notice -> paper: booked | live, if its owner wants it: written, posted once, settled
    what was in doubt -> looked up by its name in every cycle -> done | refused | given up

Profit moves only while the pair is flat, so that no position loses margin, and once a day. A
transfer in doubt counts as moved and is never sent again; a doubt blocks further transfers. A
failure in this module never changes the end of the cycle.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from prefect.logging import get_logger

from blocks.venues.base.exchange import AccountExchange
from tasks.alerts.account import build_profit_moved
from tasks.orders.entry_gate import load_trading_state
from tasks.runtime.container import Services
from trading.domain.accounts import PairConfig
from trading.domain.errors import QuorumError
from trading.domain.transfers import (
    ProfitNotice,
    ProfitTransfer,
    TransferResult,
    TransferStatus,
    plan_transfer,
)
from trading.domain.units import Mode, TradingState, VenueName

ITS_SENDERS = timedelta(minutes=1)
"""So long a transfer is its sender's alone: nobody looks it up while it is posted."""

logger = get_logger(__name__)


async def secure_profit(
    services: Services, config: PairConfig, *, notice: ProfitNotice | None
) -> None:
    """
    Settle the transfers in doubt, then move the due profit.

    Args:
        notice: of a flat pair; None when nothing is due or a position is open.
    """
    try:
        if config.mode is Mode.LIVE:
            await _settle_doubts(services, config)
        if notice is not None and config.mode is Mode.LIVE:
            await _move(services, config, notice)
        elif notice is not None:
            await _book(services, config, notice)
    except QuorumError as error:
        logger.warning("Profit of %s was not looked after: %s", config.pair, error.sentence)


async def _book(services: Services, config: PairConfig, notice: ProfitNotice) -> None:
    """On paper: book the profit out of the paper account in a single transaction."""
    async with services.database.tenant(config.user_id) as tenant:
        await tenant.lock_risk()
        book = await tenant.paper.load_book()
        wished = _wish(config, notice, available=book.available, now=services.clock())
        if wished is None or not await tenant.transfers.add_transfer(wished):
            return
        await tenant.paper.withdraw(wished.amount, now=services.clock())
        moved = TransferResult(status=TransferStatus.DONE)
        await tenant.transfers.settle_transfer(
            wished, status=moved.status, reason="", now=services.clock()
        )
        await tenant.alerts.enqueue_alert(build_profit_moved(wished, moved, now=services.clock()))


async def _move(services: Services, config: PairConfig, notice: ProfitNotice) -> None:
    """Live: only at the user's request, while trading is active and the key is valid."""
    async with services.database.tenant(config.user_id) as tenant:
        standing = await tenant.accounts.load_standing(config.venue)
        state = await load_trading_state(tenant, config)
    if standing is None or not standing.moves_profit or state is not TradingState.ACTIVE:
        return
    async with services.exchange(config) as exchange:
        if not isinstance(exchange, AccountExchange):
            return
        balance = await services.read(exchange.fetch_balance)
        wished = _wish(config, notice, available=balance.available, now=services.clock())
        if wished is None:
            return
        if exchange.permit is not None:
            await exchange.permit()
        if not await _write_down(services, wished):
            return
        moved = await exchange.transfers.move(wished)
    await _settle(services, wished, moved)


async def _write_down(services: Services, wished: ProfitTransfer) -> bool:
    """Store the transfer before the post; False after a transfer today or a transfer in doubt."""
    async with services.database.tenant(wished.user_id) as tenant:
        await tenant.lock_risk()
        if await tenant.transfers.list_open_transfers():
            return False
        return await tenant.transfers.add_transfer(wished)


async def _settle_doubts(services: Services, config: PairConfig) -> None:
    """Look up the transfers in doubt at the venue; a transfer is never sent twice."""
    now = services.clock()
    async with services.database.tenant(config.user_id) as tenant:
        doubts = [
            transfer
            for transfer in await tenant.transfers.list_open_transfers()
            if transfer.pair == config.pair and transfer.venue is config.venue
            if now - transfer.requested_at >= ITS_SENDERS
        ]
    if not doubts:
        return
    async with services.exchange(config) as exchange:
        if not isinstance(exchange, AccountExchange):
            return
        for transfer in doubts:
            found = await services.read(partial(exchange.transfers.find, transfer))
            if found is not None and not found.status.is_open:
                await _settle(services, transfer, found)
            elif now - transfer.requested_at > services.settings.doubt_horizon:
                await _settle(services, transfer, TransferResult(status=TransferStatus.ABANDONED))


async def _settle(services: Services, transfer: ProfitTransfer, moved: TransferResult) -> None:
    now = services.clock()
    async with services.database.tenant(transfer.user_id) as tenant:
        is_news = await tenant.transfers.settle_transfer(
            transfer, status=moved.status, reason=moved.reason, now=now
        )
        if is_news:
            await tenant.alerts.enqueue_alert(build_profit_moved(transfer, moved, now=now))


def _wish(
    config: PairConfig, notice: ProfitNotice, *, available: Decimal, now: datetime
) -> ProfitTransfer | None:
    amount = plan_transfer(notice, available=available)
    if amount is None:
        return None
    return ProfitTransfer(
        user_id=config.user_id,
        venue=config.venue if config.mode is Mode.LIVE else VenueName.PAPER,
        pair=config.pair,
        amount=amount,
        requested_at=now,
    )
