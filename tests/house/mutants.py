"""What `make mutants` came to: a table for each file, the survivors, and the score that is owed.

mutants/**/*.py.meta (mutmut's own record) -> killed, survived -> exit status 1 below the score

A mutant that ran out of time was noticed: its loop never ended. One that no test touched counts
as survived.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mutmut.stats import status_by_exit_code

SCORE = 95.0
"""Percent of the changes that a test has to notice, in each file group and in all."""
NOTICED = frozenset({"killed", "timeout", "segfault", "caught by type check"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FileScore:
    """One source file's mutants; `survivors` are mutmut's names."""

    path: str
    total: int
    survivors: tuple[str, ...]

    @property
    def percent(self) -> float:
        """Noticed of all, 0 to 100."""
        return 100.0 * (self.total - len(self.survivors)) / self.total


def read_scores(folder: Path) -> tuple[FileScore, ...]:
    """The scores of all files that have mutants, by path. Raises OSError when there was no run."""
    scores = []
    for meta in sorted(folder.rglob("*.py.meta")):
        codes: Mapping[str, int | None] = json.loads(meta.read_text())["exit_code_by_key"]
        if codes:
            path = str(meta.relative_to(folder)).removesuffix(".meta")
            scores.append(_score(path, codes))
    return tuple(scores)


def _score(path: str, codes: Mapping[str, int | None]) -> FileScore:
    missed = [name for name, code in codes.items() if status_by_exit_code[code] not in NOTICED]
    return FileScore(path=path, total=len(codes), survivors=tuple(sorted(missed)))


def render_scores(scores: tuple[FileScore, ...]) -> str:
    """A table and the survivors, as the report in docs has them."""
    total = sum(score.total for score in scores)
    missed = sum(len(score.survivors) for score in scores)
    lines = ["| file | mutants | noticed | survived | score |", "|---|--:|--:|--:|--:|"]
    lines += [
        f"| {s.path} | {s.total} | {s.total - len(s.survivors)} | {len(s.survivors)} "
        f"| {s.percent:.1f} % |"
        for s in scores
    ]
    lines.append(
        f"| all | {total} | {total - missed} | {missed} | {100 * (total - missed) / total:.1f} % |"
    )
    lines += [f"survived: {name}" for score in scores for name in score.survivors]
    return "\n".join(lines)


def main() -> int:
    """Print the table; 1 when any file is below the score, or nothing was measured."""
    scores = read_scores(Path("mutants"))
    if not scores:
        print("No mutant was run.", file=sys.stderr)
        return 1
    print(render_scores(scores))
    return 0 if all(score.percent >= SCORE for score in scores) else 1


if __name__ == "__main__":
    sys.exit(main())
