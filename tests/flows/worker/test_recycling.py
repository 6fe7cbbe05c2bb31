"""Limits that recycle a warm worker."""

from pathlib import Path

import pytest

from flows.worker.recycling import RecyclingPolicy
from flows.worker.settings import WorkerSettings


def make_policy(root: Path, **limits: float) -> RecyclingPolicy:
    return RecyclingPolicy(
        limits=WorkerSettings.model_validate({"watch_code": True, **limits}), root=root
    )


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"max_runs": 3}, "it has taken 3 runs"),
        ({"max_seconds": 0.0}, "it is 0.0 h old"),
        ({"max_mb": 1.0}, "MB"),
    ],
)
def test_each_limit_is_a_reason(tmp_path: Path, limits: dict[str, float], reason: str) -> None:
    policy = make_policy(tmp_path, **limits)
    policy.runs = 3
    assert reason in str(policy.find_reason())


def test_a_fresh_process_goes_on(tmp_path: Path) -> None:
    assert make_policy(tmp_path).find_reason() is None


def test_new_code_counts_once_it_stands_still(tmp_path: Path) -> None:
    file = tmp_path / "flows" / "some.py"
    file.parent.mkdir()
    file.write_text("one = 1\n")
    policy = make_policy(tmp_path)
    assert policy.find_reason() is None
    file.write_text("one = 1  # half\n")
    assert policy.find_reason() is None
    assert policy.find_reason() == "its code has changed"


def test_code_may_be_left_alone(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    policy = make_policy(tmp_path, watch_code=0)
    (tmp_path / "flows" / "new.py").write_text("one = 1\n")
    assert [policy.find_reason() for _ in range(3)] == [None] * 3


def test_the_environment_sets_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUORUM_WORKER_MAX_RUNS", "7")
    monkeypatch.setenv("QUORUM_WORKER_MAX_SECONDS", "8")
    monkeypatch.setenv("QUORUM_WORKER_MAX_MB", "9")
    monkeypatch.setenv("QUORUM_WORKER_WATCH_CODE", "0")
    limits = WorkerSettings()
    assert (limits.max_runs, limits.max_seconds, limits.max_mb) == (7, 8, 9)
    assert not limits.watch_code
