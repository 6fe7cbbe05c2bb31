"""Moves settled profit out of the trading capital.

    flat pair, notice -> paper: booked | live, if its owner wants it: written, posted once, settled
    what was in doubt -> looked up by its name in every cycle -> done | refused | given up

Profit moves only while the pair is flat, so that no position loses margin, and once a day. A
transfer in doubt counts as moved and is never sent again; a doubt blocks further transfers. A
failure in this module never changes the end of the cycle.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial

from prefect.logging import get_logger

from blocks.venues.base.exchange import AccountExchange
from db.session import Tenant
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
from trading.domain.units import Mode, TradingState

SENDER_PATIENCE = timedelta(minutes=1)
"""A transfer belongs to the sender for this long: no lookup runs beside the post."""

logger = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfitTransfers:
    """The transfers of a pair's profit out of the trading capital."""

    services: Services
    config: PairConfig

    async def secure(self, notice: ProfitNotice | None) -> None:
        """
        Settle the transfers in doubt, then move the due profit; errors are only logged.

        Args:
            notice: of a flat pair; None without due profit or with an open position.
        """
        is_live = self.config.mode is Mode.LIVE
        try:
            if is_live:
                await self._settle_doubts()
            if notice is not None:
                await (self._move(notice) if is_live else self._book(notice))
        except QuorumError as error:
            pair = self.config.pair
            logger.warning("Profit of %s was not looked after: %s", pair, error)

    async def _book(self, notice: ProfitNotice) -> None:
        """On paper: book the profit out of the paper account in a single transaction."""
        async with self._transaction() as tenant:
            await tenant.lock_risk()
            book = await tenant.paper.load_book()
            wished = self._plan(notice, available=book.available)
            if wished is None or not await tenant.transfers.add_transfer(wished):
                return
            await tenant.paper.withdraw(wished.amount, now=self.services.clock())
            done = TransferResult(status=TransferStatus.DONE)
            await self._settle_in(tenant, wished, done)

    async def _move(self, notice: ProfitNotice) -> None:
        """Live: only at the user's request, while trading is active and the key is valid."""
        async with self._transaction() as tenant:
            standing = await tenant.accounts.load_standing(self.config.venue)
            state = await load_trading_state(tenant, self.config)
        if standing is None or not standing.moves_profit or state is not TradingState.ACTIVE:
            return
        async with self.services.exchange(self.config) as exchange:
            if not isinstance(exchange, AccountExchange):
                return
            balance = await self.services.read(exchange.fetch_balance)
            wished = self._plan(notice, available=balance.available)
            if wished is None:
                return
            if exchange.permit is not None:
                await exchange.permit()
            if not await self._store(wished):
                return
            moved = await exchange.transfers.move(wished)
        await self._settle(wished, moved)

    async def _store(self, wished: ProfitTransfer) -> bool:
        """Store before the post; False after a transfer today or with a transfer in doubt."""
        async with self._transaction() as tenant:
            await tenant.lock_risk()
            if await tenant.transfers.list_open_transfers():
                return False
            return await tenant.transfers.add_transfer(wished)

    async def _settle_doubts(self) -> None:
        """Look up the transfers in doubt at the venue; a transfer is never sent twice."""
        now, config = self.services.clock(), self.config
        async with self._transaction() as tenant:
            doubts = [
                transfer
                for transfer in await tenant.transfers.list_open_transfers()
                if transfer.pair == config.pair and transfer.venue is config.venue
                if now - transfer.requested_at >= SENDER_PATIENCE
            ]
        if not doubts:
            return
        async with self.services.exchange(config) as exchange:
            if not isinstance(exchange, AccountExchange):
                return
            for transfer in doubts:
                find = partial(exchange.transfers.find, transfer)
                found = await self.services.read(find)
                if found is not None and not found.status.is_open:
                    await self._settle(transfer, found)
                elif now - transfer.requested_at > self.services.settings.doubt_horizon:
                    abandoned = TransferResult(status=TransferStatus.ABANDONED)
                    await self._settle(transfer, abandoned)

    async def _settle(self, transfer: ProfitTransfer, result: TransferResult) -> None:
        async with self._transaction() as tenant:
            await self._settle_in(tenant, transfer, result)

    async def _settle_in(
        self, tenant: Tenant, transfer: ProfitTransfer, result: TransferResult
    ) -> None:
        now = self.services.clock()
        is_news = await tenant.transfers.settle_transfer(
            transfer, status=result.status, reason=result.reason, now=now
        )
        if is_news:
            await tenant.alerts.enqueue_alert(build_profit_moved(transfer, result, now=now))

    def _plan(self, notice: ProfitNotice, *, available: Decimal) -> ProfitTransfer | None:
        amount = plan_transfer(notice, available=available)
        if amount is None:
            return None
        return ProfitTransfer(
            user_id=self.config.user_id,
            venue=self.config.trade_venue,
            pair=self.config.pair,
            amount=amount,
            requested_at=self.services.clock(),
        )

    def _transaction(self) -> AbstractAsyncContextManager[Tenant]:
        return self.services.database.tenant(self.config.user_id)
