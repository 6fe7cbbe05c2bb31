"""Findings of checks, and the display of findings.

check -> Finding -> a line with the repair, or JSON
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """How a part is: only BROKEN is a failure."""

    GOOD = "ok"
    IDLE = "idle"  # not running or not set up, and not required
    WEAK = "weak"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    Result of a check.

    Attributes:
        detail: a sentence or a few words; never a secret.
        mend: the repair; empty when none is needed.
    """

    part: str
    health: Health
    detail: str
    mend: str = ""


def has_broken(findings: Sequence[Finding]) -> bool:
    """Whether anything has to be mended before Quorum can work."""
    return any(finding.health is Health.BROKEN for finding in findings)
