"""The trading cycle of a user and pair: calls the steps of `tasks` in order.

claim -> market, news, fills -> council -> consensus -> risk -> execution -> portfolio -> receipt

Runs every 30 minutes for each (user, pair). Missing market data, news or votes raise no error: the
cycle ends with HOLD or a skip, and the receipt names the reason. The flow fails only for a bug or
a lost database: then no further order is sent, and `flows.hooks` closes the cycle's record.
"""

import asyncio
from datetime import datetime

from prefect import flow
from prefect.client.schemas.objects import State

from flows.hooks import close_broken_cycle, name_run
from tasks.council.ask import ask_council
from tasks.council.inputs import Evidence
from tasks.cycle.execution import execute_decision
from tasks.cycle.portfolio_update import watch_portfolio
from tasks.cycle.progress import CycleProgress
from tasks.cycle.records import close_cycle, open_cycle, skip_cycle
from tasks.market.collect import collect_market
from tasks.market.news import collect_news
from tasks.orders.accounts import sync_books
from tasks.risk.check import NO_ACTION, check_risk
from tasks.runtime.caching import RESULTS
from tasks.runtime.cycle_context import Skip, quoted
from tasks.runtime.states import take
from trading.council.decisions import Action

TIMEOUT_SECONDS = 600
"""A longer run is useless; the run ends before the next cycle is due."""


@flow(
    name="trading-cycle",
    flow_run_name=name_run,
    timeout_seconds=TIMEOUT_SECONDS,
    persist_result=False,
    result_storage=RESULTS,
    on_failure=[close_broken_cycle],
    on_crashed=[close_broken_cycle],
    on_cancellation=[close_broken_cycle],
)
async def trading_cycle(  # signature: deployments pass the parameters by name
    user_id: int, pair: str, cycle_time: datetime | None = None
) -> State[None]:
    """
    Run one cycle.

    Args:
        user_id: owner of the pair.
        pair: BTC/USDT.
        cycle_time: the instant that names the cycle, floored to 30 minutes. Only a replay passes
            the instant; the default is the scheduled start of the run.
    """
    cycle = await open_cycle(user_id, pair=pair, cycle_time=cycle_time)
    if isinstance(cycle, Skip):
        return await skip_cycle(cycle)
    synced = take(sync_books(cycle, return_state=True))
    market, news, books = await asyncio.gather(
        collect_market(cycle.share("collect_market"), venue=cycle.config.venue, pair=cycle.pair),
        collect_news(cycle.share("collect_news"), pair=cycle.pair),
        synced,
    )
    evidence = Evidence(market=market, books=books, news=news)
    progress = CycleProgress(evidence=evidence)
    if evidence.blocker is None:
        async with ask_council(cycle, evidence) as council:
            consensus = await council.decide()
            decision, execution = NO_ACTION, None
            if consensus.action is not Action.HOLD:
                decision = await check_risk(cycle, quoted(evidence), consensus=quoted(consensus))
            if decision.intents:
                execution = await execute_decision(cycle, quoted(decision))
            decisions, news_check = await council.finish()
            progress = CycleProgress(
                evidence=evidence,
                decisions=decisions,
                news_check=news_check,
                consensus=consensus,
                risk=decision,
                execution=execution,
            )
    return await close_cycle(cycle, await watch_portfolio(cycle, progress))
