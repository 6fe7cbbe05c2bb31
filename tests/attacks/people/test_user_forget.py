"""Attack on privacy: after `quorum user forget`, somebody searches everything for the user."""

import asyncio
import json
import logging
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
import structlog
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import LogCreate
from prefect.types import DateTime

from blocks.logging.logs import build_formatter
from blocks.logging.scrubbing import Scrubber
from blocks.prefect.gateway import Deployments
from cli.base.prefect_settings import AUTH_FILE, CLIENT_CHOICES, FOREIGN
from db.codecs.receipts import unpack_receipt
from db.session import Database
from flows.trading_cycle import trading_cycle
from tasks.runtime.caching import RESULTS
from tests.cli.terminal import Terminal
from tests.database import TestDatabase
from tests.db.values import KEYS
from tests.doubles.council import council
from tests.prefect_server import PrefectServer
from tests.stage import PAIR, Stage
from tests.telegram.stage import open_stage
from trading.council.decisions import Action
from trading.domain.units import CYCLE_INTERVAL, UserId, VenueName
from trading.security.credentials import Credentials, Environment

FIRST_ID = 770_077_001
"""A number that no price and no date contains."""
TELEGRAM_ID, NAME, KEY = 5_550_123_987, "Zyxwina", "demo-key-0123456789-QzX9"
OTHER_TELEGRAM_ID, OTHER = 5_550_123_000, "Bob"
SECRET = "demo-secret-9876543210-wvut"


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """Both databases and the folders."""

    run: TestDatabase
    prefect: PrefectServer
    home: Path

    def find(self, needles: Iterable[str]) -> dict[str, set[str]]:
        """The places of each needle: tables and files."""
        places = {**_dump(self.run.owner, "ours"), **_dump(self.prefect.books, "prefect")}
        for folder in (self.home, self.prefect.home.root, Path(RESULTS)):
            files = [file for file in folder.rglob("*") if file.is_file()]
            places |= {str(file): file.read_bytes() + str(file).encode() for file in files}
        return {
            needle: {place for place, text in places.items() if needle.encode() in text}
            for needle in needles
        }


def _dump(address: str, name: str) -> dict[str, bytes]:
    with psycopg.connect(address, autocommit=True) as owner:
        tables = owner.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        return {
            f"{name}.{table}": b"\n".join(
                _to_bytes(value)
                for row in owner.execute(f'SELECT * FROM "{table}"')
                for value in row
            )
            for (table,) in tables
        }


def _to_bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        is_tree = isinstance(value, dict | list)
        return (json.dumps(value, ensure_ascii=False) if is_tree else str(value)).encode()
    forms = [value]
    with suppress(Exception):
        forms.append(json.dumps(unpack_receipt(value), default=str).encode())
    with suppress(zlib.error):
        forms.append(zlib.decompress(value))
    return b"\n".join(forms)


@pytest.fixture
def terminal(
    database_run: TestDatabase,
    prefect_server: PrefectServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Terminal:
    home = tmp_path / "home"
    for name in (*FOREIGN, *CLIENT_CHOICES, "PREFECT_HOME", "PREFECT_PROFILES_PATH"):
        monkeypatch.setenv(name, CLIENT_CHOICES.get(name, ""))
    for name in FOREIGN:
        monkeypatch.delenv(name)
    monkeypatch.setenv("QUORUM_HOME", str(home))
    monkeypatch.setenv("QUORUM_DATABASE_URL", database_run.urls.admin)
    monkeypatch.setenv("QUORUM_DATABASE_APP_URL", database_run.urls.app)
    monkeypatch.setenv("QUORUM_DATABASE_OPERATOR_URL", database_run.urls.operator)
    monkeypatch.setenv("PREFECT_SERVER_DATABASE_CONNECTION_URL", prefect_server.books)
    monkeypatch.setenv("QUORUM_PREFECT_API_URL", prefect_server.api_url)
    monkeypatch.setenv("QUORUM_MARKET", "sample")
    (home / "secrets").mkdir(parents=True, mode=0o700)
    (home / "secrets" / AUTH_FILE).write_text(prefect_server.auth_string)
    return Terminal(database_run, home=home, capture=capsys)


async def sign_up(database: Database, now: datetime) -> dict[str, UserId]:
    """Two users of the bot, both with a sealed demo key."""
    found = {}
    async with open_stage(database, now=now) as chat:
        for telegram_id, name in ((TELEGRAM_ID, NAME), (OTHER_TELEGRAM_ID, OTHER)):
            person = await chat.register(telegram_id, name)
            await person.ask("/status")
            await person.ask("/alerts")
            found[name] = (await chat.load_user(telegram_id)).user_id
    for user_id in found.values():
        key = KEY if user_id == found[NAME] else "another-key-0123456789-abcd"
        credentials = Credentials(api_key=key, api_secret=SECRET, environment=Environment.DEMO)
        async with database.tenant(user_id) as tenant:
            await tenant.accounts.save_credentials(
                VenueName.BINANCE, credentials=credentials, keys=KEYS, now=now
            )
    return found


async def trade(stage: Stage, action: Action) -> None:
    stage.models = council(action, action)
    with stage.in_use():
        state = await trading_cycle(stage.user_id, str(PAIR), stage.now, return_state=True)
    assert state.is_completed(), state.message
    stage.now += CYCLE_INTERVAL


async def write_logs(client: PrefectClient, stage: Stage, home: Path) -> None:
    """Lines as the processes write them: in Prefect, and in a log file of the home."""
    runs = await client.read_flow_runs(limit=200)
    own = [run for run in runs if run.parameters.get("user_id") == stage.user_id]
    assert own
    for run_id, text in (
        (own[0].id, "Entered BTC/USDT."),
        (None, f"User {stage.user_id} could not be reconciled: no answer"),
        (None, f"{NAME} was greeted"),
    ):
        line = LogCreate(
            name="quorum",
            level=20,
            message=text,
            timestamp=DateTime.fromisoformat(stage.now.isoformat()),
            flow_run_id=run_id,
        )
        await client.create_logs([line])
    (home / "logs").mkdir(exist_ok=True)
    structlog.contextvars.clear_contextvars()  # the cycle of this process has bound the user
    formatter = build_formatter(Scrubber(()))
    record = logging.makeLogRecord(
        {"msg": "User %s, BTC/USDT: closed %s", "args": (stage.user_id, NAME), "name": "x"}
    )
    other = logging.makeLogRecord({"msg": f"chat {TELEGRAM_ID}: {NAME} ...QzX9", "name": "x"})
    kept = logging.makeLogRecord({"msg": "The market opened.", "name": "x"})
    lines = [formatter.format(one) for one in (record, other, kept)]
    (home / "logs" / "worker.jsonl").write_text("\n".join(lines) + "\n")


@pytest.mark.timeout(300)
async def test_nothing_of_a_forgotten_user_is_found(  # noqa: PLR0917  (fixtures)
    database: Database,
    database_run: TestDatabase,
    prefect_api: PrefectServer,
    prefect_client: PrefectClient,
    deployments: Deployments,
    terminal: Terminal,
    now: datetime,
) -> None:
    with database_run.connect() as owner:
        owner.execute(f"ALTER TABLE users ALTER user_id RESTART WITH {FIRST_ID}")
    users = await sign_up(database, now)
    stage = Stage(database=database, user_id=users[NAME], now=now)
    beside = Stage(database=database, user_id=users[OTHER], now=now)
    made = [
        await deployments.ensure_pair(await one.add_pair(one.user_id)) for one in (stage, beside)
    ]
    for one in (stage, beside):
        await trade(one, Action.OPEN_LONG)
    refused = await asyncio.to_thread(terminal.run, "user", "forget", NAME, "--yes")
    assert (refused.code, "has an open position" in refused.error) == (2, True), refused.error
    await trade(stage, Action.CLOSE)
    await write_logs(prefect_client, stage, terminal.home)
    async with database.operator() as operator:
        await operator.audit.seal_entries()

    searched = Searched(run=database_run, prefect=prefect_api, home=terminal.home)
    ids = await list_run_ids(prefect_client, stage.user_id)
    needles = [str(stage.user_id), str(TELEGRAM_ID), NAME, "QzX9", str(made[0]), *ids]
    before = await asyncio.to_thread(searched.find, needles)
    assert all(before.values()), before
    assert {"ours.cycles", "ours.alerts", "ours.audit_log", "ours.bot_buttons"} & before[
        str(stage.user_id)
    ]
    assert {"prefect.artifact", "prefect.flow_run", "prefect.log"} <= before[str(stage.user_id)]
    theirs = await asyncio.to_thread(searched.find, [str(beside.user_id), OTHER, str(made[1])])

    done = await asyncio.to_thread(terminal.succeed, "user", "forget", NAME, "--yes")

    assert "What stays: backups" in done.out
    assert NAME not in done.out
    async with database.operator() as operator:
        await operator.audit.seal_entries()
    after = await asyncio.to_thread(searched.find, needles)
    assert {needle: places for needle, places in after.items() if places} == {}
    assert await asyncio.to_thread(searched.find, theirs) == theirs
    assert "The market opened." in (terminal.home / "logs" / "worker.jsonl").read_text()
    verified = await asyncio.to_thread(terminal.succeed, "audit", "verify", "--json")
    assert verified.json["faults"] == []
    assert verified.json["links"] >= 4


async def list_run_ids(client: PrefectClient, user_id: UserId) -> list[str]:
    runs = await client.read_flow_runs(limit=200)
    return [str(run.id) for run in runs if run.parameters.get("user_id") == user_id]
