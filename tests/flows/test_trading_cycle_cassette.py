"""What a cycle keeps of its questions: readable by `quorum why --raw`, and small."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.database import TestDatabase
from tests.doubles.models import Script, answer_text, serve_models
from tests.flows.council_stage import VENDORS, CouncilStage
from tests.stage import Stage
from trading.domain.units import CYCLE_INTERVAL

pytestmark = pytest.mark.usefixtures("prefect_api")
CYCLES = 6
CYCLES_A_MONTH = 48 * 30
MOST_MEGABYTES_A_MONTH = 10
WORDS = (
    "trend momentum RSI MACD band spread funding volume above below average hourly falls rises "
    "of weak strong long short risk reward stop target range breaks holds support resistance"
)


@pytest.fixture
async def seats(stage: Stage) -> AsyncIterator[CouncilStage]:
    async with serve_models() as double:
        yield CouncilStage(stage=stage, double=double)


def speak(rng: random.Random) -> Script:
    """A hold with five reasons of a model's usual length."""
    reasons = [" ".join(rng.choices(WORDS.split(), k=18)) for _ in range(5)]
    mind = " ".join(rng.choices(WORDS.split(), k=15))
    return Script(text=answer_text("hold", reasons=reasons, would_change_mind=mind))


@pytest.mark.timeout(300)  # the first of a session waits for Prefect's server
async def test_questions_and_answers_are_readable_and_small(
    seats: CouncilStage,
    database_run: TestDatabase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rng = random.Random(20261130)
    scripts: dict[str, Script] = {}
    for _ in range(CYCLES):
        scripts = {vendor: speak(rng) for vendor in VENDORS}
        for vendor, script in scripts.items():
            seats.script(vendor, script)
        seats.stage.now += CYCLE_INTERVAL
        await seats.run_cycle()
    with database_run.connect() as owner:
        row = owner.execute(
            "SELECT (SELECT sum(pg_column_size(t.*)) FROM cassette_texts t),"
            " (SELECT sum(pg_column_size(a.*)) FROM cassette_answers a),"
            " (SELECT count(*) FROM cassette_answers)"
        ).fetchone()
    assert row is not None
    texts, answers, entries = map(int, row)
    assert entries == CYCLES * len(VENDORS)
    a_month = (texts + answers) / CYCLES * CYCLES_A_MONTH / 1e6
    with capsys.disabled():
        sys.stdout.write(
            f"\ncassette: {answers / entries:.0f} bytes an answer, {texts / CYCLES:.0f} bytes of "
            f"texts a cycle, {a_month:.2f} MB a month for a pair with three models\n"
        )
    assert a_month < MOST_MEGABYTES_A_MONTH

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUORUM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QUORUM_DATABASE_APP_URL", database_run.urls.app)
    monkeypatch.setenv("QUORUM_DATABASE_OPERATOR_URL", database_run.urls.operator)
    terminal = Terminal(database_run, home=tmp_path / "home", capture=capsys)
    user = str(seats.stage.user_id)
    words = ("why", "BTC/USDT", "--raw", "--user", user)
    exchanges = (await asyncio.to_thread(terminal.succeed, *words)).json["exchanges"]
    names = [model.identity.name for model in seats.models]
    assert sorted(one["seat"] for one in exchanges) == sorted(names)
    for one in exchanges:
        vendor = one["seat"].partition(":")[0]
        assert "You " in one["question"]
        assert "BTC/USDT" in one["question"]
        assert one["answered_by"] == one["seat"].partition(":")[2]
        assert str(scripts[vendor].text)[20:60] in one["answer"].replace('\\"', '"')
        assert "not-a-key" not in str(one)
