"""Results of pairs and models: since a pair was added, and of the council's votes.

cycles, closed positions, executions -> PairReport -> PairStats
votes and outcomes                   -> Scorecard
"""

from dataclasses import dataclass
from datetime import timedelta

from commands.caller import Caller
from db.session import Tenant
from trading.council.scorecard import Scorecard
from trading.domain.accounts import PairConfig, Portfolio
from trading.domain.fees import PaidFee
from trading.domain.units import Pair
from trading.portfolio.performance import EquityPoint, Statistics, compute_statistics
from trading.reporting.pair_report import PairReport
from trading.requests import filter_pairs, is_one_pair

MAX_FILLS = 10_000
"""Executions that a picture marks at most."""
SCORECARD_PERIOD = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairStats:
    """
    Results of a pair since the pair was added.

    Attributes:
        latest: as of the last cycle, None before the first.
        cycles: number of cycles that ended with a portfolio.
        other_fees: fees in assets other than the quote, by asset.
    """

    config: PairConfig
    statistics: Statistics
    latest: Portfolio | None
    cycles: int
    other_fees: tuple[PaidFee, ...] = ()


async def load_reports(caller: Caller, text: str) -> tuple[PairReport, ...]:
    """Load the reports of a pair, or of "all". Raises BadInput for another user's pair."""
    async with caller.tenant() as tenant:
        configs = filter_pairs(text, existing=await tenant.pairs.list_pairs())
        return tuple([await load_report(tenant, config) for config in configs])


async def load_report(tenant: Tenant, config: PairConfig) -> PairReport:
    """
    Load one pair's report.

    The equity curve has the present capital throughout, so a change of capital is neither gain
    nor drawdown.
    """
    since = config.created_at
    portfolios = await tenant.cycles.list_portfolios(config.pair, since=since)
    closed = await tenant.positions.list_closed_positions(config.pair, since=since)
    fills = await tenant.trades.list_fills(config.pair, limit=MAX_FILLS)
    curve = [
        EquityPoint(as_of=one.as_of, equity=config.capital + one.net_pnl) for one in portfolios
    ]
    return PairReport(
        config=config,
        portfolios=portfolios,
        closed=closed,
        fills=tuple(one for one in reversed(fills) if one.filled_at >= since),
        statistics=compute_statistics(closed, equity_curve=curve),
        latest_record=await tenant.cycles.load_cycle(config.pair),
    )


def summarize(report: PairReport) -> PairStats:
    """The figures of a report."""
    return PairStats(
        config=report.config,
        statistics=report.statistics,
        latest=report.latest,
        cycles=len(report.portfolios),
        other_fees=report.other_fees,
    )


async def load_scorecard(caller: Caller, text: str = "") -> Scorecard:
    """Load the models' results of the last 30 days, of a pair or of "all"."""
    pair = Pair.parse(text) if is_one_pair(text) else None
    async with caller.tenant() as tenant:
        since = caller.now - SCORECARD_PERIOD
        return await tenant.decisions.load_scorecard(since=since, pair=pair)
