"""Attack: numbers that are short to write and take gigabytes, minutes or a crash to handle."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from blocks.models.answers import MalformedAnswer, parse_answer
from blocks.venues.offline.recording import load_recording
from db.engine.settings import BudgetSettings
from tasks.runtime.settings import TaskSettings
from tests.telegram.stage import make_settings
from trading.domain.errors import BadInput
from trading.domain.units import to_decimal
from trading.requests import parse_capital, parse_cycle_time
from trading.risk.limits import RiskLimits, tighten

SECONDS = 0.5
LIMITS = ("max_leverage", "quorum", "breaker_cooldown", "min_confidence")
HOSTILE = (
    *("1e999999999", "-1e999999999", "1e-999999999", "9e999999", "1e1000", "1e41", "-1e41"),
    *("0e999999999", "0e-999999999", "1e99999999999999999999", "1E+999999999999999999"),
    *("9" * 41, "9" * 4301, "9" * 100_000, "-" + "9" * 5000, "0." + "0" * 5000 + "1"),
    *("0." + "1" * 100_000, "1" + "0" * 4999, "9" * 200 + "." + "9" * 200),
    *("nan", "NaN", "-nan", "snan", "sNaN123", "inf", "-inf", "Infinity", "+Infinity"),
    *("", " ", "-", "+", ".", "e", "1e", "1e+", "0x10", "0b1", "1_000_", "1__0", "1,000", "1'0"),
    *("1 000", "--1", "+-1", "1.2.3", "1/0", "1e1.5", "1;2", "\x00", "1\x00", "1\n2", "१२३x"),
    *("½", "²", "1e\u0669\u0669\u0669\u0669\u0669\u0669\u0669", "NaN" * 50, "{}", "[]", "null"),
)


def answer(number: str) -> str:
    return (
        f'{{"action": "open_long", "confidence": {number}, "stop_pct": {number}, '
        f'"target_pct": {number}, "reasons": [], "would_change_mind": ""}}'
    )


def read_limit(name: str, number: str) -> RiskLimits:
    return tighten(RiskLimits(), {name: number})


def write_candles(folder: Path, number: str) -> Path:
    path = folder / "BTC_USDT.csv"
    rows = [f"2026-01-01 00:{minute:02d}:00,1,2,1,1,1" for minute in range(0, 60, 5)]
    rows[3] = f'2026-01-01 00:15:00,1,"{number}",1,1,1'
    path.write_text("date,open,high,low,close,volume\n" + "\n".join(rows), encoding="utf-8")
    return path


@pytest.fixture
def inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[str], Any]]:
    """Every reader of a number that comes from a person, a file, a model or the environment."""

    def read_setting(kind: Callable[[], Any], name: str) -> Callable[[str], Any]:
        def read(number: str) -> Any:
            monkeypatch.setenv(name, number.replace("\x00", ""))
            try:
                return kind()
            finally:
                monkeypatch.delenv(name)

        return read

    return {
        "number": to_decimal,
        "capital": lambda number: parse_capital(number, quote="USDT"),
        "cycle time": parse_cycle_time,
        **{f"limit {name}": partial(read_limit, name) for name in LIMITS},
        "model answer": lambda number: parse_answer(answer(number)),
        "quoted model answer": lambda number: parse_answer(answer(json.dumps(number))),
        "candle file": lambda number: load_recording(write_candles(tmp_path, number)),
        "budget setting": read_setting(BudgetSettings, "QUORUM_BUDGET_USER_USD"),
        "limit setting": read_setting(TaskSettings, "QUORUM_LIMITS__MAX_LEVERAGE"),
        "admins setting": lambda number: make_settings(telegram_admins=number),
        "minutes setting": lambda number: make_settings(button_minutes=number),
    }


@pytest.mark.parametrize("number", HOSTILE, ids=range(len(HOSTILE)))
def test_every_reader_refuses_in_a_sentence_and_at_once(
    inputs: dict[str, Callable[[str], Any]], number: str
) -> None:
    for name, read in inputs.items():
        begin = time.process_time()
        try:
            value = read(number)
        except (BadInput, MalformedAnswer, ValidationError):
            value = None
        except Exception as error:
            error.add_note(name)
            raise
        taken = time.process_time() - begin
        assert taken < SECONDS, f"{name}: {taken:.2f} s"
        assert len(f"{value}") < 100_000, name


def test_there_are_60_of_them() -> None:
    assert len(set(HOSTILE)) >= 60


@pytest.mark.parametrize("text", ["0001-01-01T00:00+23:59", "9999-12-31T23:59-23:59"])
def test_a_time_outside_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        parse_cycle_time(text)


def test_ordinary_numbers_are_read() -> None:
    assert [str(to_decimal(text)) for text in ("1e30", "0E-18", " 1000.50 ")] == [
        "1E+30",
        "0E-18",
        "1000.50",
    ]
    assert tighten(RiskLimits(), {"breaker_cooldown": "86400"}).breaker_cooldown == timedelta(1)
