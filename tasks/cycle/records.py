"""Claims a cycle once and closes the cycle once, always with a receipt.

    open_cycle -> Cycle | Skip        CycleProgress -> close_cycle -> receipt

The receipt, the votes, the market snapshot and the user's alerts are one transaction. Prefect also
shows the receipt as an artifact, for skipped runs too; a cycle without an artifact still counts.
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

from blocks.logging.logs import bind_cycle
from db.session import Tenant
from reports.documents.receipts import render_receipt_markdown
from reports.texts.catalog import render, tell
from tasks.alerts.trading import build_models_down, build_venue_down
from tasks.council.inputs import summarize_market
from tasks.council.scorecard import judge_votes, show_scorecard
from tasks.council.turnout import report_turnout
from tasks.cycle.pricing import price_answers
from tasks.cycle.progress import CycleProgress
from tasks.runtime.caching import Unavailable
from tasks.runtime.container import Services, get_services
from tasks.runtime.cycle_context import Cycle, Skip, quoted
from tasks.runtime.retries import BOOKING_RETRIES, CLAIM_RETRIES
from trading.council.decisions import Abstention, Decision
from trading.cycle import CycleKey, CycleOutcome, CycleRecord, floor_cycle_time, is_stale
from trading.domain.accounts import PairConfig
from trading.domain.errors import BadInput
from trading.domain.fees import PaidFee, sum_fees
from trading.domain.messages import NO_MESSAGE, Message, message
from trading.domain.units import CYCLE_INTERVAL, Mode, Pair, PositionSide, UserId
from trading.reporting.formatting import show_instant
from trading.risk.limits import RiskLimits, tighten

SKIPPED = "Skipped"
MAX_DENIALS_TOLD = 3
MAX_FILLS = 1000
"""Newest executions of a pair in which those of a cycle's orders are looked for."""

logger = get_logger(__name__)

_OPENED: dict[str, Cycle] = {}
"""Open cycles of this process by flow run id: a run may only interrupt the run's own cycle."""


async def open_cycle(user_id: int, *, pair: str, cycle_time: datetime | None) -> Cycle | Skip:
    """
    Claim the cycle, or return the reason to skip the cycle.

    Raises:
        BadInput: when `pair` is not a pair.
        QuorumError: when the database does not answer: nothing is run then.
    """
    services = await get_services()
    scheduled_at = cycle_time or flow_run.scheduled_start_time or services.clock()
    scheduled_at = datetime.fromtimestamp(scheduled_at.timestamp(), UTC)
    if scheduled_at > services.clock() + CYCLE_INTERVAL:
        raise BadInput(f"The cycle of {show_instant(scheduled_at)} lies ahead: it is not run.")
    key = CycleKey(
        user_id=UserId(user_id), pair=Pair.parse(pair), cycle_time=floor_cycle_time(scheduled_at)
    )
    bind_cycle(user=key.user_id, pair=str(key.pair), cycle=key.cycle_time)
    opened = await _claim_cycle(key, scheduled_at)
    if isinstance(opened, Cycle):
        _OPENED[str(flow_run.id)] = opened
    return opened


def take_opened(run_id: str) -> Cycle | None:
    """Remove and return the open cycle of a flow run in this process, if any."""
    return _OPENED.pop(run_id, None)


@task(name="open_cycle", cache_policy=NO_CACHE, **CLAIM_RETRIES)
async def _claim_cycle(key: CycleKey, scheduled_at: datetime) -> Cycle | Skip:
    services = await get_services()
    now = services.clock()
    async with services.database.tenant(key.user_id) as tenant:
        config = await tenant.pairs.load_pair(key.pair)
        if config is None:
            return Skip(key=key, reason=message("pair-removed", pair=str(key.pair)))
        mode = Mode.REPLAY if services.is_replay else config.mode
        venue = config.trade_venue
        if not await tenant.cycles.claim_cycle(key, mode=mode, venue=venue, now=now):
            return Skip(key=key, reason=message("cycle-done-already"))
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
    """Show the reason and complete the run: a skipped cycle is no failure."""
    why = render(skip.reason)
    text = f"# Skipped\n\n{skip.key.pair}, {show_instant(skip.key.cycle_time)}: {why}\n"
    await _show(skip.key, markdown=text, description=why)
    return Completed(name=SKIPPED, message=why)


async def close_cycle(cycle: Cycle, progress: CycleProgress) -> State[None]:
    """Store and show the receipt; the outcome becomes the message of the run's final state."""
    record = await _store_record(cycle, quoted(progress))
    take_opened(str(flow_run.id))
    await _show(
        record.key, markdown=render_receipt_markdown(record), description=render(record.reason)
    )
    await show_scorecard(cycle)
    is_skipped = record.outcome is CycleOutcome.SKIPPED
    return Completed(
        name=SKIPPED if is_skipped else None, message=f"{record.outcome}: {render(record.reason)}"
    )


@task(name="close_cycle", cache_policy=NO_CACHE, **BOOKING_RETRIES)
async def _store_record(cycle: Cycle, progress: CycleProgress) -> CycleRecord:
    services = await get_services()
    now, market = services.clock(), progress.evidence.market
    await _tell_operator(services, cycle, progress=progress)
    async with services.database.tenant(cycle.user_id) as tenant:
        shares = await tenant.spend.load_shares(cycle.key) if progress.decisions else {}
        progress = price_answers(cycle, progress, shares=shares)
        record = build_record(cycle, progress, now=now)
        record = replace(record, fees=await _sum_fees(tenant, record))
        if not await tenant.cycles.close_cycle(record):
            return record
        await _keep_votes(tenant, cycle, progress=progress, now=now)
        await report_turnout(
            services, tenant=tenant, cycle=cycle, decisions=progress.decisions, now=now
        )
        if not isinstance(market, Unavailable):
            await judge_votes(tenant, cycle, market=market, now=now)
        if record.market is not None:
            await tenant.snapshots.add_snapshot(
                cycle.config.venue,
                pair=cycle.pair,
                cycle_time=cycle.key.cycle_time,
                summary=record.market,
            )
    return record


async def _keep_votes(
    tenant: Tenant, cycle: Cycle, *, progress: CycleProgress, now: datetime
) -> None:
    """Store the votes with the price and position side for the later judgment."""
    market, books = progress.evidence.market, progress.evidence.books
    if isinstance(market, Unavailable) or isinstance(books, Unavailable):
        return
    await tenant.decisions.add_decisions(
        cycle.key,
        decisions=progress.decisions,
        news_decisions=() if progress.news_check is None else progress.news_check.decisions,
        now=now,
        seen=(
            market.snapshot.ticker.last_price,
            PositionSide.FLAT if books.position is None else books.position.side,
        ),
    )


async def _sum_fees(tenant: Tenant, record: CycleRecord) -> tuple[PaidFee, ...]:
    """The fees of the booked executions of the cycle's orders."""
    names = {order.client_order_id for order in record.orders}
    if not names:
        return ()
    fills = await tenant.trades.list_fills(record.key.pair, limit=MAX_FILLS)
    return sum_fees(fill for fill in fills if fill.client_order_id in names)


def build_record(cycle: Cycle, progress: CycleProgress, *, now: datetime) -> CycleRecord:
    """The receipt."""
    outcome, reason = _conclude(progress)
    evidence, execution = progress.evidence, progress.execution
    market = evidence.market
    as_of = cycle.opened_at if isinstance(market, Unavailable) else market.snapshot.as_of
    return CycleRecord(
        key=cycle.key,
        mode=cycle.mode,
        venue=cycle.venue,
        as_of=as_of,
        outcome=outcome,
        reason=reason,
        closed_at=now,
        market=summarize_market(evidence, as_of=cycle.opened_at),
        indicators={} if isinstance(market, Unavailable) else market.indicators,
        news=evidence.news,
        decisions=progress.decisions,
        news_check=progress.news_check,
        consensus=progress.consensus,
        risk=None if progress.risk is None else progress.risk.verdict,
        orders=() if execution is None else execution.orders,
        position=None if progress.update is None else progress.update.position,
        portfolio=None if progress.update is None else progress.update.portfolio,
        warnings=(
            *map(str, evidence.news.warnings),
            *(() if execution is None else execution.warnings),
        ),
    )


def _conclude(progress: CycleProgress) -> tuple[CycleOutcome, Message]:
    """The outcome of the cycle and the reason."""
    if (blocker := progress.evidence.blocker) is not None:
        return blocker.outcome, blocker.reason
    if progress.execution is not None:
        return progress.execution.outcome, progress.execution.reason
    denials = () if progress.risk is None else progress.risk.verdict.denials
    if denials:
        told = tuple(denial.told for denial in denials[:MAX_DENIALS_TOLD])
        more = len(denials) - MAX_DENIALS_TOLD
        if more > 0:
            return CycleOutcome.DENIED, message("cycle-denied-more", denials=told, more=more)
        return CycleOutcome.DENIED, message("cycle-denied", denials=told)
    consensus = progress.consensus
    return CycleOutcome.HELD, consensus.reason if consensus else message("nothing-to-decide")


def _find_reason_to_skip(config: PairConfig, *, scheduled_at: datetime, now: datetime) -> Message:
    if is_stale(scheduled_at, now=now):
        return message("cycle-too-late", due=scheduled_at)
    if config.is_paused_in_prefect:
        return message("pair-paused-in-prefect", pair=str(config.pair))
    return message("pair-paused", pair=str(config.pair)) if config.is_paused else NO_MESSAGE


def _tighten(limits: RiskLimits, config: PairConfig) -> RiskLimits:
    """
    The installation's limits, tightened by the user's overrides.

    An override looser than the installation's present limit is ignored: the stricter limit holds,
    and the cycle continues.
    """
    for name, text in config.overrides.items():
        try:
            limits = tighten(limits, {name: text})
        except BadInput as error:
            logger.warning("An override of %s is passed over: %s", config.pair, tell(error))
    return limits


async def _tell_operator(services: Services, cycle: Cycle, *, progress: CycleProgress) -> None:
    """Alert the operator: hourly for a market without data, once an outage for the models."""
    market = progress.evidence.market
    is_silent = _is_silent(progress.decisions)
    if not isinstance(market, Unavailable) and not is_silent:
        return
    now = services.clock()
    async with services.database.operator() as operator:
        if isinstance(market, Unavailable):
            await operator.alerts.enqueue_alert(
                build_venue_down(cycle.pair, venue=cycle.config.venue, why=market.reason, now=now)
            )
        if is_silent:
            last = await operator.decisions.load_last_vote_at()
            await operator.alerts.enqueue_alert(
                build_models_down(cycle.pair, last_vote_at=last, now=now)
            )


def _is_silent(decisions: tuple[Decision, ...]) -> bool:
    """Whether models were asked and none answered; models over budget were not asked."""
    asked = [d for d in decisions if d.abstention is not Abstention.BUDGET]
    return bool(asked) and all(d.abstained for d in asked)


async def _show(key: CycleKey, *, markdown: str, description: str) -> None:
    await acreate_markdown_artifact(
        key=f"receipt-u{key.user_id}-{key.pair.slug.lower()}",
        markdown=markdown,
        description=f"{show_instant(key.cycle_time)}: {description}"[:500],
    )
