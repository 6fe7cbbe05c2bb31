"""Attack: a caller sets the time of a cycle far ahead, to blind the watchdog and `status`."""

from datetime import timedelta

import pytest

from flows.trading_cycle import trading_cycle
from tests.stage import PAIR, Stage
from trading.domain.units import CYCLE_INTERVAL

pytestmark = pytest.mark.usefixtures("prefect_api")


@pytest.mark.parametrize("ahead", [CYCLE_INTERVAL + timedelta(seconds=1), timedelta(days=1500)])
async def test_a_cycle_ahead_is_refused_and_leaves_no_receipt(
    stage: Stage, ahead: timedelta
) -> None:
    with stage.in_use():
        state = await trading_cycle(stage.user_id, str(PAIR), stage.now + ahead, return_state=True)

    assert state.is_failed()
    async with stage.database.tenant(stage.user_id) as tenant:
        assert await tenant.cycles.load_cycle(PAIR) is None
