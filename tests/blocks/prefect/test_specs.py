"""What each deployment should be: names, spread of the starts, prefect.yaml, parameter schemas."""

from collections import Counter
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prefect import Flow
from prefect.utilities.callables import parameter_schema

from blocks.prefect.specs import (
    EPOCH,
    QUEUE_PRIORITIES,
    USER_SPREAD,
    DeploymentSpec,
    build_pair_spec,
    build_parameter_schema,
    compute_offset,
    find_shard,
    list_queues,
    load_specs,
)
from tests.pair_configs import make_config
from trading.domain.errors import PermanentError
from trading.domain.units import CYCLE_INTERVAL, Pair, UserId

PREFECT_YAML = Path(__file__).resolve().parents[3] / "prefect.yaml"
SPECS = {spec.full_name: spec for spec in load_specs(PREFECT_YAML)}

users = st.integers(min_value=1, max_value=10**9).map(UserId)
pairs = st.sampled_from([Pair(base, "USDT") for base in ("BTC", "ETH", "SOL", "XRP", "1INCH")])


@given(user_id=users, pair=pairs)
def test_start_falls_into_the_slot(user_id: UserId, pair: Pair) -> None:
    assert timedelta(0) <= compute_offset(user_id, pair) < CYCLE_INTERVAL


@given(pair=pairs, first=users, second=users)
def test_users_of_one_pair_start_within_two_minutes(
    pair: Pair, first: UserId, second: UserId
) -> None:
    assert abs(compute_offset(first, pair) - compute_offset(second, pair)) < USER_SPREAD


def test_starts_of_many_users_are_spread_evenly() -> None:
    minutes = Counter(
        compute_offset(UserId(user), Pair("BTC", "USDT")) // timedelta(minutes=1)
        for user in range(1, 1001)
    )

    assert max(minutes.values()) < 600  # 500 a minute if it were perfect


def test_starts_of_pairs_do_not_fall_together() -> None:
    pairs = [Pair(f"COIN{number}", "USDT") for number in range(20)]

    offsets = {compute_offset(UserId(1), pair) // timedelta(minutes=1) for pair in pairs}

    assert len(offsets) > 10


def test_spread_is_the_same_on_every_machine() -> None:
    assert compute_offset(UserId(1), Pair("BTC", "USDT")) == timedelta(minutes=23, seconds=53)


def test_pairs_are_spread_evenly_over_the_shards() -> None:
    shards = Counter(
        find_shard(UserId(user), Pair("BTC", "USDT"), shards=8) for user in range(4000)
    )

    assert set(shards) < set(list_queues(8))
    assert len(shards) == 8
    assert max(shards.values()) < 600  # 500 each if it were perfect


def test_a_shard_has_starts_in_each_moment_of_the_spread() -> None:
    pair = Pair("BTC", "USDT")
    first = [UserId(u) for u in range(2000) if find_shard(UserId(u), pair, shards=8) == "shard-0"]

    assert len({compute_offset(user, pair) % timedelta(seconds=8) for user in first}) == 8


def test_a_shard_is_the_same_on_every_machine() -> None:
    assert find_shard(UserId(1), Pair("BTC", "USDT"), shards=8) == "shard-1"


def test_one_shard_takes_everything() -> None:
    assert build_pair_spec(make_config(9, Pair("BTC", "USDT"))).queue == "shard-0"
    assert list_queues(1) == QUEUE_PRIORITIES


def test_pair_spec_is_paused_as_its_config_unless_told_otherwise() -> None:
    running = make_config(1, Pair("BTC", "USDT"))
    paused = make_config(1, Pair("BTC", "USDT"), is_paused=True)

    assert not build_pair_spec(running).is_paused
    assert build_pair_spec(paused).is_paused
    assert build_pair_spec(running, is_paused=True).is_paused
    assert not build_pair_spec(paused, is_paused=False).is_paused


def test_anchor_is_a_multiple_of_every_interval_away_from_the_epoch() -> None:
    assert EPOCH.timestamp() % CYCLE_INTERVAL.total_seconds() == 0


def test_prefect_yaml_declares_the_system_s_deployments() -> None:
    assert set(SPECS) == {
        "trading-cycle/main",
        "reconcile/reconcile",
        "watchdog/watchdog",
        "reaper/reaper",
        "close-positions/close-positions",
        "verify-account/verify-account",
        "look-up-pair/look-up-pair",
        "ask-council/ask-council",
        "list-seats/list-seats",
    }


def test_pattern_of_the_cycle_never_runs_by_itself() -> None:
    main = SPECS["trading-cycle/main"]

    assert main.schedule is not None
    assert not main.schedule.is_active
    assert main.tags != ("trading",)  # or `sync` would take it for a pair that is gone


@pytest.mark.parametrize("name", ["reconcile/reconcile", "watchdog/watchdog"])
def test_watchers_run_every_five_minutes_one_at_a_time(name: str) -> None:
    spec = SPECS[name]

    assert spec.schedule is not None
    assert spec.schedule.is_active
    assert spec.schedule.interval == timedelta(minutes=5)
    assert spec.is_single
    assert spec.queue == "system"


@pytest.mark.parametrize(
    "name",
    [
        "close-positions/close-positions",
        "verify-account/verify-account",
        "look-up-pair/look-up-pair",
        "ask-council/ask-council",
        "list-seats/list-seats",
    ],
)
def test_what_a_person_asks_for_waits_for_nobody(name: str) -> None:
    spec = SPECS[name]

    assert spec.schedule is None
    assert not spec.is_single
    assert spec.queue == "interactive"


@pytest.mark.parametrize("spec", SPECS.values(), ids=str)
def test_every_queue_is_one_that_is_made(spec: DeploymentSpec) -> None:
    assert spec.queue in QUEUE_PRIORITIES


@pytest.mark.parametrize("spec", SPECS.values(), ids=lambda spec: spec.full_name)
def test_entrypoint_is_the_flow_and_takes_what_the_schema_says(spec: DeploymentSpec) -> None:
    module, _, function = spec.entrypoint.rpartition(".")
    flow: Flow[..., Any] = getattr(import_module(module), function)
    declared = parameter_schema(flow.fn)

    ours = build_parameter_schema(spec.flow)

    assert flow.name == spec.flow
    assert list(ours["properties"]) == list(declared.properties)
    assert ours["required"] == declared.required
    for name, parameter in ours["properties"].items():
        kinds = {"type", "format", "anyOf", "default"}
        expected = {k: v for k, v in declared.properties[name].items() if k in kinds}
        assert {k: v for k, v in parameter.items() if k in kinds} == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("deployments: 5", "not a list of deployments"),
        ("deployments: [{name: x}]", "not a list of deployments"),
        ("nothing: here", "not a list of deployments"),
        (
            "deployments: [{name: x, work_pool: {name: other}}]",
            "asks for the pool other",
        ),
        (
            "deployments: [{name: x, work_pool: {name: quorum}, concurrency_limit: {limit: 9}}]",
            "has a concurrency limit other than",
        ),
        ("deployments: [{name: x, schedules: [{}, {}]}]", "has 2 schedules, we read one"),
    ],
)
def test_file_that_can_not_be_read_is_one_sentence(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "prefect.yaml"
    path.write_text(text)

    with pytest.raises(PermanentError, match=complaint):
        load_specs(path)


def test_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="can't be read"):
        load_specs(tmp_path / "prefect.yaml")
