"""How workers are started, and what their runs are told."""

from itertools import pairwise

from cli.base.prefect_settings import CLIENT_CHOICES
from cli.stack.worker_process import build_worker_command


def test_a_worker_of_some_queues_asks_no_others() -> None:
    command = build_worker_command("w", queues=["system", "shard-3"])
    named = [after for flag, after in pairwise(command) if flag == "--work-queue"]
    assert named == ["system", "shard-3"]
    assert "--work-queue" not in build_worker_command("w")


def test_every_process_of_prefect_reads_the_time_zones_of_a_package() -> None:
    assert CLIENT_CHOICES["PYTHONTZPATH"] == ""
