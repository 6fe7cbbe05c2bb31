"""`quorum doctor`: each part is good, idle, weak or broken, and what is broken can be mended."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolUpdate

from blocks.prefect.gateway import Deployments
from blocks.prefect.specs import WORK_POOL
from cli.base.home import Home
from cli.doctor.findings import Finding, Health
from cli.doctor.machine_checks import (
    check_disk,
    check_home,
    check_packages,
    check_python,
    check_secrets,
)
from cli.doctor.prefect_checks import check_prefect
from cli.doctor.service_checks import (
    check_clock,
    check_database,
    check_market,
    check_models,
    check_telegram,
)
from cli.main import main
from cli.stack.startup import _explain_seats
from tests.cli.answering_server import answering
from tests.database import TestDatabase
from tests.prefect_server import PrefectServer, find_free_port


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home, without anything in the environment that is meant for another one."""
    for name in ("QUORUM_DATABASE_URL", "QUORUM_COUNCIL", "TELEGRAM_BOT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    home = Home(root=tmp_path / "home")
    home.prepare()
    return home


def assert_health(finding: Finding, health: Health, detail: str) -> None:
    assert (finding.health, detail in finding.detail) == (health, True), finding
    assert bool(finding.mend) == (health in {Health.WEAK, Health.BROKEN})


def test_this_machine_is_fit(home: Home) -> None:
    assert check_python().health is Health.GOOD
    assert check_packages().health is Health.GOOD
    assert check_home(home).health is Health.GOOD
    assert check_secrets(home).health is Health.GOOD
    assert "GB free" in check_disk(home).detail


def test_package_of_another_version_is_broken(tmp_path: Path) -> None:
    lock = tmp_path / "uv.lock"
    lock.write_text('[[package]]\nname = "prefect"\nversion = "1.0.0"\n')

    finding = check_packages(lock)

    assert_health(finding, Health.BROKEN, "instead of 1.0.0")
    assert "make setup" in finding.mend


def test_installation_without_a_lock_is_not_compared(tmp_path: Path) -> None:
    assert check_packages(tmp_path / "uv.lock").health is Health.IDLE


def test_home_that_is_not_there_is_idle(tmp_path: Path) -> None:
    assert check_home(Home(root=tmp_path / "none")).health is Health.IDLE
    assert check_secrets(Home(root=tmp_path / "none")).health is Health.IDLE
    assert check_disk(Home(root=tmp_path / "none" / "deeper")).health is not Health.BROKEN


def test_home_of_another_layout_is_broken(home: Home) -> None:
    (home.root / "VERSION").write_text("9\n")

    assert check_home(home).health is Health.BROKEN


def test_home_that_others_read_is_weak(home: Home) -> None:
    home.root.chmod(0o755)

    assert_health(check_home(home), Health.WEAK, "can be read by others")


def test_home_that_others_pass_through_is_good(home: Home) -> None:
    """PostgreSQL runs as another user when we run as root, and has to reach its folder."""
    home.root.chmod(0o711)

    assert check_home(home).health is Health.GOOD


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_secret_that_others_read_is_broken(home: Home, mode: int) -> None:
    home.ensure_secret("master-key")
    assert check_secrets(home).health is Health.GOOD

    (home.secrets / "master-key").chmod(mode)

    assert_health(check_secrets(home), Health.BROKEN, "others can read")


def test_embedded_database_that_does_not_run_is_idle(home: Home) -> None:
    assert check_database(home).health is Health.IDLE
    assert not home.postgres.exists()


def test_migrated_database_is_good(
    home: Home, database_run: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUORUM_DATABASE_URL", database_run.urls.admin)

    assert_health(check_database(home), Health.GOOD, "PostgreSQL 18")


def test_database_of_another_schema_is_broken(
    home: Home, database_run: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUORUM_DATABASE_URL", database_run.urls.admin)
    with database_run.connect() as owner:
        row = owner.execute("SELECT version_num FROM alembic_version").fetchone()
        assert row is not None
        owner.execute("UPDATE alembic_version SET version_num = '9999'")
    try:
        assert_health(check_database(home), Health.BROKEN, "schema 9999, this version wants")
    finally:
        with database_run.connect() as owner:
            owner.execute("UPDATE alembic_version SET version_num = %s", (row[0],))


def test_dead_database_is_broken_in_a_sentence_without_its_password(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"postgresql://quorum:hunter2@127.0.0.1:{find_free_port()}/quorum"
    monkeypatch.setenv("QUORUM_DATABASE_URL", address)

    finding = check_database(home)

    assert_health(finding, Health.BROKEN, "no connection")
    assert "hunter2" not in str(finding)


async def test_prefect_that_does_not_run_is_idle(home: Home) -> None:
    (finding,) = await check_prefect(home)

    assert finding.health is Health.IDLE


async def test_running_prefect_without_a_worker_is_half_a_stack(
    prefect_server: PrefectServer, deployments: Deployments
) -> None:
    await deployments.sync([])
    with stack_that_runs(prefect_server.home, api_url=prefect_server.api_url):
        server, _, worker, drift, _ = await check_prefect(prefect_server.home)

    assert server.health is Health.GOOD
    assert_health(worker, Health.BROKEN, "no cycle runs")
    assert drift.health is Health.IDLE


async def test_a_paused_work_pool_is_broken(
    prefect_server: PrefectServer, prefect_client: PrefectClient
) -> None:
    await prefect_client.update_work_pool(WORK_POOL, WorkPoolUpdate(is_paused=True))
    try:
        with stack_that_runs(prefect_server.home, api_url=prefect_server.api_url):
            _, pool, *_ = await check_prefect(prefect_server.home)
    finally:
        await prefect_client.update_work_pool(WORK_POOL, WorkPoolUpdate(is_paused=False))

    assert "paused: work pool quorum" in pool.detail
    assert pool.health is Health.BROKEN


async def test_a_missing_or_paused_system_deployment_is_broken(
    prefect_server: PrefectServer, prefect_client: PrefectClient, deployments: Deployments
) -> None:
    await deployments.restore_system()
    name = "close-positions/close-positions"
    found = await prefect_client.read_deployment_by_name(name)
    with stack_that_runs(prefect_server.home, api_url=prefect_server.api_url):
        _, good, *_ = await check_prefect(prefect_server.home)
        await prefect_client.pause_deployment(found.id)
        _, paused, *_ = await check_prefect(prefect_server.home)
        await prefect_client.delete_deployment(found.id)
        _, missing, *_ = await check_prefect(prefect_server.home)
    await deployments.restore_system()

    assert good.health is Health.GOOD
    assert_health(paused, Health.BROKEN, f"paused: deployment {name}")
    assert_health(missing, Health.BROKEN, f"missing or changed: deployment {name}")


async def test_prefect_that_died_is_broken(home: Home) -> None:
    with stack_that_runs(home, api_url=f"http://127.0.0.1:{find_free_port()}/api"):
        (finding,) = await check_prefect(home)

    assert_health(finding, Health.BROKEN, "does not answer")


@contextmanager
def stack_that_runs(home: Home, *, api_url: str) -> Iterator[None]:
    with home.lock():
        home.write_state({"api_url": api_url, "ui_url": api_url.removesuffix("/api")})
        yield


async def test_venues_that_do_not_answer_leave_made_up_prices() -> None:
    assert_health(await check_market(), Health.WEAK, "no venue answers")


def test_council_without_keys_is_offline_and_says_so(home: Home) -> None:
    assert "offline rules" in check_models().detail


def test_one_key_is_weak_in_doctor_and_said_at_the_start(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "not-a-key")

    finding = check_models()

    assert_health(finding, Health.WEAK, "anthropic:claude-haiku-5-5, trend (offline rules)")
    assert finding.mend.startswith("One language model (anthropic:claude-haiku-5-5) sits beside 2")
    assert _explain_seats() == finding.mend


def test_seat_without_its_key_is_broken(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUORUM_COUNCIL", "openai,offline-trend")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    assert check_models().health is Health.BROKEN


async def test_missing_token_is_idle(home: Home) -> None:
    assert (await check_telegram()).health is Health.IDLE


@pytest.mark.parametrize(
    ("status", "health", "detail"),
    [(200, Health.GOOD, "@quorum_bot"), (401, Health.BROKEN, "refuses the token")],
)
async def test_token_is_asked_about_at_telegram(
    home: Home, monkeypatch: pytest.MonkeyPatch, status: int, health: Health, detail: str
) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:hunter2")
    body = json.dumps({"ok": True, "result": {"username": "quorum_bot"}})

    async with answering(status, body=body) as url:
        finding = await check_telegram(api=url)

    assert_health(finding, health, detail)
    assert "hunter2" not in str(finding)


async def test_silent_telegram_is_weak(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:hunter2")

    finding = await check_telegram(api=f"http://127.0.0.1:{find_free_port()}")

    assert_health(finding, Health.WEAK, "does not answer")
    assert "hunter2" not in str(finding)


@pytest.mark.parametrize(
    ("behind_seconds", "health"),
    [("0.5", Health.GOOD), ("4", Health.WEAK), ("-60", Health.BROKEN)],
)
async def test_clock_is_compared_with_a_venue(behind_seconds: str, health: Health) -> None:
    import time

    venue_ms = int((Decimal(str(time.time())) - Decimal(behind_seconds)) * 1000)

    async with answering(200, body=json.dumps({"serverTime": venue_ms})) as url:
        assert (await check_clock(source=url)).health is health


async def test_clock_without_a_venue_is_only_shown(home: Home) -> None:
    async with answering(200, body="{}") as url:
        assert (await check_clock(source=url)).health is Health.IDLE
    assert (await check_clock(source=f"http://127.0.0.1:{find_free_port()}")).health is Health.IDLE


def test_verb_fails_only_when_something_is_broken(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--home", str(home.root), "--json"]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["is_healthy"] is True
    assert {f["part"] for f in report["findings"]} >= {"Python", "Database", "Prefect", "Clock"}

    home.ensure_secret("master-key")
    (home.secrets / "master-key").chmod(0o644)

    assert main(["doctor", "--home", str(home.root)]) == 1
    assert "chmod 700" in capsys.readouterr().out


def test_checks_change_nothing(home: Home) -> None:
    before = sorted(home.root.rglob("*"))

    asyncio.run(check_prefect(home))
    check_database(home)

    assert sorted(home.root.rglob("*")) == before
