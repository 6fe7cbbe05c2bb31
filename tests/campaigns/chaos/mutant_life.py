"""One life of a position while answers of the venue are mutated.

enter -> guard -> close (request, flow, guards) | the stop is hit -> reconcile -> judge
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from commands.closing import report_overdue
from tasks.recovery.close_requests import close_requested
from tasks.runtime.container import get_services
from tests.campaigns.chaos.judge import Finding
from tests.campaigns.chaos.path import STOP_PRICE
from tests.campaigns.chaos.runner import (
    GUARDED_SECONDS,
    PAIR,
    RECONCILE_SECONDS,
    Chaos,
    key_of,
)
from tests.campaigns.chaos.scenario import Scenario
from trading.domain.accounts import PairConfig

TRY_SECONDS = 10.0
"""The guards try to close again this often (`trading.domain.close_requests`)."""
EXIT_SECONDS = 60.0
"""An exit may take this long after the last mutated answer."""
TOLD_SECONDS = 60.0
CRITICAL = "SELECT count(*) FROM alerts WHERE user_id = %s AND severity = 'critical'"


class Phase(StrEnum):
    """When the mutation begins: with the intent, with the close, or when the stop is hit."""

    ENTER = "enter"
    EXIT = "exit"
    STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """
    The figures of one life.

    Attributes:
        struck: requests that the mutation has hit.
        exit_seconds: from the request to close until the request was settled.
        is_exit_lost: whether the venue holds the position after all tries.
        doubts: orders in doubt five minutes after the exit.
        is_untold: whether a minute without a stop or an exit has passed without an alert.
    """

    finding: Finding
    struck: int
    exit_seconds: float
    is_exit_lost: bool
    doubts: int
    is_untold: bool


def live(chaos: Chaos, faults: list[dict[str, Any]], *, phase: Phase, seconds: int) -> Life:
    """Play one life; `seconds` is how long the mutation lasts."""
    config = chaos.open_user(Scenario())
    if phase is Phase.ENTER:
        chaos.process.set_faults(faults)
    chaos.enter(config)
    chaos.guard(config, seconds=GUARDED_SECONDS + seconds)
    if phase is Phase.STOP:
        chaos.process.set_price(STOP_PRICE - 10)
    if phase is not Phase.ENTER:
        chaos.process.set_faults(faults)
    is_closing = phase is not Phase.STOP
    exit_seconds = _exit(chaos, config, limit=seconds + EXIT_SECONDS) if is_closing else 0.0
    ledger = chaos.process.read_ledger(key_of(config.user_id))
    is_lost = Decimal(ledger["signed"]) != 0
    chaos.clock.advance(RECONCILE_SECONDS)
    chaos.reconcile(config)
    doubts = chaos.runner.run(_count_doubts(chaos, config))
    struck = chaos.process.read_ledger(key_of(config.user_id))["struck"]
    finding = chaos.settle(config)
    waited = max([exit_seconds, *(ms / 1000 for ms in finding.bare_ms)])
    return Life(
        finding=finding,
        struck=struck,
        exit_seconds=exit_seconds,
        is_exit_lost=is_lost,
        doubts=doubts,
        is_untold=waited > TOLD_SECONDS and not _count_alerts(chaos, config),
    )


def sample(chaos: Chaos, *, lives: int) -> dict[Phase, dict[str, list[str]]]:
    """Answers of undisturbed lives by phase; several lives show the fields that come and go."""
    samples: dict[Phase, dict[str, list[str]]] = {phase: {} for phase in Phase}

    def keep(phase: Phase) -> None:
        for where, bodies in chaos.process.read_samples().items():
            samples[phase].setdefault(where, []).extend(bodies)

    for number in range(lives):
        config = chaos.open_user(Scenario())
        chaos.enter(config)
        chaos.guard(config)
        keep(Phase.ENTER)
        if number % 2:
            chaos.process.set_price(STOP_PRICE - 10)
            chaos.clock.advance(RECONCILE_SECONDS)
            chaos.reconcile(config)
            keep(Phase.STOP)
        else:
            _exit(chaos, config, limit=EXIT_SECONDS)
            keep(Phase.EXIT)
        chaos.settle(config)
    return samples


def _exit(chaos: Chaos, config: PairConfig, *, limit: float) -> float:
    """The request of a person, the flow's try, then the guards' tries; the seconds to the end."""
    begin = chaos.clock.ms
    chaos.runner.run(_request(chaos, config))
    chaos.close(config)
    while chaos.runner.run(_is_requested(chaos, config)):
        if (chaos.clock.ms - begin) / 1000 > limit:
            break
        chaos.clock.advance(TRY_SECONDS)
        chaos.play(config, _guard_requests(chaos))
    return (chaos.clock.ms - begin) / 1000


async def _request(chaos: Chaos, config: PairConfig) -> None:
    async with chaos.database.tenant(config.user_id) as tenant:
        await tenant.close_requests.save_requests([PAIR], actor="chaos", now=chaos.clock())


async def _is_requested(chaos: Chaos, config: PairConfig) -> bool:
    async with chaos.database.operator() as operator:
        requests = await operator.close_requests.list_overdue(chaos.clock())
    return any(request.user_id == config.user_id for request in requests)


async def _guard_requests(chaos: Chaos) -> None:
    """The worker's guard of the requests, and the bot's report about late requests."""
    await close_requested(await get_services())
    await report_overdue(chaos.database, now=chaos.clock())


async def _count_doubts(chaos: Chaos, config: PairConfig) -> int:
    """Orders in doubt; the request goes, so that the next life begins without requests."""
    async with chaos.database.tenant(config.user_id) as tenant:
        await tenant.close_requests.remove_request(PAIR)
        records = await tenant.intents.list_open_intents(PAIR)
    return sum(record.status.is_in_doubt for record in records)


def _count_alerts(chaos: Chaos, config: PairConfig) -> int:
    with chaos.database_run.connect() as connection:
        found = connection.execute(CRITICAL, [int(config.user_id)]).fetchone()
    return int(found[0]) if found else 0
