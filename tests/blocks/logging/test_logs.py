"""Logs: JSON that says whose cycle a line is about, and holds no secret."""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from blocks.logging import logs
from blocks.logging.logs import ProcessLog, bind_cycle, build_formatter, open_process_log
from blocks.logging.scrubbing import Scrubber, list_secret_values

CYCLE = datetime(2025, 3, 1, 12, tzinfo=UTC)
TOKEN = "123456789:" + "A" * 35


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger as it was, afterwards."""
    logger = logging.getLogger()
    handlers, level = list(logger.handlers), logger.level
    logger.setLevel(logging.INFO)
    yield logger
    for handler in set(logger.handlers) - set(handlers):
        handler.close()
    logger.handlers, logger.level = handlers, level
    for name in ("prefect", "prefect.flow_runs", "prefect.task_runs"):
        kept = logging.getLogger(name)
        kept.handlers = [one for one in kept.handlers if not isinstance(one, ProcessLog)]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_is_json_with_time_level_and_logger(root: logging.Logger, tmp_path: Path) -> None:
    path = open_process_log(tmp_path / "logs", process="worker", scrubber=Scrubber())
    logging.getLogger("tasks.recovery.position_guard").warning("User %s is late.", 3)
    (line,) = lines(path)
    assert (line["event"], line["level"], line["logger"]) == (
        "User 3 is late.",
        "warning",
        "tasks.recovery.position_guard",
    )
    assert line["timestamp"].endswith("Z")
    assert path.parent.stat().st_mode & 0o777 == 0o700


async def test_every_line_of_a_cycle_says_whose_it_is(
    root: logging.Logger, tmp_path: Path
) -> None:
    path = open_process_log(tmp_path, process="worker", scrubber=Scrubber())

    async def run(user: int) -> None:
        bind_cycle(user=user, pair="BTC/USDT", cycle=CYCLE)
        await asyncio.sleep(0)
        logging.getLogger("ccxt").warning("slow")

    await asyncio.gather(run(1), run(2))
    logging.getLogger("x").warning("outside")

    users = [line.get("user") for line in lines(path)]
    assert set(users[:2]) == {1, 2}
    assert users[2:] == [None]
    assert lines(path)[0]["cycle"] == "2025-03-01T12:00:00+00:00"


def test_a_second_call_writes_no_line_twice(root: logging.Logger, tmp_path: Path) -> None:
    open_process_log(tmp_path, process="worker", scrubber=Scrubber())
    path = open_process_log(tmp_path, process="worker", scrubber=Scrubber())
    logging.getLogger("x").warning("once")
    assert len(lines(path)) == 1


def test_each_process_has_a_file_of_its_own(root: logging.Logger, tmp_path: Path) -> None:
    """A rotating file has one writer; who comes later takes the first name that is free."""
    first = ProcessLog(tmp_path, process="worker")
    second = ProcessLog(tmp_path, process="worker")
    path = open_process_log(tmp_path, process="worker", scrubber=Scrubber())
    names = [Path(log.baseFilename).name for log in (first, second)]
    assert [*names, path.name] == ["worker.jsonl", "worker-2.jsonl", "worker-3.jsonl"]
    first.close()
    first.close()
    again = ProcessLog(tmp_path, process="worker")
    assert Path(again.baseFilename).name == "worker.jsonl"
    again.close()
    second.close()


def test_another_process_does_not_get_it_either(tmp_path: Path) -> None:
    code = "import sys, pathlib, blocks.logging.logs as logs;"
    code += "print(logs.ProcessLog(pathlib.Path(sys.argv[1]), process='bot').baseFilename)"
    ours = ProcessLog(tmp_path, process="bot")
    theirs = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], check=True, capture_output=True, text=True
    )
    assert Path(theirs.stdout.strip()).name == "bot-2.jsonl"
    ours.close()


def test_it_rotates(root: logging.Logger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LOG_BYTES", 500)
    path = open_process_log(tmp_path, process="worker", scrubber=Scrubber())
    for number in range(60):
        logging.getLogger("x").warning("line %s", number)
    older = sorted(tmp_path.glob("worker.jsonl.*"))
    assert len(older) == logs.LOG_FILES
    assert all(file.stat().st_size <= 500 for file in (path, *older))
    assert lines(path)[-1]["event"] == "line 59"


def test_a_traceback_is_scrubbed_too(root: logging.Logger, tmp_path: Path) -> None:
    path = open_process_log(tmp_path, process="worker", scrubber=Scrubber(["canary-secret-42"]))
    try:
        raise ValueError("refused canary-secret-42")
    except ValueError:
        logging.getLogger("x").exception("It failed")
    assert "canary-secret-42" not in path.read_text()
    assert "ValueError: refused ***" in lines(path)[0]["exception"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("postgresql://ann:hunter22@db/quorum", "postgresql://***@db/quorum"),
        (f"https://api.telegram.org/bot{TOKEN}/x", "https://api.telegram.org/bot***/x"),
        (f"token {TOKEN}", "token ***"),
        ("Authorization: Bearer abc.def-123456", "Authorization: Bearer ***"),
        ("key sk-proj-0123456789abcdef", "key ***"),
        ("?timestamp=1&signature=0123456789abcdef0", "?timestamp=1&signature=***"),
        ("{'X-MBX-APIKEY': 'vmPUZE6mv9SD5VNHk4Hl'}", "{'X-MBX-APIKEY': '***'}"),
        ("X-BAPI-API-KEY: u9W2lGmKHwt8Zq3xYb", "X-BAPI-API-KEY: ***"),
        ('"x-bapi-sign": "0123456789abcdef"', '"x-bapi-sign": "***"'),
        ("BTC/USDT: bought 0.5 at 50,000", "BTC/USDT: bought 0.5 at 50,000"),
    ],
)
def test_what_looks_like_a_secret_is_starred(text: str, kept: str) -> None:
    assert Scrubber().scrub(text) == kept


def test_values_of_secret_variables_are_known() -> None:
    environment = {
        "OPENAI_API_KEY": "k" * 20,
        "QUORUM_DATABASE_APP_URL": "postgresql://x",
        "QUORUM_MARKET": "sample-market",
    }
    assert set(list_secret_values(environment)) == {"k" * 20, "postgresql://x"}


def test_people_get_a_readable_line() -> None:
    record = logging.LogRecord("x", logging.WARNING, "", 0, "A feed is down.", None, None)
    line = build_formatter(Scrubber(), is_readable=True).format(record)
    assert "A feed is down." in line
    assert not line.startswith("{")
