"""A cycle whose run is dead gets its receipt at once, whether it had begun or not."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.types import DateTime

from blocks.prefect.specs import TRADING_TAG
from reports.texts.catalog import render
from tasks.recovery.lost_cycles import CUT_OFF, LostRun, explain_lost
from tests.stage import PAIR, Stage
from trading.cycle import CycleOutcome, CycleRecord, floor_cycle_time
from trading.domain.alerts import AlertKind
from trading.domain.messages import plain
from trading.domain.units import Mode, VenueName

REASON = plain("Its worker was gone.")


def make_run(stage: Stage, *, tags: tuple[str, ...] = (TRADING_TAG,), **more: Any) -> FlowRun:
    return FlowRun(
        flow_id=uuid4(),
        tags=list(tags),
        parameters={"user_id": int(stage.user_id), "pair": str(PAIR), **more},
        expected_start_time=DateTime.instance(stage.now + timedelta(seconds=7)),
    )


def make_lost(stage: Stage) -> LostRun:
    lost = LostRun.from_run(make_run(stage), reason=REASON)
    assert lost is not None
    return lost


async def claim(stage: Stage, lost: LostRun) -> None:
    async with stage.database.tenant(stage.user_id) as tenant:
        venue = VenueName.PAPER
        await tenant.cycles.claim_cycle(lost.key, mode=Mode.PAPER, venue=venue, now=stage.now)


async def test_a_cycle_that_never_began_is_skipped_with_the_reason(stage: Stage) -> None:
    lost = make_lost(stage)
    with stage.in_use():
        assert await explain_lost(lost) is CycleOutcome.SKIPPED

    record = await stage.load_record()
    assert (record.outcome, record.reason) == (CycleOutcome.SKIPPED, REASON)
    assert record.key.cycle_time == floor_cycle_time(stage.now)


async def test_a_cycle_that_was_cut_off_is_interrupted_and_its_user_told(stage: Stage) -> None:
    lost = make_lost(stage)
    await claim(stage, lost)
    with stage.in_use():
        assert await explain_lost(lost) is CycleOutcome.INTERRUPTED

    assert (await stage.load_record()).outcome is CycleOutcome.INTERRUPTED
    (alert,) = [a for a in await stage.list_alerts() if a.kind is AlertKind.CYCLE_FAILED]
    assert render(CUT_OFF) in render(alert.text)


async def test_a_cycle_that_is_closed_stays_what_it_was(stage: Stage) -> None:
    lost = make_lost(stage)
    await claim(stage, lost)
    record = CycleRecord(
        key=lost.key,
        mode=Mode.PAPER,
        venue=VenueName.PAPER,
        as_of=stage.now,
        outcome=CycleOutcome.HELD,
        reason=plain("Nothing to do."),
        closed_at=stage.now,
    )
    async with stage.database.tenant(stage.user_id) as tenant:
        await tenant.cycles.close_cycle(record)
    with stage.in_use():
        assert await explain_lost(lost) is None

    assert (await stage.load_record()).outcome is CycleOutcome.HELD


@pytest.mark.parametrize("tags", [(), ("template",), ("command",)])
async def test_what_is_no_scheduled_cycle_has_no_receipt(
    stage: Stage, tags: tuple[str, ...]
) -> None:
    assert LostRun.from_run(make_run(stage, tags=tags), reason=REASON) is None
    replayed = make_run(stage, cycle_time="2026-01-01T00:00:00Z")
    assert LostRun.from_run(replayed, reason=REASON) is None
