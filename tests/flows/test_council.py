"""The council's flows: the answer in the final state is the one that the bot reads."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from commands.council.ask import CouncilAnswer
from commands.council.flows import SeatTable, read_result
from flows.council import ask_council, list_seats
from reports.texts.catalog import render
from tasks.runtime.container import use_services
from tests.doubles.models import serve_models
from tests.flows.council_stage import VENDORS, CouncilStage
from tests.stage import Stage
from trading.domain.messages import read_state

pytestmark = pytest.mark.usefixtures("prefect_api")


@pytest.fixture
async def seats(stage: Stage) -> AsyncIterator[CouncilStage]:
    async with serve_models() as double:
        yield CouncilStage(stage=stage, double=double)


async def test_the_answer_can_be_read_again_and_was_paid_by_the_admin(
    seats: CouncilStage,
) -> None:
    seats.say("open_long", "open_long", "hold")
    user_id = seats.stage.user_id
    with use_services(replace(seats.stage.connect(), models=seats.models)):
        state = await ask_council(int(user_id), "binance", "BTC/USDT", return_state=True)
    answer = read_result(state.message or "", kind=CouncilAnswer)
    assert [one.model.vendor for one in answer.decisions] == list(VENDORS)
    assert answer.consensus.agreement == 2
    assert render(answer.consensus.reason) == "2 of 3 answers say open long (2 needed)."
    async with seats.stage.database.tenant(user_id) as tenant:
        spent = await tenant.spend.load_spent(seats.stage.now.date())
    assert spent == answer.cost_usd > 0


async def test_a_pair_that_is_not_traded_is_a_sentence(seats: CouncilStage) -> None:
    user_id = seats.stage.user_id
    with use_services(replace(seats.stage.connect(), models=seats.models)):
        state = await ask_council(int(user_id), "binance", "NOPE/USDT", return_state=True)
        nobody = await ask_council(4_000_000, "binance", "BTC/USDT", return_state=True)
    assert "NOPE/USDT" in render(read_state(state.message or ""))
    assert render(read_state(nobody.message or "")) == "There is no user 4000000."
    assert seats.double.journal == []


async def test_the_seats_can_be_read_again(seats: CouncilStage) -> None:
    seats.double.openai.retire("gpt-6-luna")
    with use_services(replace(seats.stage.connect(), models=seats.models)):
        state = await list_seats(return_state=True)
    lines = read_result(state.message or "", kind=SeatTable).lines
    assert [line.maker for line in lines] == list(VENDORS)
    assert [line.exists for line in lines] == [False, True, True]
