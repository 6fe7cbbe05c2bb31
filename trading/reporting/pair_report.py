"""Results of a pair since the pair was added: the data of statistics and picture.

portfolios of the cycles, closed positions, executions -> PairReport
"""

from dataclasses import dataclass

from trading.cycle import CycleRecord
from trading.domain.accounts import PairConfig, Portfolio
from trading.domain.fees import PaidFee, sum_fees
from trading.domain.orders import Fill
from trading.domain.positions import Position
from trading.portfolio.performance import Statistics


@dataclass(frozen=True, slots=True, kw_only=True)
class PairReport:
    """
    Results of a pair; quote units.

    Attributes:
        portfolios: at the end of each cycle, oldest first.
        closed: positions, newest first.
        fills: executions, oldest first.
        statistics: of the closed positions and the equity curve.
        latest_record: receipt of the last cycle, None before the first.
    """

    config: PairConfig
    portfolios: tuple[Portfolio, ...]
    closed: tuple[Position, ...]
    fills: tuple[Fill, ...]
    statistics: Statistics
    latest_record: CycleRecord | None

    @property
    def other_fees(self) -> tuple[PaidFee, ...]:
        """Fees in assets other than the quote, part of the fees of the portfolio."""
        return tuple(f for f in sum_fees(self.fills) if f.asset != self.config.pair.quote)

    @property
    def latest(self) -> Portfolio | None:
        """As of the last cycle, None before the first."""
        return self.portfolios[-1] if self.portfolios else None
