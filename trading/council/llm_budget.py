"""The budget of a cycle's questions, checked before any model is asked.

    Wish (a model, a price) ..., costs of the day, caps -> check_budget -> models within the budget

A price is the maximum cost of the question, or the user's share of a question already paid for by
another user. A question above any cap is not asked. When too few vendors are left for a quorum, no
model with a cost is asked: the answers could decide nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from trading.council.decisions import ModelIdentity
from trading.domain.units import ZERO, Pair, require_not_negative

CENT = Decimal("0.01")
NEWCOMER_LIFE = timedelta(days=7)


class BudgetScope(StrEnum):
    """Owner of a cap."""

    PAIR = "pair"
    USER = "user"
    INSTALLATION = "installation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traders:
    """
    Users with a running pair, among whom the day's budget is shared.

    Attributes:
        established: users older than `NEWCOMER_LIFE`.
        newcomers: younger users.
        is_newcomer: whether the user of the question is a newcomer.
    """

    established: int
    newcomers: int
    is_newcomer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendCaps:
    """Maximum dollars for model calls of a UTC day: for a user's pair, a user, all users."""

    installation_usd: Decimal
    user_usd: Decimal
    pair_usd: Decimal

    def __post_init__(self) -> None:
        require_not_negative(**{cap.name: getattr(self, cap.name) for cap in fields(self)})

    def guarantee(self, traders: "Traders") -> "SpendCaps":
        """
        The caps, with the user's lowered to an equal share of the installation's.

        All newcomers together count as one user: many new accounts take nothing from the others.
        """
        if traders.established + traders.newcomers <= 1:
            return self
        shares = traders.established + (1 if traders.newcomers else 0)
        share = self.installation_usd / shares
        if traders.is_newcomer:
            share /= traders.newcomers
        share = share.quantize(CENT, rounding=ROUND_DOWN)
        return replace(self, user_usd=min(self.user_usd, share))

    def of(self, scope: BudgetScope) -> Decimal:
        """The cap of a scope."""
        return {
            BudgetScope.PAIR: self.pair_usd,
            BudgetScope.USER: self.user_usd,
            BudgetScope.INSTALLATION: self.installation_usd,
        }[scope]

    def tighten(self, own: Mapping[Pair | None, Decimal], *, pair: Pair) -> "SpendCaps":
        """The caps, lowered to the user's own caps; None as a key means all pairs of the user."""
        return replace(
            self,
            user_usd=min(self.user_usd, own.get(None, self.user_usd)),
            pair_usd=min(self.pair_usd, own.get(pair, self.pair_usd)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Dollars spent today; questions still open count at the maximum cost."""

    installation_usd: Decimal = ZERO
    user_usd: Decimal = ZERO
    pair_usd: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWish:
    """
    A planned question to a model.

    Attributes:
        call_id: names the question: users with the same question share the answer and the price.
        bound_usd: maximum dollars of the question; 0 for a rule, which costs nothing.
    """

    call_id: str
    model: ModelIdentity
    bound_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPrice:
    """
    The price of a wish now.

    Attributes:
        own_usd: the user's share, 0 when already reserved.
        new_usd: further dollars of the installation: 0 when another user has reserved the call.
    """

    wish: CallWish
    own_usd: Decimal
    new_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRuling:
    """
    The models within the budget.

    Attributes:
        granted: in the order of the prices.
        exceeded: the first cap that a wish did not fit under; None when all did.
    """

    granted: tuple[CallPrice, ...]
    exceeded: BudgetScope | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """
    The result of `reserve`: the allowed calls, and the caps in force.

    Attributes:
        call_ids: of the granted wishes.
        exceeded: None when nothing was refused.
        caps: the caps in force: the installation's, tightened by the user.
        day: the UTC day that pays.
    """

    call_ids: frozenset[str]
    exceeded: BudgetScope | None
    caps: SpendCaps
    day: date


def check_budget(
    prices: Sequence[CallPrice], *, spent: Spent, caps: SpendCaps, quorum: int
) -> BudgetRuling:
    """Grant, in order, wishes below every cap; without a quorum grant only wishes free of cost."""
    granted: list[CallPrice] = []
    exceeded: BudgetScope | None = None
    for price in prices:
        scope = _find_exceeded(price, spent=spent, caps=caps)
        exceeded = exceeded or scope
        if scope is None:
            granted.append(price)
            spent = _add(spent, price)
    if len({price.wish.model.vendor for price in granted}) < quorum:
        granted = [price for price in granted if not price.wish.bound_usd]
    return BudgetRuling(granted=tuple(granted), exceeded=exceeded)


def _find_exceeded(price: CallPrice, *, spent: Spent, caps: SpendCaps) -> BudgetScope | None:
    """The narrowest cap below the price; a price of 0 fits always."""
    after = _add(spent, price)
    if price.own_usd and after.pair_usd > caps.pair_usd:
        return BudgetScope.PAIR
    if price.own_usd and after.user_usd > caps.user_usd:
        return BudgetScope.USER
    if price.new_usd and after.installation_usd > caps.installation_usd:
        return BudgetScope.INSTALLATION
    return None


def _add(spent: Spent, price: CallPrice) -> Spent:
    return Spent(
        installation_usd=spent.installation_usd + price.new_usd,
        user_usd=spent.user_usd + price.own_usd,
        pair_usd=spent.pair_usd + price.own_usd,
    )
