"""Receipts: what is loaded equals what was closed, digit by digit, and stays small."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.codecs.receipts import dump_json, load_json
from db.session import Database
from tests.database import MakeUser, TestDatabase
from tests.db.values import BTC, PAPER, make_record
from trading.cycle import CycleRecord, MarketSummary
from trading.domain.messages import plain
from trading.domain.units import CYCLE_INTERVAL, UserId
from trading.indicators.values import Indicators
from trading.market.candles import Interval
from trading.market.snapshot import MarketSource
from trading.risk.results import RuleResult, Verdict

CYCLES = 100
CYCLES_OF_A_MONTH = 30 * 48
LARGEST_CYCLE_BYTES = 3 * 1024
MONTH_LIMIT_BYTES = 10 * 1024 * 1024

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
decimals = st.decimals(allow_nan=False, allow_infinity=False)
prices = st.decimals(min_value="1e-12", max_value="1e12", allow_nan=False, allow_infinity=False)
floats = st.floats(allow_nan=False, allow_infinity=False)
instants = st.datetimes(timezones=st.just(UTC)).map(lambda instant: instant.replace(fold=0))
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
summaries = st.builds(
    MarketSummary,
    source=st.sampled_from(MarketSource),
    last_price=prices,
    mark_price=prices,
    spread_ratio=decimals,
    book_is_synthetic=st.none() | st.booleans(),
    funding_rate=st.none() | decimals,
    ages_seconds=st.dictionaries(words, decimals, max_size=4),
    findings=st.tuples(words, words),
)
indicators = st.builds(
    Indicators, close=floats, rsi=st.none() | floats, atr=floats, trend=st.none() | st.just(-1)
)
figures = st.dictionaries(words, words, max_size=5)
rules = st.builds(
    RuleResult, rule=words, verdict=st.just(Verdict.APPROVED), figures=figures
) | st.builds(
    RuleResult,
    rule=words,
    verdict=st.just(Verdict.CLAMPED),
    code=words.filter(bool),
    figures=figures,
)


@given(
    market=summaries,
    looked_at=st.dictionaries(st.sampled_from(Interval), indicators),
    results=st.lists(rules, max_size=4),
    as_of=instants,
    reason=words,
)
def test_a_receipt_comes_back_exactly(
    market: MarketSummary,
    looked_at: dict[Interval, Indicators],
    results: list[RuleResult],
    as_of: datetime,
    reason: str,
) -> None:
    whole = make_record(UserId(1), NOW)
    assert whole.risk is not None
    record = replace(
        whole,
        market=market,
        indicators=looked_at,
        risk=replace(whole.risk, results=tuple(results)),
        as_of=as_of,
        reason=plain(reason),
    )
    text = json.dumps(dump_json(record, kind=CycleRecord))
    loaded = load_json(json.loads(text), kind=CycleRecord)
    assert loaded == record
    assert show(loaded) == show(record)


def show(record: CycleRecord | None) -> str:
    """What equality forgives: 1.0 and 1.00, int and Decimal, the order of figures."""
    return repr(record).replace("TzInfo(0)", "datetime.timezone.utc")


@pytest.mark.parametrize("text", ["\ud800 broken", "nul \x00 byte", "\U0001f680 to the moon"])
def test_no_text_of_a_model_keeps_a_cycle_from_closing(text: str) -> None:
    record = replace(make_record(UserId(1), NOW), warnings=(text,))
    dumped = dump_json(record, kind=CycleRecord)
    (loaded,) = load_json(dumped, kind=CycleRecord).warnings
    assert loaded == text.encode(errors="replace").decode()


async def test_a_receipt_comes_back_from_the_database(
    database: Database, make_user: MakeUser, now: datetime
) -> None:
    user_id = await make_user()
    record = replace(make_record(user_id, now), warnings=("nul \x00", "\U0001f680"))
    async with database.tenant(user_id) as tenant:
        assert await tenant.cycles.close_cycle(record) is True
    async with database.tenant(user_id) as tenant:
        loaded = await tenant.cycles.load_cycle(BTC)
    assert loaded == record
    assert show(loaded) == show(record)


async def test_a_busy_cycle_stays_within_its_space(
    database: Database, database_run: TestDatabase, make_user: MakeUser, now: datetime
) -> None:
    """Cycles that enter, with twenty rules, three votes, three orders and all indicators."""
    user_id = await make_user()
    before = measure(database_run)
    async with database.tenant(user_id) as tenant:
        for number in range(CYCLES):
            at = now + number * CYCLE_INTERVAL
            record = make_record(user_id, at)
            await tenant.cycles.claim_cycle(record.key, mode=record.mode, venue=PAPER, now=at)
            await tenant.decisions.add_decisions(record.key, decisions=record.decisions, now=at)
            await tenant.cycles.close_cycle(record)
    grown = (measure(database_run) - before) / CYCLES
    assert grown <= LARGEST_CYCLE_BYTES
    assert grown * CYCLES_OF_A_MONTH <= MONTH_LIMIT_BYTES


def measure(database_run: TestDatabase) -> int:
    """Bytes of all tables with their indexes and what they keep outside, dead rows left out."""
    with database_run.connect() as owner:
        owner.execute("VACUUM FULL cycles, ai_decisions")
        row = owner.execute(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace"
        ).fetchone()
    assert row is not None
    return int(row[0])
