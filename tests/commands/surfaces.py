"""Runs one command through the command line and through the bot, and observes both effects.

Case -> empty database, user, seed -> surface -> Outcome (answer, refusal, effect)

Both surfaces act for the same Telegram user, on one database, with a double of Prefect.
"""

import asyncio
import base64
import io
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from blocks.prefect.gateway import RunResult
from commands.council.flows import ASK, LIST_SEATS
from commands.instruments import LOOK_UP
from db.session import Database, Tenant
from tests.cli.terminal import Terminal
from tests.database import TestDatabase
from tests.db.reads import list_alerts, list_entries
from tests.db.values import BTC
from tests.doubles.deployments import RememberedDeployments
from tests.doubles.telegram_chats import Message, Person
from tests.telegram.stage import Stage, make_settings, open_stage

ANN = 101
SETTINGS: dict[str, Any] = {"live_days": 0, "live_trades": 0, "live_unlocked": True}
NOBODY = "http://127.0.0.1:9"
"""An address where nobody listens: a model there abstains, and the question costs nothing."""
IGNORED_DETAIL = frozenset({"flow_run", "due_at"})

type Seed = Callable[[Tenant, datetime], Awaitable[None]]


async def nothing(tenant: Tenant, now: datetime) -> None:
    """Seeds nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """
    One command with one input.

    Attributes:
        typed: words at the terminal, without --user.
        stdin: lines that the terminal reads.
        said: texts in the chat; "press:LABEL" presses a button of the last answer.
        says: words that both answers contain; for a refusal, the whole sentence of both.
        code: exit code of the command line; 0 for a command that is not refused.
        end: how the double of Prefect ends a flow.
    """

    typed: tuple[str, ...]
    said: tuple[str, ...]
    says: str
    code: int = 0
    stdin: str = ""
    seed: Seed = nothing
    end: RunResult = field(default_factory=lambda: RunResult(is_completed=True, message=""))
    is_prefect_down: bool = False

    @property
    def command(self) -> str:
        """Name of the command at the terminal."""
        return self.typed[0] if "models" not in self.typed else "stats models"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A surface's answer, and the rows and deployments afterwards."""

    answer: str
    effect: Mapping[str, object]


@dataclass(slots=True, kw_only=True)
class Surfaces:
    """Both surfaces on one database."""

    run: TestDatabase
    database: Database
    terminal: Terminal
    monkeypatch: pytest.MonkeyPatch
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def play_typed(self, case: Case) -> tuple[int, Outcome]:
        """Run the case at the terminal; the exit code comes first."""
        async with self._enter(case) as stage:
            gateway = _offer(stage.prefect)
            self.monkeypatch.setattr("blocks.prefect.gateway.open_deployments", gateway)
            self.monkeypatch.setattr(sys, "stdin", io.StringIO(case.stdin))
            self.monkeypatch.setenv("ANTHROPIC_API_KEY", "not-a-key")
            self.monkeypatch.setenv("QUORUM_ANTHROPIC_BASE_URL", NOBODY)
            whose = () if case.command in {"halt", "unhalt"} else ("--user", "Ann")
            answer = await asyncio.to_thread(self.terminal.run, *case.typed, *whose)
            said = answer.out if answer.code == 0 else answer.error
            effect = await observe(self.database, prefect=stage.prefect)
            return answer.code, Outcome(answer=said.strip(), effect=effect)

    async def play_said(self, case: Case) -> Outcome:
        """Run the case in the chat."""
        async with self._enter(case) as stage:
            ann = stage.telegram.people[ANN]
            message: Message | None = None
            for text in case.said:
                if not text.startswith("press:"):
                    message = await ann.ask(text)
                else:
                    assert message is not None
                    await press(ann, message, text.removeprefix("press:"))
            assert message is not None
            effect = await observe(self.database, prefect=stage.prefect)
            return Outcome(answer=message.text.strip(), effect=effect)

    @asynccontextmanager
    async def _enter(self, case: Case) -> AsyncIterator[Stage]:
        """An empty database with Ann, an admin, and what the case seeds."""
        self.run.empty()
        settings = make_settings(**SETTINGS, telegram_admins=frozenset({ANN}))
        async with open_stage(self.database, now=self.now, settings=settings) as stage:
            await stage.register(ANN, "Ann")
            user = await stage.load_user(ANN)
            async with self.database.tenant(user.user_id) as tenant:
                await case.seed(tenant, self.now)
            stage.prefect.end, stage.prefect.is_down = case.end, case.is_prefect_down
            yield stage


def _offer(prefect: RememberedDeployments) -> object:
    """In the place of `open_deployments`: the double."""

    @asynccontextmanager
    async def open_double(*_: object, **__: object) -> AsyncIterator[RememberedDeployments]:
        yield prefect

    return open_double


async def press(person: Person, message: Message, label: str) -> None:
    """Press a button and wait until the message has changed."""
    before = message.edits
    person.press(message, label)
    await person.telegram.wait_until(lambda: message.edits > before)


async def observe(database: Database, *, prefect: RememberedDeployments) -> Mapping[str, object]:
    """
    The user's rows and the deployments, without times, ids of runs and actors.

    A look-up of a pair or of the council is left out: the terminal asks itself, the bot a flow.
    """
    async with database.operator() as operator:
        (user,) = await operator.users.list_users()
        switches = dict(await operator.states.list_switches())
    async with database.tenant(user.user_id) as tenant:
        pairs = await tenant.pairs.list_pairs()
        accounts = await tenant.accounts.list_accounts()
        entries = await list_entries(tenant.audit, limit=100)
        return {
            "pairs": [
                (str(one.pair), one.venue, one.mode, one.capital, one.is_paused) for one in pairs
            ],
            "limits": [dict(one.overrides) for one in pairs],
            "raises": [(one.name, one.value) for one in await tenant.raises.list_raises()],
            "accounts": [one.venue for one in accounts],
            "profit": [
                bool(one and one.moves_profit)
                for one in [await tenant.accounts.load_standing(a.venue) for a in accounts]
            ],
            "muted": await tenant.users.load_muted(),
            "caps": dict(await tenant.spend.load_caps()),
            "breaker": (await tenant.breakers.load_breaker(BTC)).is_open,
            "balance": (await tenant.paper.load_book()).balance,
            "alerts": [one.text for one in await list_alerts(tenant.alerts, limit=9)],
            "audit": [
                (
                    one.action,
                    {k: v for k, v in one.detail.items() if k not in IGNORED_DETAIL},
                )
                for one in entries
            ],
            "switches": {str(scope): state for scope, state in switches.items()},
            "deployments": {str(key): paused for key, paused in prefect.paused.items()},
            "flows": [run for run in prefect.runs if run[0] not in {LOOK_UP, ASK, LIST_SEATS}],
        }


@pytest.fixture
def surfaces(
    database_run: TestDatabase,
    database: Database,
    terminal: Terminal,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Surfaces:
    """Both surfaces; the command line finds the double in the place of Prefect."""
    for name in ("PREFECT_HOME", "PREFECT_PROFILES_PATH"):  # a command points them at its home
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("QUORUM_PREFECT_API_URL", "http://prefect.invalid/api")
    for name, value in SETTINGS.items():
        monkeypatch.setenv(f"QUORUM_{name.upper()}", str(value))
    # The bot of the tests seals with this key; both surfaces of an installation have the same.
    monkeypatch.setenv("QUORUM_MASTER_KEY", base64.b64encode(b"k" * 32).decode())
    return Surfaces(
        run=database_run, database=database, terminal=terminal, monkeypatch=monkeypatch
    )
