"""Show and switch a pair's mode: paper or live.

conditions (key, days, trades) -> LiveGate -> typed phrase -> live

Live trading is earned on paper and confirmed by a typed phrase. The installation has the last
lock, `QUORUM_LIVE_UNLOCKED`, for commands and workers alike: while the lock is closed, no pair
becomes live and workers open nothing in a real account (`tasks.runtime.live_accounts`).
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from commands import changes
from commands.caller import Caller
from commands.pairs import PairChange
from commands.settings import CommandSettings
from commands.stats import load_report
from trading.domain.accounts import PairConfig
from trading.domain.errors import BadInput
from trading.domain.messages import message
from trading.domain.units import ZERO, Mode, Pair
from trading.portfolio.performance import Statistics
from trading.requests import find_pair

LIVE_PHRASE = "TRADE REAL MONEY"
"""Typed by hand: neither a button nor a habit switches to live trading."""
LIVE_DAYS = CommandSettings.model_fields["live_days"].default
LIVE_TRADES = CommandSettings.model_fields["live_trades"].default
"""Conditions of an installation that has not shortened them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveGate:
    """
    Results of a pair on paper, beside the conditions of live trading.

    Attributes:
        is_key_verified: the venue has confirmed that the key may trade and nothing else.
        paper_days, required_days: whole days on paper.
        statistics: of closed paper trades; their number counts against `required_trades`.
        net_pnl: quote units on paper, open position included.
        is_eased: the operator has lowered the conditions.
    """

    config: PairConfig
    is_key_verified: bool
    paper_days: int
    required_days: int
    required_trades: int
    statistics: Statistics
    net_pnl: Decimal
    is_eased: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the typed phrase may switch the pair to live trading."""
        return (
            self.is_key_verified
            and self.paper_days >= self.required_days
            and self.statistics.trades >= self.required_trades
        )


class LiveRefused(BadInput):
    """The conditions of live trading are not met; `gate` has the figures."""

    def __init__(self, gate: LiveGate) -> None:
        super().__init__(f"{gate.config.pair} stays on PAPER: real money is not earned yet.")
        self.gate = gate


async def load_gates(caller: Caller) -> tuple[LiveGate, ...]:
    """Load the mode and the conditions of every pair."""
    return tuple([await load_gate(caller, config) for config in await caller.list_pairs()])


async def find_mode_pair(caller: Caller, text: str) -> PairConfig | None:
    """The named pair, or the only pair for an empty text; None when several are possible."""
    configs = await caller.list_pairs()
    if text:
        return find_pair(Pair.parse(text), existing=configs)
    return configs[0] if len(configs) == 1 else None


async def check_live(caller: Caller, config: PairConfig) -> LiveGate:
    """Load the conditions of live trading. Raises LiveRefused when one is not met."""
    gate = await load_gate(caller, config)
    if not gate.is_open:
        raise LiveRefused(gate)
    return gate


async def switch_to_live(caller: Caller, config: PairConfig, *, phrase: str) -> PairChange:
    """
    Trade a flat pair with real money.

    Raises:
        LiveRefused: when a condition is not met.
        BadInput: for a wrong phrase, a locked installation, an open position or order.
    """
    if phrase != LIVE_PHRASE:
        raise BadInput(message("mode-phrase-wrong"))
    await check_live(caller, config)
    if not caller.services.settings.live_unlocked:
        raise BadInput(message("live-locked-pair"))
    return await _switch(caller, config, mode=Mode.LIVE)


async def switch_to_paper(caller: Caller, config: PairConfig) -> PairChange:
    """Trade a flat pair on paper. Raises BadInput for an open position or order."""
    return await _switch(caller, config, mode=Mode.PAPER)


async def load_gate(caller: Caller, config: PairConfig) -> LiveGate:
    """Load a pair's results on paper beside the conditions of live trading."""
    settings = caller.services.settings
    async with caller.tenant() as tenant:
        report = await load_report(tenant, config)
        accounts = await tenant.accounts.list_accounts()
    return LiveGate(
        config=config,
        is_key_verified=any(
            one.venue is config.venue and one.verified_at is not None for one in accounts
        ),
        paper_days=(caller.now - config.created_at).days,
        required_days=settings.live_days,
        required_trades=settings.live_trades,
        statistics=report.statistics,
        net_pnl=report.latest.net_pnl if report.latest else ZERO,
        is_eased=settings.live_days < LIVE_DAYS or settings.live_trades < LIVE_TRADES,
    )


async def _switch(caller: Caller, config: PairConfig, *, mode: Mode) -> PairChange:
    """Remove the pair and add the pair in the other mode: its record begins anew."""
    if config.mode is mode:
        return PairChange(configs=(config,), follows=True)
    switched = replace(config, mode=mode, created_at=caller.now)
    async with caller.tenant() as tenant:
        await changes.remove_pair(tenant, config.pair, actor=caller.actor, now=caller.now)
        await changes.add_pair(tenant, switched, actor=caller.actor, now=caller.now)
        await caller.audit(tenant, "switch_mode", pair=str(config.pair), mode=str(mode))
    follows = await caller.follow(lambda gateway: gateway.ensure_pair(switched))
    return PairChange(configs=(switched,), follows=follows)
