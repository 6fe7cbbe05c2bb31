"""The gate of an entry: every rule with a result that depends on the voices' confidence or levels.

confidence, stop, target of a settling quorum + limits, Instrument, Ticker -> admits

The council settles early only for a quorum that the gate admits. The rules below are the rules of
`trading.risk.engine` with the same figures, so no order of arrival decides whether an entry passes
the confidence, the distances, the costs, the liquidation distance or the prices of the protection.
The other rules don't read the voices; the news rule reads only the side. The minimum order alone
depends on the stop and on the account, and is not part of the gate: on an account that barely
affords the minimum, the voices that settled decide, and the receipt names the voices.
"""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal, localcontext

from trading.council.decisions import Action
from trading.domain.instruments import Instrument
from trading.domain.units import HUNDRED, ZERO
from trading.market.snapshot import Ticker
from trading.risk.context import SIDES
from trading.risk.decision_rules import compute_cost_ratio, compute_expected_value
from trading.risk.limits import RiskLimits
from trading.risk.margin import find_safe_leverage
from trading.risk.sizing import (
    TOWARDS_ZERO,
    encloses_prices,
    find_entry_price,
    round_protection,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryGate:
    """
    The limits, and the market of the cycle.

    Attributes:
        instrument, ticker: None without a market: only the limits are checked then.
    """

    limits: RiskLimits
    instrument: Instrument | None = None
    ticker: Ticker | None = None

    def admits(  # signature: the gate of the council
        self,
        action: Action,
        *,
        confidence: Decimal,
        stop_pct: Decimal,
        target_pct: Decimal,
        win_probability: Decimal | None,
    ) -> bool:
        """Whether an entry with these numbers (0..100) and distances (%) passes."""
        limits = self.limits
        return (
            confidence >= limits.min_confidence
            and limits.min_stop_pct <= stop_pct <= limits.max_stop_pct
            and target_pct >= limits.min_target_pct
            and target_pct / stop_pct >= limits.min_reward_to_risk
            and self._is_worth(win_probability, stop_pct=stop_pct, target_pct=target_pct)
            and self._fits_market(action, stop_pct / HUNDRED, target_pct / HUNDRED)
        )

    def _is_worth(
        self, win_probability: Decimal | None, *, stop_pct: Decimal, target_pct: Decimal
    ) -> bool:
        """Whether the expected value after costs reaches its margin; without a market, 0 costs."""
        if win_probability is None:
            return False
        costs = (
            ZERO
            if self.ticker is None or self.instrument is None
            else compute_cost_ratio(self.instrument, self.ticker) * HUNDRED
        )
        worth = compute_expected_value(
            win_probability, stop_pct=stop_pct, target_pct=target_pct, cost_pct=costs
        )
        return worth >= self.limits.min_expected_value_ratio * stop_pct

    def _fits_market(self, action: Action, stop_ratio: Decimal, target_ratio: Decimal) -> bool:
        ticker, instrument, limits = self.ticker, self.instrument, self.limits
        if ticker is None or instrument is None:
            return True
        if compute_cost_ratio(instrument, ticker) / target_ratio > limits.max_cost_ratio:
            return False
        side = SIDES[action]
        with localcontext(TOWARDS_ZERO):
            allowed = min(limits.max_leverage, instrument.max_leverage)
            leverage = find_safe_leverage(
                side=side,
                max_leverage=allowed.to_integral_value(rounding=ROUND_FLOOR),
                min_distance_ratio=limits.min_liquidation_gap * stop_ratio,
                maintenance_margin_ratio=instrument.maintenance_margin_ratio,
            )
            price = find_entry_price(ticker, side=side)
            stop, target = round_protection(
                instrument,
                side=side,
                price=price,
                stop_ratio=stop_ratio,
                target_ratio=target_ratio,
            )
            prices = (price, ticker.mark_price, ticker.last_price)
            return bool(leverage) and encloses_prices(
                side, stop=stop, target=target, prices=prices
            )
