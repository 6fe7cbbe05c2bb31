"""A pair's report, read in one transaction of its user.

cycles, closed positions, executions since the pair was added -> PairReport

The command line and the bot show the same figures, so they read them here.
"""

from db.session import Tenant
from trading.domain.accounts import PairConfig
from trading.portfolio.performance import EquityPoint, compute_statistics
from trading.reporting.pair_report import PairReport

MOST_FILLS = 10_000
"""Executions that a picture marks at most."""


async def load_report(tenant: Tenant, config: PairConfig) -> PairReport:
    """Read everything that a pair's report is made of."""
    since = config.created_at
    portfolios = await tenant.cycles.list_portfolios(config.pair, since=since)
    closed = await tenant.positions.list_closed_positions(config.pair, since=since)
    fills = await tenant.trades.list_fills(config.pair, limit=MOST_FILLS)
    curve = [EquityPoint(as_of=one.as_of, equity=one.worth) for one in portfolios]
    return PairReport(
        config=config,
        portfolios=portfolios,
        closed=closed,
        fills=tuple(one for one in reversed(fills) if one.filled_at >= since),
        statistics=compute_statistics(closed, equity_curve=curve),
        latest_record=await tenant.cycles.load_cycle(config.pair),
    )
