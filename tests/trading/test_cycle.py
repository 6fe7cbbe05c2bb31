"""A cycle's identity in time, and when it is too late for one."""

from datetime import timedelta

import pytest

from tests.trading.builders import BTC, NOW, USER
from trading.cycle import CycleKey, CycleOutcome, CycleRecord, floor_cycle_time, is_stale
from trading.domain.messages import plain
from trading.domain.units import Mode, VenueName


@pytest.mark.parametrize(("minutes", "floor"), [(0, 0), (29, 0), (30, 30), (59, 30), (-1, -30)])
def test_a_cycle_is_known_by_its_half_hour(minutes: int, floor: int) -> None:
    cycle_time = floor_cycle_time(NOW + timedelta(minutes=minutes, seconds=0))
    assert cycle_time == NOW + timedelta(minutes=floor)


def test_the_interval_may_be_another() -> None:
    late = NOW + timedelta(minutes=14)
    assert floor_cycle_time(late, interval=timedelta(minutes=5)) == NOW + timedelta(minutes=10)


def test_a_cycle_may_start_up_to_its_grace_late() -> None:
    assert not is_stale(NOW, now=NOW + timedelta(minutes=10))
    assert is_stale(NOW, now=NOW + timedelta(minutes=10, microseconds=1))
    assert not is_stale(NOW, now=NOW - timedelta(minutes=1))
    assert is_stale(NOW, now=NOW + timedelta(seconds=2), grace=timedelta(seconds=1))


def test_lateness_needs_real_instants() -> None:
    with pytest.raises(ValueError, match="scheduled_at must be aware UTC"):
        is_stale(NOW.replace(tzinfo=None), now=NOW)
    with pytest.raises(ValueError, match="now must be aware UTC"):
        is_stale(NOW, now=NOW.replace(tzinfo=None))


def test_a_key_needs_a_real_instant() -> None:
    with pytest.raises(ValueError, match="cycle_time must be aware UTC"):
        CycleKey(user_id=USER, pair=BTC, cycle_time=NOW.replace(tzinfo=None))


def test_a_record_of_a_cycle_that_did_nothing_is_one() -> None:
    record = CycleRecord(
        key=CycleKey(user_id=USER, pair=BTC, cycle_time=NOW),
        mode=Mode.PAPER,
        venue=VenueName.PAPER,
        as_of=NOW,
        outcome=CycleOutcome.SKIPPED,
        reason=plain("It came too late."),
    )
    assert (record.orders, record.decisions, dict(record.indicators)) == ((), (), {})
    assert record.news.items == ()
