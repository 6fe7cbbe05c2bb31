"""Results and the gate to real money, read from our own books.

one transaction of the user -> PairReport -> PairStats | LiveGate
"""

from collections.abc import Iterable
from datetime import datetime

from commands.pair_report import load_report
from db.session import Tenant
from telegram.request.settings import BotSettings
from telegram.views.dialogs.mode import LiveGate
from telegram.views.reports.stats import PairStats
from trading.domain.accounts import PairConfig
from trading.domain.units import ZERO
from trading.reporting.pair_report import PairReport
from trading.requests import filter_pairs

LIVE_DAYS = BotSettings.model_fields["live_days"].default
LIVE_TRADES = BotSettings.model_fields["live_trades"].default
"""What the operator asks for unless he has shortened it."""


async def load_reports(tenant: Tenant, *, text: str) -> tuple[PairReport, ...]:
    """Of the pairs that a word means. Raises BadInput for a foreign pair."""
    configs = filter_pairs(text, existing=await tenant.pairs.list_pairs())
    return tuple([await load_report(tenant, config) for config in configs])


def sum_up(reports: Iterable[PairReport]) -> tuple[PairStats, ...]:
    """What /stats shows of them."""
    return tuple(
        PairStats(
            config=report.config,
            statistics=report.statistics,
            latest=report.latest,
            cycles=len(report.portfolios),
        )
        for report in reports
    )


async def load_live_gate(
    tenant: Tenant, config: PairConfig, *, settings: BotSettings, now: datetime
) -> LiveGate:
    """What a pair has shown on paper, beside what the operator asks for."""
    report = await load_report(tenant, config)
    accounts = await tenant.accounts.list_accounts()
    return LiveGate(
        config=config,
        is_key_verified=any(
            one.venue is config.venue and one.verified_at is not None for one in accounts
        ),
        paper_days=(now - config.created_at).days,
        required_days=settings.live_days,
        required_trades=settings.live_trades,
        statistics=report.statistics,
        net_pnl=report.latest.net_pnl if report.latest else ZERO,
        is_eased=settings.live_days < LIVE_DAYS or settings.live_trades < LIVE_TRADES,
    )
