"""Answers under mutation: every field, list and error form of each answer on the order path.

an undisturbed life -> samples of answers -> mutants -> one life each -> survivors, figures
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.campaigns.chaos.judge import Finding
from tests.campaigns.chaos.mutant_life import Life, Phase, live, sample
from tests.campaigns.chaos.runner import Chaos, open_chaos
from tests.campaigns.chaos.scenario import HTML, UNSURE
from tests.doubles.venue.mutation import FIELD_OPERATORS, LIST_OPERATORS, list_keys
from trading.domain.errors import QuorumError
from trading.domain.units import VenueName

MAX_BARE_SECONDS = 20.0
LASTING_SECONDS = 60
SAMPLED_LIVES = 12
PROGRESS = 100
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
        phase: when the mutation begins.
    """

    where: str
    fault: dict[str, Any]
    seconds: int
    phase: Phase

    @property
    def is_clean(self) -> bool:
        """Whether the venue has answered in full: such a doubt ends within five minutes."""
        is_changed = self.fault["action"] in {"mutate", "do_twice"}
        return is_changed or self.fault.get("status") == 400

    @property
    def faults(self) -> list[dict[str, Any]]:
        """For `VenueProcess.set_faults`."""
        return [{"where": f"^{re.escape(self.where)}$", "seconds": self.seconds, **self.fault}]


def list_mutants(
    venue: VenueName, samples: Mapping[Phase, Mapping[str, list[str]]]
) -> list[Mutant]:
    """Every mutation, once and lasting, of every answer that a phase asks for."""
    return [
        Mutant(where=where, fault=fault, seconds=seconds, phase=phase)
        for phase, answers in samples.items()
        for where, bodies in sorted(answers.items())
        for fault in [*_mutations(bodies), *_errors(venue)]
        for seconds in (0, LASTING_SECONDS)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """The `part`-th (from 1) of `parts` of all mutants, shuffled; `limit` 0 is no limit."""

    limit: int = 0
    part: int = 1
    parts: int = 1

    def choose(self, mutants: list[Mutant]) -> list[Mutant]:
        """The drawn mutants; the parts share no mutant."""
        shuffled = Random(1).sample(mutants, len(mutants))
        return shuffled[self.part - 1 :: self.parts][: self.limit or None]


@dataclass(slots=True, kw_only=True)
class Score:
    """The figures so far; `unstruck` mutants met no answer with their field."""

    venue: VenueName
    total: int
    lives: list[Life] = field(default_factory=list)
    survivors: int = 0
    bare_seconds: float = 0.0

    def add(self, mutant: Mutant, life: Life) -> str:
        """Count a life; why the mutant survived, "" when it did not."""
        finding = life.finding
        self.lives.append(life)
        bare = max([0, *finding.bare_ms]) / 1000 - mutant.seconds
        self.bare_seconds = max(self.bare_seconds, bare)
        reasons = {
            "books": not finding.is_clean,
            "exit lost": life.is_exit_lost,
            "bare": bare > MAX_BARE_SECONDS,
            "doubt": bool(life.doubts) and mutant.is_clean,
            "untold": life.is_untold,
        }
        found = ", ".join(name for name, is_bad in reasons.items() if is_bad)
        self.survivors += bool(found)
        return f"{found}: {life}" if found else ""

    def summarize(self) -> dict[str, Any]:
        """The figures of the report."""
        lives = self.lives
        return {
            "venue": str(self.venue),
            "mutants_total": self.total,
            "mutants": len(lives),
            "unstruck": sum(not life.struck for life in lives),
            "survivors": self.survivors,
            "bare_seconds_max": round(self.bare_seconds, 3),
            "exit_seconds_max": round(max([0, *(life.exit_seconds for life in lives)]), 1),
            "exits_lost": sum(life.is_exit_lost for life in lives),
            "entries_per_intent": max([0, *(life.finding.entries for life in lives)]),
            "exits_per_intent": max([0, *(life.finding.exits for life in lives)]),
        }


def run_mutants(
    venue: VenueName, draw: Draw, *, folder: Path, note: Callable[[str], None]
) -> dict[str, Any]:
    """The figures of the drawn mutants; `note` gets each survivor, and the figures on the way."""
    with open_chaos(venue, folder=folder) as chaos:
        mutants = list_mutants(venue, sample(chaos, lives=SAMPLED_LIVES))
        score = Score(venue=venue, total=len(mutants))
        for number, mutant in enumerate(draw.choose(mutants), start=1):
            if why := score.add(mutant, _live(chaos, mutant)):
                note(f"{mutant}: {why}")
            if number % PROGRESS == 0:
                note(json.dumps(score.summarize()))
                chaos.database_run.empty()  # the guards' searches stay quick
        return score.summarize()


def _live(chaos: Chaos, mutant: Mutant) -> Life:
    """One life; a failure of ours that is no sentence counts as a survivor."""
    try:
        return live(chaos, mutant.faults, phase=mutant.phase, seconds=mutant.seconds)
    except (
        QuorumError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        ArithmeticError,
    ) as error:
        broken = Finding(
            entries=0,
            exits=0,
            lost=0,
            bare_ms=(),
            orphans=0,
            unresolved=0,
            mismatches=(f"{type(error).__name__}: {error}",),
        )
        return Life(
            finding=broken,
            struck=1,
            exit_seconds=0,
            is_exit_lost=False,
            doubts=0,
            is_untold=False,
        )


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
