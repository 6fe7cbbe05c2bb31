"""Prices: dollars for the tokens of an answer, by list or by the operator's own figures.

    QUORUM_PRICES, our own list, genai-prices -> find_prices -> Prices
    Prices + Tokens + time of the answer      -> dollars

The price list is part of the `genai-prices` package and works offline; `update_prices` reads a
newer list where the operator wants (`QUORUM_PRICE_UPDATES`). The package's DeepSeek
prices bill weekends and holidays as peak (pydantic/genai-prices#582), so the calendar here
chooses the hour.
DeepSeek's rule, api-docs.deepseek.com/quick_start/pricing, read 2026-11-30: peak is 01-04 and
06-10 UTC, Monday to Friday, Chinese public holidays excepted.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Protocol

from trading.domain.errors import PermanentError
from trading.domain.messages import message
from trading.domain.units import ZERO

logger = logging.getLogger(__name__)

MILLION = Decimal(1_000_000)
_DOLLAR_STEP = Decimal("0.000001")

DEEPSEEK_LIST = "deepseek"
PEAK_HOURS = ((1, 4), (6, 10))
"""UTC hours, start inclusive, end exclusive."""

HOLIDAYS = (
    (date(2026, 9, 25), date(2026, 9, 27)),
    (date(2026, 10, 1), date(2026, 10, 7)),
)
"""Chinese public holidays since the peak prices began (State Council notice 2025-11, first and
last day). Dates of 2027 are not listed yet: until then a holiday is charged at peak."""

OWN_LIST = {"qwen:qwen3.7-plus": "0.40/0.08/0.50/1.60"}
"""Prices that the package lacks, by seat. Qwen: Model Studio, Singapore, up to 256 K tokens, as
two resellers list them (read 2026-11-30)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Tokens of an answer: `input` contains `cached` and `written` (cache writes)."""

    input: int
    cached: int = 0
    written: int = 0
    output: int = 0


class Prices(Protocol):
    """Prices of tokens at a seat."""

    def compute_cost(self, tokens: Tokens, *, at: datetime) -> Decimal:
        """Dollars, rounded up to a millionth, for an answer at the given time (aware UTC)."""
        ...

    def compute_highest(self, tokens: Tokens) -> Decimal:
        """Dollars at the dearest hour."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedPrices:
    """Dollars per million tokens, the same at every hour."""

    input_usd: Decimal
    cached_usd: Decimal
    write_usd: Decimal
    output_usd: Decimal

    def compute_cost(self, tokens: Tokens, *, at: datetime | None = None) -> Decimal:  # noqa: ARG002, the port's
        fresh = tokens.input - tokens.cached - tokens.written
        return _round_up(
            (
                self.input_usd * fresh
                + self.cached_usd * tokens.cached
                + self.write_usd * tokens.written
                + self.output_usd * tokens.output
            )
            / MILLION
        )

    def compute_highest(self, tokens: Tokens) -> Decimal:
        return self.compute_cost(tokens)


FREE = FixedPrices(input_usd=ZERO, cached_usd=ZERO, write_usd=ZERO, output_usd=ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPrices:
    """Prices of the package's list, with tiers by prompt size and with DeepSeek's hours."""

    price_list: str
    model: str

    def compute_cost(self, tokens: Tokens, *, at: datetime) -> Decimal:
        return self._compute(tokens, at=_settle_hour(at) if self._has_peak else at)

    def compute_highest(self, tokens: Tokens) -> Decimal:
        now = datetime.now(UTC)
        return max(self._compute(tokens, at=at) for at in (now, _find_peak(now)))

    @property
    def _has_peak(self) -> bool:
        return self.price_list == DEEPSEEK_LIST

    def _compute(self, tokens: Tokens, *, at: datetime) -> Decimal:
        from genai_prices import Usage, data_snapshot  # noqa: PLC0415  (200 ms; rules need none)

        usage = Usage(
            input_tokens=tokens.input,
            cache_read_tokens=tokens.cached,
            cache_write_tokens=tokens.written,
            output_tokens=tokens.output,
        )
        asked = (usage, self.model, self.price_list, None, at)
        try:
            price = data_snapshot.get_snapshot().calc(*asked)
        except LookupError:  # an update may lack a model that the package's own list knows
            price = data_snapshot._bundled_snapshot().calc(*asked)  # noqa: SLF001
        return _round_up(price.total_price)


def parse_prices(text: str) -> FixedPrices:
    """
    `input/cached/write/output` in dollars per million tokens.

    Raises:
        ValueError: for another number of parts and for a part that is no finite number >= 0.
    """
    parts = text.split("/")
    try:
        numbers = [Decimal(part.strip()) for part in parts]
    except ArithmeticError:
        numbers = []
    if len(numbers) != 4 or not all(one.is_finite() and one >= 0 for one in numbers):
        raise ValueError(
            f"prices are input/cached/write/output in dollars per million tokens, got {text!r}"
        )
    return FixedPrices(
        input_usd=numbers[0], cached_usd=numbers[1], write_usd=numbers[2], output_usd=numbers[3]
    )


def find_prices(seat: str, *, price_list: str, own: str | None) -> Prices:
    """
    The prices of a seat: the operator's own figures first, then our list, then the package's.

    Raises:
        PermanentError: for a seat without a known price: without a price every cap would pass.
    """
    text = own or OWN_LIST.get(seat)
    if text:
        return parse_prices(text)
    model = seat.partition(":")[2]
    if price_list and _is_listed(price_list, model):
        return ListedPrices(price_list=price_list, model=model)
    raise PermanentError(message("seat-price-unknown", seat=seat))


def show_prices(prices: Prices) -> str:
    """Dollars per million tokens of input and output, at the dearest hour and the lowest tier."""
    size = 1000
    scale = MILLION / size
    asked = prices.compute_highest(Tokens(input=size)) * scale
    answered = prices.compute_highest(Tokens(input=0, output=size)) * scale
    return f"{asked.normalize():f}/{answered.normalize():f}"


def is_peak(at: datetime) -> bool:
    """Whether DeepSeek bills an instant (aware UTC) at peak."""
    if at.weekday() >= 5 or not any(start <= at.hour < end for start, end in PEAK_HOURS):
        return False
    return not any(first <= at.date() <= last for first, last in HOLIDAYS)


async def update_prices(url: str = "") -> bool:
    """
    Replace the package's list by the newest; False after a failure, which keeps the present list.

    Args:
        url: address of a list in the package's format; empty for the package's own repository.
    """
    from genai_prices import UpdatePrices, data_snapshot  # noqa: PLC0415  (as above)

    updater = UpdatePrices(url=url) if url else UpdatePrices()
    (newest,) = await asyncio.gather(asyncio.to_thread(updater.fetch), return_exceptions=True)
    if newest is None or isinstance(newest, BaseException):
        logger.warning("The prices were not updated: %s", type(newest).__name__)
        return False
    data_snapshot.set_custom_snapshot(newest)
    return True


def _find_peak(now: datetime) -> datetime:
    """An hour of this week that DeepSeek bills at peak: Monday, 02:00 UTC."""
    monday = now.date() - timedelta(days=now.weekday())
    return datetime.combine(monday, time(2), tzinfo=UTC)


def _settle_hour(at: datetime) -> datetime:
    """The same day at 02:00 (peak) or 12:00, billed by the list as DeepSeek bills `at`."""
    midnight = datetime.combine(at.date(), time(), tzinfo=at.tzinfo)
    return midnight + timedelta(hours=2 if is_peak(at) else 12)


def _is_listed(price_list: str, model: str) -> bool:
    try:
        ListedPrices(price_list=price_list, model=model).compute_highest(Tokens(input=1))
    except LookupError:
        return False
    return True


def _round_up(dollars: Decimal) -> Decimal:
    return dollars.quantize(_DOLLAR_STEP, rounding=ROUND_CEILING)
