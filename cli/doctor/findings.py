"""What a check answers, and how the answers are shown.

check -> Finding -> a line with what to do, or JSON
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """How a part is: only BROKEN is a failure."""

    GOOD = "ok"
    IDLE = "idle"  # not running or not set up, and it need not be
    WEAK = "weak"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    What one check found.

    Attributes:
        detail: one sentence or a few words; never a secret.
        mend: what to do about it; empty when there is nothing to do.
    """

    part: str
    health: Health
    detail: str
    mend: str = ""


def has_broken(findings: Sequence[Finding]) -> bool:
    """Whether anything has to be mended before Quorum can work."""
    return any(finding.health is Health.BROKEN for finding in findings)
