"""Judges earlier votes by the candles of a later cycle and shows the scorecard.

    votes of half a day ago, candles since -> judge_votes -> outcomes -> show_scorecard

No extra data is fetched. Votes wait until the end of the horizon; votes older than every candle
series are never judged. The quorum's view is judged like a vote.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from prefect.artifacts import acreate_markdown_artifact

from db.session import Tenant
from reports.documents.scorecard_text import render_scorecard_markdown
from tasks.runtime.caching import MarketAnalysis
from tasks.runtime.container import get_services
from tasks.runtime.cycle_context import Cycle
from trading.council.forecasts import (
    HORIZON,
    Forecast,
    Outcome,
    is_taken_alone,
    judge_forecast,
    view_quorum,
)
from trading.market.candles import Candle, Interval

REACH = timedelta(hours=72)
"""How far back the 15 minute candles of a cycle go, rounded down."""

SHOWN_EVERY_HOURS = 6
SHOWN_DAYS = 30


async def judge_votes(
    tenant: Tenant, cycle: Cycle, *, market: MarketAnalysis, now: datetime
) -> None:
    """Judge the pair's votes with a passed horizon, oldest first."""
    said = await tenant.decisions.list_unjudged(cycle.pair, since=now - REACH, until=now - HORIZON)
    if not said:
        return
    free_at = dict(await tenant.decisions.load_free_at(cycle.pair))
    judged: list[tuple[Forecast, Outcome, bool]] = []
    for forecast in _with_quorum(said):
        outcome = judge_forecast(forecast, _find_path(market, forecast.decided_at))
        if outcome is None:
            continue
        name = forecast.decision.model.name
        is_taken = is_taken_alone(forecast, free_at=free_at.get(name))
        if is_taken:
            free_at[name] = outcome.ended_at
        judged.append((forecast, outcome, is_taken))
    await tenant.decisions.add_outcomes(cycle.pair, judged=judged)


async def show_scorecard(cycle: Cycle) -> None:
    """Show the pair's scorecard in Prefect every few hours, except in a replay."""
    services = await get_services()
    at = cycle.key.cycle_time
    if services.is_replay or at.minute or at.hour % SHOWN_EVERY_HOURS:
        return
    async with services.database.tenant(cycle.user_id) as tenant:
        card = await tenant.decisions.load_scorecard(
            since=at - timedelta(days=SHOWN_DAYS), pair=cycle.pair
        )
    await acreate_markdown_artifact(
        key=f"scorecard-u{cycle.user_id}-{cycle.pair.slug.lower()}",
        markdown=render_scorecard_markdown(card, title=f"The council on {cycle.pair}"),
        description=f"How the council has done on {cycle.pair} in {SHOWN_DAYS} days",
    )


def _with_quorum(said: Sequence[Forecast]) -> Iterator[Forecast]:
    for _, votes in groupby(said, key=lambda forecast: forecast.decided_at):
        cycle = tuple(votes)
        yield from cycle
        yield view_quorum(cycle)


def _find_path(market: MarketAnalysis, decided_at: datetime) -> Sequence[Candle]:
    """Candles of the horizon at the finest available interval; empty without such a series."""
    for interval in (Interval.M5, Interval.M15):
        series = market.snapshot.candles.get(interval)
        if series is not None and series.candles and series.candles[0].open_time <= decided_at:
            return _within(series.candles, decided_at)
    return ()


def _within(candles: Iterable[Candle], decided_at: datetime) -> Sequence[Candle]:
    return [c for c in candles if decided_at <= c.open_time < decided_at + HORIZON]
