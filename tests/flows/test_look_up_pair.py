"""Looking a pair up: its rules are in the database afterwards, or a sentence says why not."""

from typing import cast

from prefect.client.schemas.objects import State

from flows.look_up_pair import look_up_pair
from tasks.runtime.container import use_services
from tests.prefect_server import PrefectServer
from tests.stage import Stage
from trading.domain.instruments import Instrument
from trading.domain.units import Pair, VenueName


async def look_up(stage: Stage, pair: str) -> State[None]:
    with use_services(stage.connect()):
        state = await look_up_pair("binance", pair, return_state=True)
        return cast("State[None]", state)


async def load_rules(stage: Stage, pair: Pair) -> Instrument | None:
    async with stage.database.operator() as operator:
        return await operator.instruments.load_instrument(VenueName.BINANCE, pair=pair)


async def test_the_rules_of_a_pair_are_kept(stage: Stage, prefect_api: PrefectServer) -> None:
    state = await look_up(stage, "BTC/USDT")

    assert state.is_completed(), state.message
    rules = await load_rules(stage, Pair("BTC", "USDT"))
    assert rules is not None
    assert rules.venue is VenueName.BINANCE


async def test_a_pair_that_is_not_traded_is_a_sentence(
    stage: Stage, prefect_api: PrefectServer
) -> None:
    state = await look_up(stage, "NOPE/USDT")

    assert state.is_failed()
    assert "NOPE/USDT" in (state.message or "")
    assert await load_rules(stage, Pair("NOPE", "USDT")) is None
