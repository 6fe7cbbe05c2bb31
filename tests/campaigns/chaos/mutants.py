"""Answers under mutation: every field, list and error form of each answer on the order path.

an undisturbed life -> samples of answers -> mutants -> one life each -> survivors, figures
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.campaigns.chaos.judge import Finding
from tests.campaigns.chaos.runner import Chaos, open_chaos
from tests.campaigns.chaos.scenario import HTML, UNSURE
from tests.doubles.venue.mutation import FIELD_OPERATORS, LIST_OPERATORS, list_keys
from trading.domain.errors import QuorumError
from trading.domain.units import VenueName

MAX_BARE_SECONDS = 20.0
LASTING_SECONDS = 60
_UNLISTED = {
    VenueName.BINANCE: '{"code":-4999,"msg":"A new rule."}',
    VenueName.BYBIT: '{"retCode":119999,"retMsg":"A new rule.","result":{},"time":1}',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """
    One mutation in one life.

    Attributes:
        where: "METHOD /path".
        fault: what `Fault` takes.
        seconds: how long the mutation lasts; 0 strikes once.
        phase: enter (from the intent on) or exit (from the close on).
    """

    where: str
    fault: dict[str, Any]
    seconds: int
    phase: str

    @property
    def faults(self) -> list[dict[str, Any]]:
        """For `VenueProcess.set_faults`."""
        return [{"where": f"^{re.escape(self.where)}$", "seconds": self.seconds, **self.fault}]


def list_mutants(venue: VenueName, samples: dict[str, list[str]]) -> list[Mutant]:
    """Every mutation of every sampled answer, once and lasting, at the entry and at the exit."""
    mutants: list[Mutant] = []
    for where, bodies in sorted(samples.items()):
        for fault in [*_mutations(bodies), *_errors(venue)]:
            mutants += [
                Mutant(where=where, fault=fault, seconds=seconds, phase=phase)
                for seconds in (0, LASTING_SECONDS)
                for phase in ("enter", "exit")
            ]
    return mutants


def run_mutants(
    venue: VenueName, *, limit: int, folder: Path, note: Callable[[str], None]
) -> dict[str, Any]:
    """The figures of `limit` mutants drawn from all of them; 0 runs all."""
    with open_chaos(venue, folder=folder) as chaos:
        mutants = list_mutants(venue, chaos.sample())
        chaos.findings.clear()
        drawn = Random(1).sample(mutants, min(limit or len(mutants), len(mutants)))
        dead, bare, lost = 0, 0.0, 0
        for mutant in drawn:
            finding, is_lost, fault = _live(chaos, mutant)
            seconds = max([0, *finding.bare_ms]) / 1000 - mutant.seconds
            is_dead = not finding.is_clean or is_lost or seconds > MAX_BARE_SECONDS or fault
            dead, bare, lost = dead + bool(is_dead), max(bare, seconds), lost + is_lost
            if is_dead:
                note(f"{mutant}: {finding} exit lost {is_lost} {fault}")
        entries = [finding.entries for finding in chaos.findings]
        return {
            "venue": str(venue),
            "mutants_total": len(mutants),
            "mutants": len(drawn),
            "survivors": dead,
            "bare_seconds_max": round(max(bare, 0.0), 3),
            "exits_lost": lost,
            "entries_per_intent": max(entries, default=0),
        }


def _live(chaos: Chaos, mutant: Mutant) -> tuple[Finding, bool, str]:
    """One life; a failure of ours that is no sentence counts as a survivor."""
    try:
        finding, is_lost = chaos.run_mutant(mutant.faults, phase=mutant.phase)
    except (
        QuorumError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        ArithmeticError,
    ) as error:
        empty = Finding(entries=0, lost=0, bare_ms=(), orphans=0, unresolved=0, mismatches=())
        return empty, False, f"{type(error).__name__}: {error}"
    return finding, is_lost, ""


def _mutations(bodies: list[str]) -> list[dict[str, Any]]:
    keys: set[str] = set()
    has_list = False
    for body in bodies:
        found, is_list = list_keys(body)
        keys, has_list = keys | found, has_list or is_list
    fields = [(operator, key) for key in sorted(keys) for operator in FIELD_OPERATORS]
    lists = [(operator, "") for operator in LIST_OPERATORS] if has_list else []
    return [
        {"action": "mutate", "mutation": {"operator": operator, "key": key}}
        for operator, key in [*fields, *lists]
    ]


def _errors(venue: VenueName) -> list[dict[str, Any]]:
    return [
        {"action": "lose_request", "is_done": False},
        {"action": "lose_answer"},
        {"action": "cut_body"},
        {"action": "do_twice"},
        {"action": "answer", "body": ""},
        {"action": "answer", "status": 500, "body": HTML},
        {"action": "answer", "body": HTML, "is_done": False},
        {"action": "answer", "body": UNSURE[venue]},
        {"action": "answer", "status": 400, "body": _UNLISTED[venue], "is_done": False},
        {"action": "answer", "status": 451, "body": "Unavailable", "is_done": False},
    ]
