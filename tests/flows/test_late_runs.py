"""Late runs: too late to start, unless a person asked for the run."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.types import DateTime

from blocks.prefect.specs import TRADING_TAG
from flows.late_runs import is_late
from trading.domain.units import CYCLE_INTERVAL

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "scheduled", "tags", "late"),
    [
        (29, True, [], False),
        (30, True, [], True),
        (180, False, [], False),
        (180, False, ["command"], False),
        (30, False, [TRADING_TAG], True),
    ],
)
def test_a_run_is_late_once_its_successor_is_due(
    minutes: int, scheduled: bool, tags: list[str], late: bool
) -> None:
    due = DateTime.instance(NOW - timedelta(minutes=minutes))
    run = FlowRun(
        flow_id=uuid4(), auto_scheduled=scheduled, tags=tags, next_scheduled_start_time=due
    )
    assert is_late(run, now=NOW, by=CYCLE_INTERVAL) is late


def test_a_run_without_a_scheduled_time_is_never_late() -> None:
    run = FlowRun(flow_id=uuid4(), auto_scheduled=True, tags=[TRADING_TAG])
    assert not is_late(run, now=NOW, by=CYCLE_INTERVAL)
