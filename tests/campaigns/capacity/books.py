"""What a scenario came to, from two sets of books: Prefect's tables and ours.

Prefect's database, read beside the server (also while it is down) -> Seen, by run
our cycles, intents and orders                                    -> judge -> figures
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from tests.campaigns.capacity.stage import Stage
from trading.domain.accounts import PairConfig

FINAL = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
STUCK_SECONDS = 300.0
COMPLETED = ("entered", "exited", "held", "denied")
OUTCOMES = (*COMPLETED, "skipped", "interrupted", "failed", "open")
_RUNS = """
SELECT r.id, r.state_type, r.state_name, r.state_timestamp, r.run_count, r.end_time, s.message
FROM flow_run r JOIN flow_run_state s ON s.id = r.state_id
WHERE r.id = ANY(%s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One run as Prefect has it; `since` is when it came into its state, Unix time."""

    kind: str
    name: str
    since: float
    times_begun: int
    ended: float | None
    message: str

    @property
    def is_final(self) -> bool:
        """Whether nothing comes any more."""
        return self.kind in FINAL

    def is_stuck(self, *, now: float) -> bool:
        """Whether it has been RUNNING for longer than five minutes at `now`."""
        return self.kind == "RUNNING" and now - self.since > STUCK_SECONDS


def read_seen(books: psycopg.Connection[Any], ids: Collection[UUID]) -> dict[UUID, Seen]:
    """The runs of those ids; without a request, so that nobody is disturbed by the look."""
    rows = books.execute(_RUNS, (list(ids),)).fetchall()
    return {row[0]: _to_seen(row) for row in rows}


def _to_seen(row: tuple[Any, ...]) -> Seen:
    _, kind, name, since, times, ended, message = row
    return Seen(
        kind=kind,
        name=name,
        since=since.timestamp(),
        times_begun=int(times),
        ended=ended.timestamp() if ended else None,
        message=message or "",
    )


def judge(seen: Mapping[UUID, Seen], *, asked: int, books: Mapping[str, int]) -> dict[str, Any]:
    """The figures of both books."""
    names = Counter(run.name for run in seen.values())
    kinds = Counter(run.kind for run in seen.values())
    return {
        "asked": asked,
        "completed": sum(books.get(name, 0) for name in COMPLETED),
        "skipped": books.get("skipped", 0),
        "interrupted": books.get("interrupted", 0),
        "failed": books.get("failed", 0),
        "open": books.get("open", 0),
        "without_receipt": asked - sum(books.get(name, 0) for name in OUTCOMES),
        "executed_twice": books["entries_twice"],
        "begun_twice": sum(run.times_begun > 1 for run in seen.values()),
        "unprotected_positions": books["unprotected_positions"],
        "prefect": dict(names),
        "crashed": kinds["CRASHED"],
        "not_ended": sum(not run.is_final for run in seen.values()),
    }


def is_settled(books: Mapping[str, int]) -> bool:
    """Whether every cycle is closed and every position has its stop."""
    return books.get("open", 0) == 0 and books["unprotected_positions"] == 0


def read_books(stage: Stage, configs: Sequence[PairConfig]) -> dict[str, int]:
    """
    Our side: cycles by outcome, users with two entries at the venue, positions without a stop.

    A cycle's row is unique by its key, so only the venue can tell whether one was executed twice:
    each of these users has one cycle, and every vote is to go long.
    """
    users = ", ".join(str(int(config.user_id)) for config in configs)
    outcomes = stage.ask(
        "SELECT coalesce(outcome::text, 'open'), count(*) FROM cycles "
        f"WHERE user_id IN ({users}) GROUP BY 1"
    )
    twice = stage.ask(
        "SELECT count(*) FROM (SELECT user_id FROM paper_orders "
        f"WHERE user_id IN ({users}) AND NOT reduce_only GROUP BY 1 HAVING count(*) > 1) x"
    )
    bare = stage.ask(
        "SELECT count(*) FROM positions WHERE closed_at IS NULL AND stop_price IS NULL "
        f"AND user_id IN ({users})"
    )
    return {
        **{str(name): int(count) for name, count in outcomes},
        "entries_twice": int(twice[0][0]),
        "unprotected_positions": int(bare[0][0]),
    }
