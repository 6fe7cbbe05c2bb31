"""A campaign: a kill at every boundary, then a scenario for every seed, then the figures."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.campaigns.chaos.judge import Finding
from tests.campaigns.chaos.runner import Chaos, open_chaos
from tests.campaigns.chaos.scenario import Scenario, draw
from trading.domain.units import VenueName

MAX_BARE_MS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """
    What to run.

    Attributes:
        seeds: how many drawn scenarios.
        is_every_boundary: whether the process is killed at each boundary once, without faults.
        note: told of every run that is not clean, and of the progress.
    """

    venue: VenueName
    seeds: int
    is_every_boundary: bool
    note: Callable[[str], None]


def run_campaign(campaign: Campaign, *, folder: Path) -> dict[str, Any]:
    """All runs of a campaign in a fresh database under `folder`; the figures of the report."""
    with open_chaos(campaign.venue, folder=folder) as chaos:
        boundaries = chaos.count_steps()
        covered: set[int] = set()
        for scenario in _plan(campaign, boundaries=boundaries):
            finding = chaos.run(scenario)
            if scenario.kill_at is not None:
                covered.add(scenario.kill_at)
            if not finding.is_clean or max(finding.bare_ms, default=0) > MAX_BARE_MS:
                campaign.note(f"{scenario}: {finding}")
        return {
            "venue": str(campaign.venue),
            "boundaries": boundaries,
            "boundaries_covered": len(covered),
            **_summarize(chaos),
        }


def _plan(campaign: Campaign, *, boundaries: int) -> list[Scenario]:
    every = range(1, boundaries + 1) if campaign.is_every_boundary else ()
    kills = [Scenario(kill_at=step) for step in every]
    drawn = [draw(campaign.venue, seed=seed, steps=boundaries) for seed in range(campaign.seeds)]
    return kills + drawn


def _summarize(chaos: Chaos) -> dict[str, Any]:
    found: list[Finding] = chaos.findings
    bare = sorted(ms for finding in found for ms in finding.bare_ms) or [0]
    return {
        "runs": len(found),
        "entries_per_intent_max": max(finding.entries for finding in found),
        "lost_intents": sum(finding.lost for finding in found),
        "bare_seconds_p99": bare[min(len(bare) - 1, len(bare) * 99 // 100)] / 1000,
        "bare_seconds_max": bare[-1] / 1000,
        "orphan_stops": sum(finding.orphans for finding in found),
        "unresolved_after_24h": sum(finding.unresolved for finding in found),
        "ledger_mismatches": sum(len(finding.mismatches) for finding in found),
    }
