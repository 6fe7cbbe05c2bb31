"""Checks the quality of a market snapshot's candles with Great Expectations.

MarketSnapshot -> one table of all intervals -> Great Expectations -> findings (none: good)

A finding means HOLD: a gap, a stale end or an impossible price makes every indicator a guess.
Checks across rows or against the clock (steps, age) have columns of their own, so a single batch
and suite, built once per process, covers all checks: 9 expectations on 1,200 rows take about 45
ms. The library takes 3 s to import and is loaded by the first check. The row of a finding is
searched only after a failure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from trading.market.candles import Candle, CandleSeries, Interval
from trading.market.snapshot import MarketSnapshot

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.expectations.expectation import Expectation

COLUMNS = (
    "interval", "open_time", "lowest_price", "high", "low", "volume", "steps", "age_intervals",
    "jump", "frozen", "deviation", "count",
)  # fmt: skip
MAX_AGE_INTERVALS = 2.0
"""From the open of the newest candle: it has closed and the next one has not."""

MAX_PRICE = 1e12
MAX_JUMP = 5.0
"""Largest factor between a close and the next candle's high or low; a spike of x10 is an error."""
MAX_FROZEN = 48
"""Candles in sequence that repeat the candle before."""
MAX_DEVIATION = 0.05
"""Between the closes of two intervals at the same instant; honest series are equal there."""
LEAST_CANDLES = 2

_WHERE = ["interval", "open_time"]


def check_snapshot(snapshot: MarketSnapshot) -> tuple[str, ...]:
    """
    The faults of the candles, a sentence each; empty for good candles.

    Good means for each of the four intervals: no number is missing, prices are above 0, volumes at
    least 0, no high is below the low, times ascend without a gap, and the newest candle is the
    last candle closed at the snapshot's `as_of`; no price is infinite or jumps by more than
    `MAX_JUMP`, the prices move, the intervals agree on the price, and no interval has one candle.
    """
    series = tuple(snapshot.candles.values())
    return find_quality_findings(build_table(series, as_of=snapshot.as_of))


def build_table(series: tuple[CandleSeries, ...], *, as_of: datetime) -> pd.DataFrame:
    """
    A table of all candles with the columns of the suite.

    `lowest_price` is the lowest of the four prices, NaN if any price is NaN; `steps` the intervals
    since the previous candle (None for the first); `age_intervals` the intervals from the newest
    candle's open to `as_of` (None for the others). `jump` is the largest factor from the previous
    close to the high or the low, `frozen` the number of repetitions up to this candle, `deviation`
    the ratio by which the close differs from the finest interval's at the same instant (None
    without such a candle), `count` the candles of the interval (both of the newest candle only).
    """
    finest = min(series, key=lambda one: one.interval.duration, default=None)
    closes = {} if finest is None else _list_closes(finest)
    rows = [row for one in series for row in _build_rows(one, as_of=as_of, closes=closes)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def find_quality_findings(table: pd.DataFrame) -> tuple[str, ...]:
    """The sentences of the failed expectations."""
    judge = _build_judge()
    batch = judge.batches.get_batch(batch_parameters={"dataframe": table})
    verdict = batch.validate(judge.suite, result_format="BOOLEAN_ONLY")
    failed = [_finding_of(result) for result in verdict.results if not result.success]
    return tuple(_describe(batch, judge.expectations[one], finding=one) for one in failed)


def _list_closes(series: CandleSeries) -> dict[datetime, Decimal]:
    """Close prices by the end of their candle."""
    return {c.open_time + series.interval.duration: c.close for c in series.candles}


def _build_rows(
    series: CandleSeries, *, as_of: datetime, closes: Mapping[datetime, Decimal]
) -> Iterator[tuple[Any, ...]]:
    before: Candle | None = None
    frozen = 0
    duration = series.interval.duration
    newest = len(series.candles) - 1
    for number, candle in enumerate(series.candles):
        frozen = frozen + 1 if before is not None and _repeats(candle, before) else 0
        same_instant = closes.get(candle.open_time + duration) if number == newest else None
        yield (
            series.interval.value,
            candle.open_time,
            float(min(candle.open, candle.high, candle.low, candle.close)),
            float(candle.high),
            float(candle.low),
            float(candle.volume),
            None if before is None else (candle.open_time - before.open_time) / duration,
            (as_of - candle.open_time) / duration if number == newest else None,
            _find_jump(candle, candle.open if before is None else before.close),
            frozen,
            None if same_instant is None else float(abs(candle.close / same_instant - 1)),
            len(series.candles) if number == newest else None,
        )
        before = candle


def _repeats(candle: Candle, before: Candle) -> bool:
    """Whether a candle has the four prices of the candle before."""
    return (candle.open, candle.high, candle.low, candle.close) == (
        before.open,
        before.high,
        before.low,
        before.close,
    )


def _find_jump(candle: Candle, reference: Decimal) -> float:
    return float(max(candle.high / reference, reference / candle.low))


@dataclass(frozen=True, slots=True)
class _Judge:
    batches: "BatchDefinition[Any]"
    suite: "ExpectationSuite"
    expectations: "dict[str, Expectation]"


@lru_cache(maxsize=1)
def _build_judge() -> _Judge:
    import great_expectations as gx  # noqa: PLC0415 - 3 s that those who check nothing don't owe
    from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415 - as above

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)  # no usage data leaves the machine
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    expectations = _build_expectations()
    suite = context.suites.add(
        gx.ExpectationSuite(name="candles", expectations=list(expectations.values()))
    )
    asset = context.data_sources.add_pandas("market").add_dataframe_asset("candles")
    return _Judge(asset.add_batch_definition_whole_dataframe("all"), suite, expectations)


def _build_expectations() -> "dict[str, Expectation]":
    """The expectations by the sentence of a failure."""
    from great_expectations import expectations  # noqa: PLC0415 - as above

    gxe: Any = expectations  # its re-exports are not declared as such
    intervals = [interval.value for interval in Interval]
    between = gxe.ExpectColumnValuesToBeBetween
    stated: dict[str, tuple[Any, dict[str, Any]]] = {
        "the table has other columns": (
            gxe.ExpectTableColumnsToMatchOrderedList,
            {"column_list": list(COLUMNS)},
        ),
        "an interval has no candles": (
            gxe.ExpectColumnDistinctValuesToEqualSet,
            {"column": "interval", "value_set": intervals},
        ),
        "a price is missing": (gxe.ExpectColumnValuesToNotBeNull, {"column": "lowest_price"}),
        "a price is not above 0": (
            between,
            {"column": "lowest_price", "min_value": 0, "strict_min": True},
        ),
        "a high is below its low": (
            gxe.ExpectColumnPairValuesAToBeGreaterThanB,
            {"column_A": "high", "column_B": "low", "or_equal": True},
        ),
        "a volume is missing": (gxe.ExpectColumnValuesToNotBeNull, {"column": "volume"}),
        "a volume is below 0": (between, {"column": "volume", "min_value": 0}),
        "candles are missing or out of order": (
            between,
            {"column": "steps", "min_value": 1, "max_value": 1},
        ),
        "a price is infinite": (between, {"column": "high", "max_value": MAX_PRICE}),
        "a price jumps": (between, {"column": "jump", "max_value": MAX_JUMP}),
        "the prices are frozen": (between, {"column": "frozen", "max_value": MAX_FROZEN}),
        "two intervals disagree on the price": (
            between,
            {"column": "deviation", "max_value": MAX_DEVIATION},
        ),
        "an interval has a single candle": (
            between,
            {"column": "count", "min_value": LEAST_CANDLES},
        ),
        "the newest candle is stale or has not closed": (
            between,
            {"column": "age_intervals", "min_value": 1, "max_value": MAX_AGE_INTERVALS},
        ),
    }
    return {
        finding: kind(**limits, meta={"finding": finding})
        for finding, (kind, limits) in stated.items()
    }


def _finding_of(result: "ExpectationValidationResult") -> str:
    """The sentence in the expectation's metadata."""
    config = result.expectation_config
    assert config is not None
    assert config.meta is not None
    return str(config.meta["finding"])


def _describe(batch: Any, expectation: "Expectation", *, finding: str) -> str:
    """The finding with the first failing row, for expectations on rows."""
    result = batch.validate(
        expectation,
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": _WHERE},
    ).result
    rows = result.get("unexpected_index_list") if result else None
    if not rows:
        return f"{finding}."
    first = rows[0]
    return f"{first['interval']}: {finding} at {first['open_time']:%Y-%m-%d %H:%M} UTC."
