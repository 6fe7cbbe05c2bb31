"""An answer without its optional fields, with odd rows and foreign fees, stops nothing of ours."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from reports.texts.catalog import render, tell
from tests.blocks.venues.venue_cases import BTC, World, open_world
from tests.doubles.venue.faults import Action, Fault
from trading.domain.errors import BadInput, PermanentError, TransientError
from trading.domain.orders import Leg, OrderStatus, Outcome
from trading.domain.units import Pair, PositionSide, VenueName

BINANCE, BYBIT = VenueName.BINANCE, VenueName.BYBIT
FORMS: list[Any] = ["", "x1", None, [], {}, True]


@pytest_asyncio.fixture
async def binance() -> AsyncIterator[World]:
    async with open_world(BINANCE) as world:
        yield world


@pytest_asyncio.fixture
async def bybit() -> AsyncIterator[World]:
    async with open_world(BYBIT) as world:
        yield world


@pytest_asyncio.fixture(params=[BINANCE, BYBIT])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with open_world(request.param) as opened:
        yield opened


def answer(world: World, where: str, body: Any, *, times: int = 1, status: int = 200) -> None:
    world.server.faults.append(
        Fault(where=where, action=Action.ANSWER, status=status, body=json.dumps(body), times=times)
    )


def answer_list(world: World, where: str, rows: list[Any], *, times: int = 1) -> None:
    body: Any = rows
    if world.name is BYBIT:
        result = {"list": rows, "nextPageCursor": ""}
        body = {"retCode": 0, "retMsg": "OK", "result": result, "time": 1}
    answer(world, where, body, times=times)


# Kind 1: an optional field is missing.


@pytest.mark.parametrize("seed", range(8))
async def test_an_order_is_accepted_whatever_its_answer_leaves_out(
    world: World, seed: int
) -> None:
    world.server.dialect.random.seed(seed)
    for leg, price in ((Leg.ENTRY, None), (Leg.STOP, "99000"), (Leg.TARGET, "102000")):
        placement = await world.exchange.place_order(world.intend(leg, price=price))
        assert placement.outcome is Outcome.ACCEPTED
    resting = await world.exchange.fetch_open_orders(BTC)
    assert all(order.reduce_only and order.trigger_price for order in resting)


@pytest.mark.parametrize("form", FORMS)
async def test_odd_optional_fields_of_an_accepted_order_don_t_matter(
    binance: World, form: Any
) -> None:
    intent = binance.intend()
    body = {"orderId": 7, "symbol": "BTCUSDT", "clientOrderId": intent.client_order_id}
    answer(binance, "POST /fapi/v1/order$", {**body, "status": form, "executedQty": form})
    placement = await binance.exchange.place_order(intent)
    assert placement.outcome is Outcome.ACCEPTED


async def test_an_average_price_comes_from_the_cost_when_reads_leave_it_out(
    binance: World,
) -> None:
    intent = binance.intend()
    await binance.exchange.place_order(intent)
    row = {"orderId": 7, "symbol": "BTCUSDT", "clientOrderId": intent.client_order_id,
           "status": "FILLED", "side": "BUY", "origQty": "0.01", "executedQty": "0.01",
           "cumQuote": "1000"}  # fmt: skip
    answer(binance, "GET /fapi/v1/order$", row)
    found = await binance.exchange.find_order(BTC, intent.client_order_id)
    assert found is not None
    assert found.status is OrderStatus.FILLED
    assert found.average_fill_price == 100_000


# Kind 2: an accounting detail.


async def test_a_fee_in_bnb_is_booked_in_its_asset_and_in_the_quote(binance: World) -> None:
    binance.account.fee_asset = "BNB"
    binance.server.engine.price["BNBUSDT"] = Decimal(500)
    await binance.exchange.place_order(binance.intend())
    (fill,) = await binance.exchange.fetch_fills(BTC, since=binance.start)
    assert (fill.fee, fill.fee_asset, fill.fee_amount) == (
        Decimal("0.5"), "BNB", Decimal("0.001"))  # fmt: skip


async def test_a_fee_whose_price_is_not_told_is_estimated(binance: World) -> None:
    binance.account.fee_asset = "BNB"
    await binance.exchange.place_order(binance.intend())
    answer(binance, "GET /fapi/v1/premiumIndex", {"code": -1121, "msg": "Invalid."}, status=400)
    (fill,) = await binance.exchange.fetch_fills(BTC, since=binance.start)
    assert fill.fee == Decimal("0.5")
    assert fill.fee_asset == "BNB"


async def test_a_dollar_asset_of_multi_assets_mode_needs_no_price(binance: World) -> None:
    binance.account.fee_asset = "BNFCR"
    binance.server.engine.price["BNFCRUSDT"] = Decimal(1)
    await binance.exchange.place_order(binance.intend())
    (fill,) = await binance.exchange.fetch_fills(BTC, since=binance.start)
    assert (fill.fee, fill.fee_asset) == (Decimal("0.5"), "BNFCR")
    assert binance.server.count("GET /fapi/v1/premiumIndex") == 0


EXECUTION = {
    "execId": "e-1", "orderId": "o-1", "orderLinkId": "", "symbol": "BTCUSDT", "side": "Buy",
    "execType": "Trade", "execPrice": "100000", "execQty": "0.010",
}  # fmt: skip


@pytest.mark.parametrize(
    ("odd", "rate", "fee"),
    [
        ({}, "0.0003", "0.3"),  # the account's own rate
        ({"execFee": ""}, None, "0.55"),  # which can't be read either: that of a new account
        ({"execFee": "0.4", "feeCurrency": 1}, None, "0.4"),
        ({"execFee": "0.4", "feeCurrency": ["USDT"]}, None, "0.4"),
    ],
)
async def test_a_fee_that_is_missing_or_odd_stops_no_fill(
    bybit: World, odd: dict[str, Any], rate: str | None, fee: str
) -> None:
    row = {**EXECUTION, "execTime": str(bybit.clock.ms), **odd}
    answer_list(bybit, "GET /v5/execution/list", [row])
    if rate is None:
        answer(bybit, "GET /v5/account/fee-rate", {"retCode": 10016}, times=9)
    else:
        bybit.account.taker_rate = Decimal(rate)
    (fill,) = await bybit.exchange.fetch_fills(BTC, since=bybit.start)
    assert fill.fee == Decimal(fee)
    assert fill.fee_asset is None


async def test_a_commission_that_is_missing_is_estimated_at_the_account_s_rate(
    binance: World,
) -> None:
    row = {"id": 7, "orderId": 8, "symbol": "BTCUSDT", "side": "BUY", "price": "100000",
           "qty": "0.010", "time": binance.clock.ms}  # fmt: skip
    binance.account.taker_rate = Decimal("0.0003")
    answer(binance, "GET /fapi/v1/userTrades", [row])
    (fill,) = await binance.exchange.fetch_fills(BTC, since=binance.start)
    assert (fill.fee, fill.fee_asset) == (Decimal("0.3"), None)


@pytest.mark.parametrize(("kind", "is_odd"), [("", True), ("Sale", True), ("BlockTrade", False)])
async def test_an_execution_of_an_unlisted_kind_is_an_unreadable_row(
    bybit: World, kind: str, *, is_odd: bool
) -> None:
    row = {**EXECUTION, "execTime": str(bybit.clock.ms), "execType": kind}
    answer_list(bybit, "GET /v5/execution/list", [row])
    assert await bybit.exchange.fetch_fills(BTC, since=bybit.start) == ()
    assert bool(bybit.exchange.oddities) == is_odd


# Kind 3: one strange row.


def _position(world: World, **odd: Any) -> dict[str, Any]:
    if world.name is BINANCE:
        return {"symbol": "BTCUSDT", "positionAmt": "0.010", "entryPrice": "100000", **odd}
    return {"symbol": "BTCUSDT", "side": "Buy", "size": "0.010", "avgPrice": "100000",
            "positionIdx": 0, "leverage": "", **odd}  # fmt: skip


STRANGE: list[Any] = [
    {"symbol": "ETHUSDT", "positionIdx": 1, "positionSide": "LONG", "positionAmt": "1",
     "size": "1", "side": "Buy"},
    {"symbol": "ETHUSDT"},
    {"symbol": None, "positionAmt": "1"},
    "nonsense",
    {"symbol": "币USDT", "positionAmt": "1", "size": "1", "side": "Buy"},
]  # fmt: skip


@pytest.mark.parametrize("strange", STRANGE)
async def test_a_strange_row_leaves_our_own_position_readable(world: World, strange: Any) -> None:
    answer_list(world, "GET .*(positionRisk|position/list)$", [strange, _position(world)])
    (position,) = await world.exchange.fetch_positions()
    assert (position.pair, position.side, position.quantity) == (
        BTC, PositionSide.LONG, Decimal("0.010"))  # fmt: skip
    assert position.leverage == 1
    assert any(name.startswith("positions") for name in world.exchange.oddities)


async def test_the_note_of_a_strange_row_goes_with_the_row(world: World) -> None:
    answer_list(world, "GET .*(positionRisk|position/list)$", [STRANGE[0]])
    await world.exchange.fetch_positions()
    assert list(world.exchange.oddities) == ["positions ETHUSDT"]
    assert list(map(str, world.exchange.oddities.values())) == [
        f"{world.exchange._client.name} shows a row of the positions (ETHUSDT) that can't be read."
    ]
    await world.exchange.fetch_positions()
    assert world.exchange.oddities == {}


@pytest.mark.parametrize("body", ["x", {}, {"result": {}}, {"retCode": 0, "result": None}])
async def test_an_answer_that_is_no_list_is_no_flat_account(world: World, body: Any) -> None:
    answer(world, "GET .*(positionRisk|position/list)$", body)
    with pytest.raises(TransientError):
        await world.exchange.fetch_positions()


@pytest.mark.parametrize("where", ["leverageBracket", "symbolConfig", "commissionRate"])
@pytest.mark.parametrize("rows", [[], [{}], [{"symbol": "ETHUSDT"}], ["BTCUSDT"], {"symbol": 1}])
async def test_settings_without_our_row_are_an_unknown_answer(
    binance: World, where: str, rows: Any
) -> None:
    answer(binance, f"GET .*{where}", rows)
    is_rate = where == "commissionRate"
    with pytest.raises(TransientError, match="in an unknown form"):
        await (
            binance.exchange.fetch_fee_rates(BTC)
            if is_rate
            else binance.exchange.set_leverage(BTC, Decimal(2))
        )


# Kind 4 and 6: our rules never stop what reduces, and a contradiction drops them.


async def test_an_exit_is_posted_off_our_step_and_above_our_maximum(world: World) -> None:
    for number, quantity in enumerate(("0.0005", "5000")):
        exit_ = world.intend(Leg.EXIT, quantity=quantity, attempt=number)
        placement = await world.exchange.place_order(exit_)
        assert placement.outcome is Outcome.REJECTED  # by the venue: there is no position
        assert exit_.client_order_id in world.server.posted


async def test_an_exit_is_posted_though_the_rules_can_t_be_read(world: World) -> None:
    await world.exchange.place_order(world.intend())
    world.market.forget_instrument(BTC)  # type: ignore[attr-defined]
    answer(world, "GET .*(exchangeInfo|instruments-info)", {"symbols": []}, times=9)
    placement = await world.exchange.place_order(world.intend(Leg.EXIT))
    assert placement.outcome is Outcome.ACCEPTED


async def test_a_filter_code_drops_the_cached_rules(world: World) -> None:
    where = "exchangeInfo" if world.name is BINANCE else "instruments-info"
    await world.market.fetch_instrument(BTC, as_of=world.clock())
    code = {"code": -4014, "msg": ""} if world.name is BINANCE else {"retCode": 10001}
    status = 400 if world.name is BINANCE else 200
    answer(world, "POST", code, status=status)
    placement = await world.exchange.place_order(world.intend(Leg.STOP, price="99000"))
    assert (placement.outcome, placement.has_stale_rules) == (Outcome.REJECTED, True)
    asked = sum(where in line for line in world.server.requests)
    await world.market.fetch_instrument(BTC, as_of=world.clock())
    assert sum(where in line for line in world.server.requests) == asked + 1


# Kind 7: whose limit, and a ban without a header.


async def test_an_account_s_limit_does_not_stop_the_address(world: World) -> None:
    code = {"code": -1015, "msg": ""} if world.name is BINANCE else {"retCode": 10006}
    answer(world, "POST", code, status=429 if world.name is BINANCE else 200)
    placement = await world.exchange.place_order(world.intend())
    assert placement.outcome is Outcome.BACK_OFF
    assert "of this account" in render(placement.reason)
    assert world.exchange._client._budget._window.blocked_until == 0  # type: ignore[attr-defined]
    with pytest.raises(TransientError, match="this account"):
        await world.exchange.fetch_positions()


@pytest.mark.parametrize(("status", "seconds"), [(418, 120), (429, 60)])
async def test_a_ban_without_retry_after_is_a_ban(
    binance: World, status: int, seconds: int
) -> None:
    answer(binance, "GET .*positionRisk", {"code": -1003, "msg": ""}, status=status)
    with pytest.raises(TransientError):
        await binance.exchange.fetch_positions()
    blocked = binance.exchange._client._budget._window.blocked_until  # type: ignore[attr-defined]
    assert seconds - 1 <= blocked - binance.clock().timestamp() <= seconds


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (451, "Unavailable"),
        (403, "<H1>CloudFront</H1> distribution is configured to block access from your country"),
    ],
)
async def test_a_country_block_is_told_as_that(world: World, status: int, body: str) -> None:
    fault = Fault(where="GET", action=Action.ANSWER, status=status, body=body)
    world.server.faults.append(fault)
    with pytest.raises(TransientError) as told:
        await world.exchange.fetch_positions()
    name = world.exchange._client.name
    assert tell(told.value) == (
        f"{name} gave no positions: status {status}: it does not serve the country of this server."
    )
    assert world.exchange._client._budget._window.blocked_until == 0  # type: ignore[attr-defined]


async def test_a_region_code_is_told_as_that(bybit: World) -> None:
    answer(bybit, "GET", {"retCode": 10024, "retMsg": "Compliance rules triggered"})
    with pytest.raises(TransientError, match="the country of this account or server"):
        await bybit.exchange.fetch_positions()


# Kind 8: our clock.


@pytest.mark.parametrize("skew_ms", [-1_600, -90_000, 7_000, 3_600_000])
async def test_what_reduces_and_reads_works_with_a_wrong_clock(world: World, skew_ms: int) -> None:
    await world.exchange.place_order(world.intend())
    world.server.dialect.skew_ms = skew_ms
    assert len(await world.exchange.fetch_positions()) == 1
    stop = await world.exchange.place_order(world.intend(Leg.STOP, price="99000"))
    placed = await world.exchange.place_order(world.intend(Leg.EXIT))
    assert (stop.outcome, placed.outcome) == (Outcome.ACCEPTED, Outcome.ACCEPTED)
    world.exchange._client.time.measured_at = None
    refused = await world.exchange.place_order(world.intend(attempt=1))
    assert refused.outcome is Outcome.BACK_OFF
    assert "Our clock differs from" in render(refused.reason)


# Kind 9 and 12.


@pytest.mark.parametrize("state", ["FINISHED", "TRIGGERED", "EXPIRED", "REJECTED"])
async def test_a_stop_that_is_over_does_not_rest(binance: World, state: str) -> None:
    await binance.exchange.place_order(binance.intend())
    stop = binance.intend(Leg.STOP, price="99000")
    row = {"algoId": 9, "clientAlgoId": stop.client_order_id, "orderType": "STOP_MARKET",
           "symbol": "BTCUSDT", "side": "SELL", "quantity": "0.010", "algoStatus": state,
           "actualOrderId": "77", "triggerPrice": "99000"}  # fmt: skip
    answer(binance, "GET /fapi/v1/openAlgoOrders", [row])
    answer(binance, "GET /fapi/v1/algoOrder", row)
    assert await binance.exchange.fetch_open_orders(BTC) == ()
    found = await binance.exchange.find_order(BTC, stop.client_order_id)
    assert found is not None
    assert found.status.is_final
    assert found.filled_quantity == 0


async def test_more_than_a_page_of_trades_of_one_millisecond_are_all_read(binance: World) -> None:
    binance.server.engine.pieces = 1_150
    await binance.exchange.place_order(binance.intend(quantity="1.150"))
    fills = await binance.exchange.fetch_fills(BTC, since=binance.start - timedelta(hours=1))
    assert len({fill.filled_at for fill in fills}) == 1
    assert len(fills) == 1_150


@pytest.mark.parametrize("text", ["BTC/USDT:USDT-251226", "ETH/USDT:USDT-260327", "BTC/USDT:BTC"])
def test_a_dated_contract_is_not_the_perpetual(text: str) -> None:
    with pytest.raises(BadInput, match="perpetual"):
        Pair.parse(text)
    assert Pair.parse("BTC/USDT:USDT") == BTC


async def test_a_cheap_coin_hints_at_its_contract(binance: World) -> None:
    symbols = [{"symbol": name} for name in ("1000PEPEUSDT", "SHIB1000USDT", "1000000MOGUSDT")]
    answer(binance, "GET /fapi/v1/exchangeInfo", {"symbols": symbols}, times=4)
    for base, hint in (
        ("PEPE", " 1000PEPE/USDT is its contract of 1000 PEPE."),
        ("SHIB", " SHIB1000/USDT is its contract of 1000 SHIB."),
        ("MOG", " 1000000MOG/USDT is its contract of 1000000 MOG."),
        ("NONE", ""),
    ):
        with pytest.raises(PermanentError) as told:
            await binance.market.fetch_instrument(Pair(base, "USDT"), as_of=binance.clock())
        expected = f"Binance does not trade a perpetual of {base}/USDT.{hint}"
        assert tell(told.value) == expected


# Accounts.


async def test_a_demo_key_of_bybit_is_checked_without_the_user_endpoints() -> None:
    async with open_world(BYBIT) as world:
        world.server.dialect.is_demo = True  # type: ignore[union-attr]
        with pytest.raises(TransientError):
            await world.exchange.check_key()
        world.exchange._settings._is_demo = True  # type: ignore[attr-defined]
        await world.exchange.check_key()


async def test_a_flat_pair_in_cross_margin_is_switched_to_isolated(binance: World) -> None:
    binance.account.is_isolated = False
    await binance.exchange.set_leverage(BTC, Decimal(2))
    assert binance.account.is_isolated
    await binance.exchange.place_order(binance.intend())
    binance.account.is_isolated = False
    with pytest.raises(PermanentError, match="has a position or orders there"):
        await binance.exchange.set_leverage(BTC, Decimal(3))


async def test_unsuitable_accounts_are_refused_with_the_place_to_change_them(
    binance: World, bybit: World
) -> None:
    binance.account.is_hedged = binance.account.is_multi = True
    with pytest.raises(PermanentError) as told:
        await binance.exchange.check_key()
    assert tell(told.value) == (
        "The Binance key can't be used as it is. What to change: switch the account to one-way "
        "mode (Futures, Preferences, Position Mode); switch the account to single-asset mode "
        "(Futures, Preferences, Asset Mode)."
    )
    bybit.account.is_portfolio = True
    with pytest.raises(PermanentError, match="portfolio margin, which Quorum can't trade"):
        await bybit.exchange.check_key()
