"""Record tasks: a cycle is claimed once, explained always, closed once.

    open_cycle -> Cycle | Skip        everything the cycle saw and did -> close_cycle -> receipt

The receipt, its votes, its snapshot and the user's alerts are one transaction. Prefect shows the
receipt too, as an artifact, for runs that were skipped as well; without it the cycle still counts.
"""

from dataclasses import replace
from datetime import UTC, datetime

from prefect import task
from prefect.artifacts import acreate_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.logging import get_logger
from prefect.runtime import flow_run
from prefect.states import Completed

from blocks.logging.logs import correlate
from db.session import Tenant
from tasks.alerts.trading import build_models_down, build_venue_down
from tasks.council.ask import price_decisions
from tasks.council.inputs import summarize_market
from tasks.council.scorecard import judge_votes, show_scorecard
from tasks.cycle.progress import Course
from tasks.runtime.caching import Unavailable
from tasks.runtime.container import Services, get_services
from tasks.runtime.cycle_context import Cycle, Skip, quoted
from tasks.runtime.retries import BOOKING_RETRIES, CLAIM_RETRIES
from trading.council.decisions import Abstention, Decision
from trading.cycle import CycleKey, CycleOutcome, CycleRecord, floor_cycle_time, is_stale
from trading.domain.accounts import PairConfig
from trading.domain.errors import BadInput
from trading.domain.units import Mode, Pair, PositionSide, UserId
from trading.reporting.formatting import show_instant
from trading.reporting.receipts import render_receipt_markdown
from trading.risk.limits import RiskLimits, tighten

SKIPPED = "Skipped"
MAX_DENIALS_TOLD = 3

logger = get_logger(__name__)

_OPENED: dict[str, Cycle] = {}
"""What runs of this process have open, by flow run: a run may only break off its own cycle."""


async def open_cycle(user_id: int, *, pair: str, cycle_time: datetime | None) -> Cycle | Skip:
    """
    Claim the cycle, or say why it is not to be run.

    Raises:
        BadInput: when `pair` is none.
        QuorumError: when the database does not answer: nothing is run then.
    """
    services = await get_services()
    scheduled_at = cycle_time or flow_run.scheduled_start_time or services.clock()
    scheduled_at = datetime.fromtimestamp(scheduled_at.timestamp(), UTC)
    key = CycleKey(
        user_id=UserId(user_id), pair=Pair.parse(pair), cycle_time=floor_cycle_time(scheduled_at)
    )
    correlate(user=key.user_id, pair=str(key.pair), cycle=key.cycle_time)
    opened = await _open(key, scheduled_at)
    if isinstance(opened, Cycle):
        _OPENED[str(flow_run.id)] = opened
    return opened


def take_opened(run_id: str) -> Cycle | None:
    """The cycle that a flow run of this process opened and has not closed; only once."""
    return _OPENED.pop(run_id, None)


@task(name="open_cycle", cache_policy=NO_CACHE, **CLAIM_RETRIES)
async def _open(key: CycleKey, scheduled_at: datetime) -> Cycle | Skip:
    services = await get_services()
    now = services.clock()
    async with services.database.tenant(key.user_id) as tenant:
        config = await tenant.pairs.load_pair(key.pair)
        if config is None:
            return Skip(key=key, reason=f"{key.pair} is not traded any more.")
        mode = Mode.REPLAY if services.is_replay else config.mode
        venue = config.trade_venue
        if not await tenant.cycles.claim_cycle(key, mode=mode, venue=venue, now=now):
            return Skip(key=key, reason="This cycle has been run already.")
        reason = _find_reason_to_skip(config, scheduled_at=scheduled_at, now=now)
        if reason:
            record = CycleRecord(
                key=key,
                mode=mode,
                venue=venue,
                as_of=now,
                outcome=CycleOutcome.SKIPPED,
                reason=reason,
                closed_at=now,
            )
            await tenant.cycles.close_cycle(record)
            return Skip(key=key, reason=reason)
    return Cycle(
        key=key,
        mode=mode,
        venue=venue,
        opened_at=now,
        config=config,
        limits=_tighten(services.settings.limits, config),
        namespace=services.namespace,
    )


async def skip_cycle(skip: Skip) -> State[None]:
    """Show why, and end well: a skipped cycle is no failure."""
    text = f"# Skipped\n\n{skip.key.pair}, {show_instant(skip.key.cycle_time)}: {skip.reason}\n"
    await _show(skip.key, markdown=text, description=skip.reason)
    return Completed(name=SKIPPED, message=skip.reason)


async def close_cycle(cycle: Cycle, course: Course) -> State[None]:
    """Keep the receipt, show it, and say in the run's state how the cycle ended."""
    record = await _close(cycle, quoted(course))
    take_opened(str(flow_run.id))
    await _show(record.key, markdown=render_receipt_markdown(record), description=record.reason)
    await show_scorecard(cycle)
    is_skipped = record.outcome is CycleOutcome.SKIPPED
    return Completed(
        name=SKIPPED if is_skipped else None, message=f"{record.outcome}: {record.reason}"
    )


@task(name="close_cycle", cache_policy=NO_CACHE, **BOOKING_RETRIES)
async def _close(cycle: Cycle, course: Course) -> CycleRecord:
    services = await get_services()
    now, look = services.clock(), course.evidence.look
    await _tell_operator(services, cycle, course=course)
    async with services.database.tenant(cycle.user_id) as tenant:
        shares = await tenant.spend.load_shares(cycle.key) if course.decisions else {}
        course = replace(course, decisions=price_decisions(course.decisions, shares))
        record = build_record(cycle, course, now=now)
        if not await tenant.cycles.close_cycle(record):
            return record
        await _keep_votes(tenant, cycle, course=course, now=now)
        if not isinstance(look, Unavailable):
            await judge_votes(tenant, cycle, look=look, now=now)
        if record.market is not None:
            await tenant.snapshots.add_snapshot(
                cycle.config.venue,
                pair=cycle.pair,
                cycle_time=cycle.key.cycle_time,
                summary=record.market,
            )
    return record


async def _keep_votes(tenant: Tenant, cycle: Cycle, *, course: Course, now: datetime) -> None:
    """The votes, with what they can be judged by later."""
    look, books = course.evidence.look, course.evidence.books
    if isinstance(look, Unavailable) or isinstance(books, Unavailable):
        return
    await tenant.decisions.add_decisions(
        cycle.key,
        decisions=course.decisions,
        now=now,
        price=look.snapshot.ticker.last_price,
        position_side=PositionSide.FLAT if books.position is None else books.position.side,
    )


def build_record(cycle: Cycle, course: Course, *, now: datetime) -> CycleRecord:
    """The receipt."""
    outcome, reason = _conclude(course)
    evidence, execution = course.evidence, course.execution
    look = evidence.look
    as_of = cycle.opened_at if isinstance(look, Unavailable) else look.snapshot.as_of
    return CycleRecord(
        key=cycle.key,
        mode=cycle.mode,
        venue=cycle.venue,
        as_of=as_of,
        outcome=outcome,
        reason=reason,
        closed_at=now,
        market=summarize_market(evidence, as_of=cycle.opened_at),
        indicators={} if isinstance(look, Unavailable) else look.indicators,
        news=evidence.news,
        decisions=course.decisions,
        consensus=course.consensus,
        risk=None if course.ruling is None else course.ruling.verdict,
        orders=() if execution is None else execution.orders,
        position=None if course.watched is None else course.watched.position,
        portfolio=None if course.watched is None else course.watched.portfolio,
        warnings=(*evidence.news.warnings, *(() if execution is None else execution.warnings)),
    )


def _conclude(course: Course) -> tuple[CycleOutcome, str]:
    """How the cycle ended, and the sentence that says why."""
    if (blocker := course.evidence.blocker) is not None:
        return blocker.outcome, blocker.reason
    if course.execution is not None:
        return course.execution.outcome, course.execution.reason
    denials = () if course.ruling is None else course.ruling.verdict.denials
    if denials:
        told = "; ".join(denial.sentence for denial in denials[:MAX_DENIALS_TOLD])
        more = len(denials) - MAX_DENIALS_TOLD
        return CycleOutcome.DENIED, f"{told}; and {more} more." if more > 0 else f"{told}."
    return CycleOutcome.HELD, course.consensus.reason if course.consensus else "Nothing to decide."


def _find_reason_to_skip(config: PairConfig, *, scheduled_at: datetime, now: datetime) -> str:
    if is_stale(scheduled_at, now=now):
        return f"It was due at {show_instant(scheduled_at)} and starts too late to be of use."
    return f"{config.pair} is paused." if config.is_paused else ""


def _tighten(limits: RiskLimits, config: PairConfig) -> RiskLimits:
    """
    The installation's limits with the user's own over them.

    An override that the installation has overtaken (it is stricter now) is passed over: the
    stricter one holds, and the cycle goes on.
    """
    for name, text in config.overrides.items():
        try:
            limits = tighten(limits, {name: text})
        except BadInput as error:
            logger.warning("An override of %s is passed over: %s", config.pair, error.sentence)
    return limits


async def _tell_operator(services: Services, cycle: Cycle, *, course: Course) -> None:
    """One alert an hour for a market that is down, one an outage for the models."""
    look = course.evidence.look
    is_silent = _is_silent(course.decisions)
    if not isinstance(look, Unavailable) and not is_silent:
        return
    now = services.clock()
    async with services.database.operator() as operator:
        if isinstance(look, Unavailable):
            await operator.alerts.enqueue_alert(
                build_venue_down(
                    cycle.pair, venue=cycle.config.venue, sentence=look.sentence, now=now
                )
            )
        if is_silent:
            last = await operator.decisions.load_last_vote_at()
            await operator.alerts.enqueue_alert(
                build_models_down(cycle.pair, last_vote_at=last, now=now)
            )


def _is_silent(decisions: tuple[Decision, ...]) -> bool:
    """Whether models were asked and none answered; who is over budget was not asked."""
    asked = [d for d in decisions if d.abstention is not Abstention.BUDGET]
    return bool(asked) and all(d.abstained for d in asked)


async def _show(key: CycleKey, *, markdown: str, description: str) -> None:
    await acreate_markdown_artifact(
        key=f"receipt-u{key.user_id}-{key.pair.slug.lower()}",
        markdown=markdown,
        description=f"{show_instant(key.cycle_time)}: {description}"[:500],
    )
