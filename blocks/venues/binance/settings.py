"""Settings of a Binance account: the key's rights, modes, margin, leverage.

position mode, asset mode -> refused with the place for the change (settings of the account)
margin mode of a flat pair -> switched to isolated by us
"""

import logging
from decimal import Decimal

from blocks.venues.base.exchange import write_number
from blocks.venues.base.key_permissions import find_binance_faults
from blocks.venues.base.parsing import parse_fee_rates, read_flag
from blocks.venues.base.response_classifier import find_code
from blocks.venues.base.rest_client import PrivateClient
from blocks.venues.base.rows import find_row, is_row_of
from blocks.venues.binance.client import spell
from trading.domain.errors import PermanentError
from trading.domain.instruments import FeeRates, LeverageTier
from trading.domain.messages import Message, message
from trading.domain.units import Pair, to_decimal

_IS_SO_ALREADY, _MULTI_ASSETS = "-4046", "-4168"
_NOT_FLAT = frozenset({"-4047", "-4048"})
_NO_SUCH_LEVERAGE = frozenset({"-2027", "-2028", "-4028", "-4161", "-4202", "-4203", "-4205",
                               "-4206", "-4208", "-4209", "-4403"})  # fmt: skip

logger = logging.getLogger(__name__)


class BinanceSettings:
    """Reads and changes the settings of an account."""

    def __init__(self, client: PrivateClient, *, is_demo: bool) -> None:
        self._client = client
        self._is_demo = is_demo

    async def fetch_leverage_tiers(self, pair: Pair) -> tuple[LeverageTier, ...]:
        about, symbol = f"leverage tiers of {pair}", {"symbol": spell(pair)}
        rows = await self._client.read("fapiPrivateGetLeverageBracket", symbol, about=about)
        with self._client.parsing(about):
            # For a single symbol, some accounts get an object instead of a list (WORLD.md).
            listed = rows if isinstance(rows, list) else [rows]
            row = find_row(listed, symbol=spell(pair))
            return tuple(
                LeverageTier(
                    to_decimal(bracket["notionalCap"]), to_decimal(bracket["initialLeverage"])
                )
                for bracket in row["brackets"]
            )

    async def fetch_fee_rates(self, pair: Pair) -> FeeRates:
        """The account's own rates (GET /fapi/v1/commissionRate, connector of 2026-08-19)."""
        about, symbol = f"fee rates of {pair}", {"symbol": spell(pair)}
        row = await self._client.read(
            "fapiPrivateGetCommissionRate", symbol, about=about, weight=20
        )
        with self._client.parsing(about):
            if not is_row_of(row, **symbol):
                raise ValueError("another contract")
            return parse_fee_rates(row["makerCommissionRate"], row["takerCommissionRate"])

    async def find_key_faults(self) -> tuple[Message, ...]:
        """Binance's demo does not tell a key's rights; there a readable balance is enough."""
        if self._is_demo:
            await self._client.read("fapiPrivateV3GetAccount", {}, about="balance", weight=5)
            return ()
        about = "key's rights"
        answer = await self._client.read("sapiGetAccountApiRestrictions", {}, about=about)
        with self._client.parsing(about):
            return find_binance_faults(answer, may_transfer=self._client.may_transfer)

    async def find_account_faults(self) -> tuple[Message, ...]:
        about, faults = "settings of the account", []
        dual = await self._client.read(
            "fapiPrivateGetPositionSideDual", {}, about=about, weight=30
        )
        assets = await self._client.read(
            "fapiPrivateGetMultiAssetsMargin", {}, about=about, weight=30
        )
        with self._client.parsing(about):
            if read_flag(dual, "dualSidePosition", default=True):
                faults.append(message("binance-one-way"))
            if read_flag(assets, "multiAssetsMargin", default=True):
                faults.append(message("binance-single-asset"))
        return tuple(faults)

    async def check_modes(self, pair: Pair) -> Decimal | None:
        about = f"settings of {pair}"
        mode = await self._client.read(
            "fapiPrivateGetPositionSideDual", {}, about=about, weight=30
        )
        symbol = {"symbol": spell(pair)}
        rows = await self._client.read("fapiPrivateGetSymbolConfig", symbol, about=about, weight=5)
        with self._client.parsing(about):
            if read_flag(mode, "dualSidePosition", default=True):
                raise PermanentError(message("binance-hedge-mode"))
            row = find_row(rows, symbol=spell(pair))
            is_isolated = row["marginType"].upper() == "ISOLATED"
            leverage = to_decimal(row["leverage"])
        if not is_isolated:
            await self._isolate(pair)
        return leverage

    async def _isolate(self, pair: Pair) -> None:
        """
        Switch a flat pair from cross margin, the default of new contracts, to isolated margin.

        Raises:
            PermanentError: when the pair has a position or orders, or the asset mode forbids it.
        """
        about = f"margin mode of {pair}"
        asked = {"symbol": spell(pair), "marginType": "ISOLATED"}
        answer = await self._client.ask("fapiPrivatePostMarginType", asked)
        code = find_code(answer, self._client.table)
        if code == _IS_SO_ALREADY:
            return
        if code in _NOT_FLAT:
            raise PermanentError(message("binance-not-isolated", pair=str(pair)))
        if code == _MULTI_ASSETS:
            raise PermanentError(message("binance-multi-assets"))
        self._client.take(answer, about=about)
        logger.info("%s was switched to isolated margin at Binance.", pair)

    async def change_leverage(self, pair: Pair, leverage: Decimal) -> None:
        about = f"leverage of {pair}"
        asked = {"symbol": spell(pair), "leverage": write_number(leverage)}
        answer = await self._client.ask("fapiPrivatePostLeverage", asked)
        if find_code(answer, self._client.table) in _NO_SUCH_LEVERAGE:
            raise PermanentError(
                message("leverage-refused", venue="Binance", leverage=leverage, pair=str(pair))
            )
        with self._client.parsing(about):
            if to_decimal(self._client.take(answer, about=about)["leverage"]) != leverage:
                raise ValueError("another leverage")
