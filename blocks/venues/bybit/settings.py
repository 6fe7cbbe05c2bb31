"""Settings of a Bybit account: the key's rights, margin mode, position mode, leverage.

margin mode -> the whole account's: never switched by us, refused with the place for the change
position mode of a pair -> refused when it is hedge mode
"""

from decimal import Decimal

from blocks.venues.base.exchange import write_number
from blocks.venues.base.key_permissions import find_bybit_faults
from blocks.venues.base.parsing import parse_fee_rates, read_number
from blocks.venues.base.response_classifier import find_code
from blocks.venues.base.rest_client import PrivateClient
from blocks.venues.base.rows import find_row
from blocks.venues.bybit.client import name_contract, spell
from trading.domain.errors import PermanentError
from trading.domain.instruments import FeeRates, LeverageTier
from trading.domain.messages import Message, message
from trading.domain.units import Pair, to_decimal

_LEVERAGE_AS_IS = "110043"
_NO_SUCH_LEVERAGE = frozenset({"110013", "110012", "10001", "110086", "110087", "110090"})


class BybitSettings:
    """Reads and changes the settings of an account."""

    def __init__(self, client: PrivateClient, *, is_demo: bool) -> None:
        self._client = client
        self._is_demo = is_demo

    async def fetch_leverage_tiers(self, pair: Pair) -> tuple[LeverageTier, ...]:
        about = f"leverage tiers of {pair}"
        answer = await self._client.read(
            "publicGetV5MarketRiskLimit", name_contract(pair), about=about
        )
        with self._client.parsing(about):
            return tuple(
                LeverageTier(to_decimal(row["riskLimitValue"]), to_decimal(row["maxLeverage"]))
                for row in answer["result"]["list"]
            )

    async def fetch_fee_rates(self, pair: Pair) -> FeeRates:
        """The account's own rates (docs/v5/account/fee-rate, 2026-07-24); not at the demo."""
        about = f"fee rates of {pair}"
        answer = await self._client.read(
            "privateGetV5AccountFeeRate", name_contract(pair), about=about
        )
        with self._client.parsing(about):
            row = find_row(answer["result"]["list"], symbol=spell(pair))
            return parse_fee_rates(row["makerFeeRate"], row["takerFeeRate"])

    async def find_key_faults(self) -> tuple[Message, ...]:
        """Bybit's demo has no `/v5/user/*` (docs/v5/demo, 2026-07-24): a balance is enough."""
        if self._is_demo:
            await self._client.read(
                "privateGetV5AccountWalletBalance", {"accountType": "UNIFIED"}, about="balance"
            )
            return ()
        about = "key's rights"
        answer = await self._client.read("privateGetV5UserQueryApi", {}, about=about)
        with self._client.parsing(about):
            rights = answer["result"]
            return find_bybit_faults(rights, may_transfer=self._client.may_transfer)

    async def find_account_faults(self) -> tuple[Message, ...]:
        """Margin modes other than isolated, with the place for the change."""
        mode = await self._read_margin_mode("settings of the account")
        if mode == "PORTFOLIO_MARGIN":
            return (message("bybit-portfolio-margin"),)
        if mode != "ISOLATED_MARGIN":
            return (message("bybit-cross-margin"),)
        return ()

    async def check_modes(self, pair: Pair) -> Decimal | None:
        """The current leverage, None when unknown. Raises PermanentError for other modes."""
        about = f"settings of {pair}"
        if await self._read_margin_mode(about) != "ISOLATED_MARGIN":
            raise PermanentError(message("bybit-not-isolated"))
        answer = await self._client.read(
            "privateGetV5PositionList", name_contract(pair), about=about
        )
        with self._client.parsing(about):
            rows = answer["result"]["list"]
            if len(rows) != 1 or int(rows[0].get("positionIdx", 0)) != 0:
                raise PermanentError(message("bybit-hedge-mode", pair=str(pair)))
            return read_number(rows[0], "leverage") or None

    async def change_leverage(self, pair: Pair, leverage: Decimal) -> None:
        about, text = f"leverage of {pair}", write_number(leverage)
        asked = {**name_contract(pair), "buyLeverage": text, "sellLeverage": text}
        answer = await self._client.ask("privatePostV5PositionSetLeverage", asked)
        code = find_code(answer, self._client.table)
        if code == _LEVERAGE_AS_IS:
            return
        if code in _NO_SUCH_LEVERAGE:
            raise PermanentError(
                message("leverage-refused", venue="Bybit", leverage=leverage, pair=str(pair))
            )
        self._client.take(answer, about=about)

    async def _read_margin_mode(self, about: str) -> str:
        account = await self._client.read("privateGetV5AccountInfo", {}, about=about)
        with self._client.parsing(about):
            return str(account["result"]["marginMode"])
