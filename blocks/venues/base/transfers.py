"""Profit moved to the owner's own funding wallet, the only transfer of Quorum.

ProfitTransfer -> one post -> truth table -> Moved;  by name or mark -> state of the transfer

Decisions: from the trading wallet to the funding wallet (Binance: spot) of the same account, in
USDT, with no other destination in the code. Bybit takes our name for the transfer. Binance takes
none: at Binance the kind, the amount to the cent and the minute identify the transfer.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from blocks.venues.base.parsing import parse_instant, to_milliseconds
from blocks.venues.base.response_classifier import build_refusal, classify
from blocks.venues.base.rest_client import PrivateClient
from blocks.venues.base.rows import MALFORMED
from trading.domain.errors import TransientError
from trading.domain.messages import NO_MESSAGE, message
from trading.domain.orders import Outcome
from trading.domain.transfers import ProfitTransfer, TransferResult, TransferStatus
from trading.domain.units import to_decimal

COIN = "USDT"
SHOWN_WITHIN = timedelta(minutes=2)
"""Of our request a transfer of Binance's is ours; our clock is within half a second of theirs."""

_BINANCE_KIND = "UMFUTURE_MAIN"
_BINANCE_STATES = {"CONFIRMED": TransferStatus.DONE, "FAILED": TransferStatus.REFUSED}
_BYBIT_STATES = {"SUCCESS": TransferStatus.DONE, "FAILED": TransferStatus.REFUSED}
_ABOUT = "transfers"


class BinanceTransfers:
    """`ProfitMover` of a Binance account: USD-M futures to spot."""

    def __init__(self, client: PrivateClient) -> None:
        self._client = client

    async def move(self, transfer: ProfitTransfer) -> TransferResult:
        asked = {"type": _BINANCE_KIND, "asset": COIN, "amount": str(transfer.amount)}
        body = await _post(self._client, "sapiPostAssetTransfer", asked)
        if isinstance(body, TransferResult):
            return body
        is_named = isinstance(body, dict) and body.get("tranId")
        return TransferResult(status=TransferStatus.DONE) if is_named else _unknown(self._client)

    async def find(self, transfer: ProfitTransfer) -> TransferResult | None:
        begin, end = transfer.requested_at, transfer.requested_at + SHOWN_WITHIN
        asked = {
            "type": _BINANCE_KIND,
            "startTime": to_milliseconds(begin - timedelta(seconds=1)),
            "endTime": to_milliseconds(end),
            "size": 100,
        }
        answer = await self._client.read("sapiGetAssetTransfer", asked, about=_ABOUT)
        with self._client.parsing(_ABOUT):
            for row in answer.get("rows") or ():
                if row["asset"] != COIN or row["type"] != _BINANCE_KIND:
                    continue
                is_near = parse_instant(row["timestamp"]) <= end
                if is_near and to_decimal(row["amount"]) == transfer.amount:
                    return _read_state(row["status"], _BINANCE_STATES, self._client)
        return None


class BybitTransfers:
    """`ProfitMover` of a Bybit account: unified to funding."""

    def __init__(self, client: PrivateClient) -> None:
        self._client = client

    async def move(self, transfer: ProfitTransfer) -> TransferResult:
        asked = {
            "transferId": transfer.transfer_id,
            "coin": COIN,
            "amount": str(transfer.amount),
            "fromAccountType": "UNIFIED",
            "toAccountType": "FUND",
        }
        body = await _post(self._client, "privatePostV5AssetTransferInterTransfer", asked)
        if isinstance(body, TransferResult):
            return body
        try:
            is_ours = body["result"]["transferId"] == transfer.transfer_id
            state = body["result"].get("status", "")
        except MALFORMED:
            return _unknown(self._client)
        if not is_ours:
            return _unknown(self._client)
        return _read_state(state, _BYBIT_STATES, self._client)

    async def find(self, transfer: ProfitTransfer) -> TransferResult | None:
        asked = {"transferId": transfer.transfer_id}
        answer = await self._client.read(
            "privateGetV5AssetTransferQueryInterTransferList", asked, about=_ABOUT
        )
        with self._client.parsing(_ABOUT):
            for row in answer["result"]["list"]:
                if row["transferId"] == transfer.transfer_id:
                    return _read_state(row["status"], _BYBIT_STATES, self._client)
        return None


async def _post(client: PrivateClient, endpoint: str, asked: Mapping[str, object]) -> Any:
    """The body of a success; else the proven outcome, as `TransferResult`."""
    try:
        answer = await client.ask(endpoint, asked)
    except TransientError as error:  # the budget's: nothing was sent
        return TransferResult(status=TransferStatus.REFUSED, reason=error.message)
    outcome = classify(answer, client.table)
    if outcome is Outcome.ACCEPTED:
        return answer.json
    reason = build_refusal(answer, client.table, venue=client.name, wait=None).reason
    if outcome in {Outcome.REJECTED, Outcome.BACK_OFF}:
        return TransferResult(status=TransferStatus.REFUSED, reason=reason)
    return TransferResult(status=TransferStatus.UNKNOWN, reason=reason)


def _read_state(
    text: str, states: Mapping[str, TransferStatus], client: PrivateClient
) -> TransferResult:
    if text not in states:
        return _unknown(client)
    status = states[text]
    is_done = status is TransferStatus.DONE
    return TransferResult(
        status=status,
        reason=NO_MESSAGE if is_done else message("transfer-not-moved", venue=client.name),
    )


def _unknown(client: PrivateClient) -> TransferResult:
    return TransferResult(
        status=TransferStatus.UNKNOWN, reason=message("transfer-unknown", venue=client.name)
    )
