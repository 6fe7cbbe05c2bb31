"""Reads the figures of the installation and shows the figures as Prometheus metrics.

database (counts across users), Prefect (heartbeats) -> read_figures -> Meters -> /metrics

A process of its own reads the figures every few seconds, so a scrape costs the database nothing
and no worker opens a port. Counts cover the last hour: the counts survive restarts, and a
dashboard divides by 60 for a rate a minute. No label contains a user, a user's pair, or a
sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Gauge

from db.repositories.operations.health import ModelHealth, Scale
from tasks.monitoring.health import Machine, measure_machine
from tasks.runtime.container import Services
from trading.cycle import CycleOutcome

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """
    The figures of the installation; counts cover the last hour.

    Attributes:
        venues: cycles and those that saw nothing, by the venue of the prices.
        backlog: messages owed; `oldest_seconds` is the age of the oldest, 0 without one.
        doubtful_users: users with an order that is not settled.
        is_halted: whether the system's switch stops entries.
    """

    scale: Scale
    outcomes: Mapping[CycleOutcome, int]
    models: tuple[ModelHealth, ...]
    venues: Mapping[str, tuple[int, int]]
    opened_breakers: int
    backlog: int
    oldest_seconds: float
    doubtful_users: int
    is_halted: bool
    machine: Machine


async def read_figures(services: Services) -> Figures:
    """Look once. Raises QuorumError when the database does not answer."""
    now = services.clock()
    async with services.database.operator() as operator:
        oldest = await operator.alerts.load_oldest_waiting_at()
        figures = {
            "scale": await operator.health.measure_scale(),
            "outcomes": await operator.health.count_outcomes(now - HOUR),
            "models": await operator.health.list_models(now - HOUR),
            "venues": await operator.health.count_venue_failures(now - HOUR),
            "opened_breakers": await operator.health.count_opened_breakers(now - HOUR),
            "backlog": await operator.alerts.count_backlog(),
            "doubtful_users": len(await operator.intents.list_users_with_open_intents()),
            "is_halted": None in await operator.states.list_switches(),
        }
    return Figures(
        **figures,  # type: ignore[arg-type]  # one kind of value per name
        oldest_seconds=_age_seconds(oldest, now=now),
        machine=await measure_machine(services),
    )


class Meters:
    """The gauges, on a separate registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._up = self._gauge("up", "1 when the last look succeeded, 0 when the database failed.")
        self._users = self._gauge("active_users", "Users with a pair.")
        self._pairs = self._gauge("pairs", "Pairs by state.", "state")
        self._positions = self._gauge("open_positions", "Open positions.")
        self._breakers = self._gauge("open_breakers", "Breakers that are open.")
        self._opened = self._gauge("breakers_opened_last_hour", "Breakers opened within an hour.")
        self._cycles = self._gauge("cycles_last_hour", "Cycles closed, by outcome.", "outcome")
        self._votes = self._gauge("model_votes_last_hour", "Votes asked for, by model.", "model")
        self._failed = self._gauge("model_failures_last_hour", "Abstentions, by model.", "model")
        self._latency = self._gauge("model_latency_ms", "Mean latency of an hour.", "model")
        self._cost = self._gauge("model_cost_usd_last_hour", "Cost of an hour.", "model")
        self._looks = self._gauge("venue_cycles_last_hour", "Cycles by venue.", "venue")
        self._blind = self._gauge("venue_failures_last_hour", "Cycles that saw nothing.", "venue")
        self._backlog = self._gauge("alert_backlog", "Messages owed.")
        self._oldest = self._gauge("alert_oldest_seconds", "Age of the oldest message owed.")
        self._doubts = self._gauge("users_with_open_orders", "Users with unsettled orders.")
        self._halted = self._gauge("halted", "1 while entries are stopped for everybody.")
        self._offset = self._gauge("clock_offset_seconds", "Our clock minus the database's.")
        self._disk = self._gauge("disk_free_ratio", "Free share of the home's disk.")
        self._size = self._gauge("database_bytes", "Size of the database.")
        self._workers = self._gauge("workers", "Workers that were heard of within two minutes.")

    def show(self, figures: Figures, *, workers: int) -> None:
        """Set the gauges to the figures; labels without a figure are removed."""
        self._up.set(1)
        self._show_scale(figures.scale)
        self._opened.set(figures.opened_breakers)
        for labeled in (self._votes, self._failed, self._latency, self._cost, self._looks):
            labeled.clear()
        self._blind.clear()
        for outcome in CycleOutcome:
            self._cycles.labels(outcome).set(figures.outcomes.get(outcome, 0))
        for model in figures.models:
            self._votes.labels(model.model).set(model.votes)
            self._failed.labels(model.model).set(model.failures)
            self._latency.labels(model.model).set(model.latency_ms)
            self._cost.labels(model.model).set(float(model.cost_usd))
        for venue, (cycles, failures) in figures.venues.items():
            self._looks.labels(venue).set(cycles)
            self._blind.labels(venue).set(failures)
        self._backlog.set(figures.backlog)
        self._oldest.set(figures.oldest_seconds)
        self._doubts.set(figures.doubtful_users)
        self._halted.set(figures.is_halted)
        self._workers.set(workers)
        self._show_machine(figures.machine)

    def show_failure(self) -> None:
        """Keep the old figures and set `quorum_up` to 0 after a failed read."""
        self._up.set(0)

    def _show_scale(self, scale: Scale) -> None:
        self._users.set(scale.users)
        self._pairs.labels("running").set(scale.pairs - scale.paused_pairs)
        self._pairs.labels("paused").set(scale.paused_pairs)
        self._positions.set(scale.open_positions)
        self._breakers.set(scale.open_breakers)

    def _show_machine(self, machine: Machine) -> None:
        self._offset.set(machine.clock_offset.total_seconds())
        self._disk.set(machine.disk_free_ratio)
        self._size.set(machine.database_bytes)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"quorum_{name}", text, labels, registry=self.registry)


def _age_seconds(instant: datetime | None, *, now: datetime) -> float:
    return 0.0 if instant is None else max(0.0, (now - instant).total_seconds())
