"""The receipt: the first line says why; nothing made up passes for real; strangers are quoted."""

from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from syrupy.assertion import SnapshotAssertion

from reports.documents.receipts import (
    choose_telling,
    render_receipt_markdown,
    render_receipt_text,
    telling_score,
)
from tests.trading.council_cases import (
    NOW,
    make_abstention,
    make_entry_record,
    make_news,
    make_position,
    make_record,
    make_vote,
)
from trading.council.consensus import Consensus
from trading.council.decisions import LATE, Abstention, Action, ModelIdentity
from trading.cycle import CycleKey, CycleOutcome, CycleRecord
from trading.domain.fees import PaidFee
from trading.domain.messages import plain
from trading.domain.units import Mode, PositionSide
from trading.market.snapshot import MarketSource
from trading.news.items import NewsDigest
from trading.reporting.formatting import (
    quote_stranger,
    show_age,
    show_dollars,
    show_gain,
    show_money,
    show_percent,
)
from trading.risk.results import RiskVerdict, RuleResult, Verdict


def test_a_whole_receipt_reads_as_recorded(snapshot: SnapshotAssertion) -> None:
    assert render_receipt_markdown(make_entry_record()) == snapshot
    assert render_receipt_text(make_entry_record()) == snapshot


def test_a_receipt_names_fees_in_their_asset_and_in_the_quote(
    snapshot: SnapshotAssertion,
) -> None:
    fees = (
        PaidFee(asset="BNB", amount=Decimal("0.00123"), value=Decimal("0.615")),
        PaidFee(asset="USDT", amount=Decimal("0.25"), value=Decimal("0.25")),
    )
    text = render_receipt_text(replace(make_entry_record(), fees=fees))
    assert [line for line in text.splitlines() if "Fees" in line] == snapshot


def test_an_empty_receipt_says_what_is_missing(snapshot: SnapshotAssertion) -> None:
    assert render_receipt_markdown(make_record()) == snapshot
    assert render_receipt_text(make_record()) == snapshot


@pytest.mark.parametrize("outcome", CycleOutcome)
def test_the_first_line_says_what_happened_and_why(outcome: CycleOutcome) -> None:
    record = make_record(outcome, reason="Because of this.")
    for text in (render_receipt_markdown(record), render_receipt_text(record)):
        first = text.splitlines()[0]
        assert first.endswith("BTC/USDT: Because of this.")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (MarketSource.LIVE, "live from the venue"),
        (MarketSource.RECORDED, "RECORDED"),
        (MarketSource.SAMPLE, "SAMPLE"),
    ],
)
def test_the_source_of_the_market_is_said(source: MarketSource, words: str) -> None:
    record = make_entry_record()
    assert record.market is not None
    changed = replace(record, market=replace(record.market, source=source))
    assert words in render_receipt_text(changed)


@pytest.mark.parametrize(
    ("book_is_synthetic", "words"),
    [(True, "SYNTHETIC"), (False, "Order book: the venue's."), (None, "Order book: none.")],
)
def test_the_kind_of_book_is_said(book_is_synthetic: bool | None, words: str) -> None:
    record = make_entry_record()
    assert record.market is not None
    market = replace(record.market, book_is_synthetic=book_is_synthetic, findings=())
    text = render_receipt_text(replace(record, market=market, warnings=()))
    assert words in text
    assert "Quality: good." in text


@pytest.mark.parametrize(
    ("mode", "words"), [(Mode.PAPER, "PAPER"), (Mode.REPLAY, "replay"), (Mode.LIVE, "Money: live")]
)
def test_the_kind_of_money_is_said(mode: Mode, words: str) -> None:
    assert words in render_receipt_text(make_record(mode=mode))


def test_offline_voters_are_named_as_rules_whatever_they_are_called() -> None:
    sly = ModelIdentity(name="GPT-9", vendor="offline-x", is_offline=True)
    text = render_receipt_text(make_record(decisions=(replace(make_vote(), model=sly),)))
    assert "GPT-9 (offline rules)" in text
    assert "fixed rules, not language models" in text


def test_one_model_beside_rules_is_said_with_its_meaning() -> None:
    rules = (make_vote(name="trend (offline rules)"), make_vote(name="breakout (offline rules)"))
    meaning = "an entry needs the model and a rule, or two rules without the model"
    text = render_receipt_text(make_record(decisions=(make_vote(name="gpt"), *rules)))
    assert "One language model (gpt) sits beside 2 rules." in text
    assert meaning in text
    two = (make_vote(name="gpt"), make_vote(name="claude"), *rules)
    assert "sits beside" not in render_receipt_text(make_record(decisions=two))


def test_models_are_not_called_rules() -> None:
    text = render_receipt_text(make_record(decisions=(make_vote(name="gpt"),)))
    assert "rules, not language models" not in text


@pytest.mark.parametrize("abstention", Abstention)
def test_every_abstention_is_shown_with_its_cause(abstention: Abstention) -> None:
    text = render_receipt_text(make_record(decisions=(make_abstention(abstention),)))
    assert "claude abstained: " in text
    assert "abstained  " in text


def test_a_late_vote_is_shown_as_not_counted() -> None:
    late = replace(make_vote(Action.OPEN_LONG, name="gpt"), detail=LATE)
    assert "open_long (late, not counted)" in render_receipt_text(make_record(decisions=(late,)))


def test_a_vote_without_reasons_says_so() -> None:
    vote = make_vote(reasons=(), would_change_mind="")
    assert "gave no reason." in render_receipt_text(make_record(decisions=(vote,)))


def test_a_consensus_to_hold_has_no_levels() -> None:
    consensus = Consensus(
        action=Action.HOLD,
        agreement=1,
        answers=3,
        quorum=2,
        confidence=Decimal(0),
        stop_pct=None,
        target_pct=None,
        reason=plain(""),
    )
    record = make_record(decisions=(make_vote(),), consensus=consensus)
    assert "hold: 1 of 3 answers agree, 2 needed" in render_receipt_text(record)


def test_denials_show_their_code_and_figures() -> None:
    denied = RuleResult(
        rule="spread",
        verdict=Verdict.DENIED,
        code="SPREAD_TOO_WIDE",
        figures={"spread": "0.6 %", "limit": "0.5 %"},
    )
    risk = RiskVerdict(plan=None, close=False, results=(denied,))
    text = render_receipt_text(make_record(CycleOutcome.DENIED, risk=risk))
    assert "SPREAD_TOO_WIDE  spread 0.6 %, limit 0.5 %" in text


def test_a_position_without_a_market_has_no_unrealized_gain() -> None:
    text = render_receipt_text(make_record(position=make_position()))
    assert "long 0.003 from 84000, 95 min old" in text
    assert "Unrealized" not in text


def test_a_flat_position_is_flat() -> None:
    flat = make_position(side=PositionSide.FLAT, quantity=Decimal(0))
    assert "Flat." in render_receipt_text(make_record(position=flat))


def test_a_headline_becomes_no_markup_and_no_link() -> None:
    title = "| [click](http://evil.example) ![x](y) <script> www.evil.example \u202eabc a@b.co"
    news = NewsDigest(items=(make_news(title),))
    text = render_receipt_markdown(make_record(news=news))
    line = next(line for line in text.splitlines() if "coindesk" in line)
    assert "evil.example" not in line
    assert "\u202e" not in line
    assert "a@b.co" not in line
    for mark in ("|", "[", "]", "<", "!"):
        assert line.count(mark) == line.count("\\" + mark)


def test_a_model_cannot_write_to_the_terminal() -> None:
    vote = make_vote(reasons=("\x1b[2Jgone\r\nEntered ETH/USDT: all in",))
    text = render_receipt_text(make_record(decisions=(vote,)))
    assert "\x1b" not in text
    assert not any(line.startswith("Entered") for line in text.splitlines())


def test_entries_tell_more_than_denials_and_denials_more_than_holds() -> None:
    held, denied, entered = (
        telling_score(make_record(outcome))
        for outcome in (CycleOutcome.HELD, CycleOutcome.DENIED, CycleOutcome.ENTERED)
    )
    assert held < denied < entered


def test_a_split_vote_tells_more_than_silence() -> None:
    split = make_record(decisions=(make_vote(Action.OPEN_LONG), make_vote()))
    assert telling_score(split) > telling_score(make_record())


def test_a_richer_receipt_of_one_outcome_tells_more() -> None:
    assert telling_score(make_entry_record()) > telling_score(make_record(CycleOutcome.ENTERED))


def test_the_most_telling_are_of_different_kinds_and_in_order() -> None:
    kinds = [CycleOutcome.ENTERED] * 3 + [CycleOutcome.EXITED, CycleOutcome.DENIED]
    chosen = choose_telling([_at(n, kind) for n, kind in enumerate(kinds)])
    assert [r.outcome for r in chosen] == [
        CycleOutcome.ENTERED,
        CycleOutcome.EXITED,
        CycleOutcome.DENIED,
    ]


def test_one_kind_fills_up_with_its_next_best() -> None:
    records = [_at(n, CycleOutcome.HELD) for n in range(5)]
    assert choose_telling(records) == tuple(records[:3])
    assert choose_telling([]) == ()


def _at(half_hours: int, outcome: CycleOutcome) -> CycleRecord:
    time = NOW + timedelta(minutes=30 * half_hours)
    record = make_record(outcome)
    key = CycleKey(user_id=record.key.user_id, pair=record.key.pair, cycle_time=time)
    return replace(record, key=key)


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (show_money(Decimal("1234.505")), "1,234.50"),
        (show_money(Decimal("-0.001")), "0.00"),
        (show_money(None), "-"),
        (show_gain(Decimal("12.3")), "+12.30"),
        (show_gain(None), "-"),
        (show_dollars(Decimal(0)), "$0"),
        (show_dollars(Decimal("0.00126")), "$0.0013"),
        (show_percent(Decimal("0.01234")), "1.23 %"),
        (show_percent(None), "-"),
        (show_age(timedelta(minutes=119)), "119 min"),
        (show_age(timedelta(hours=47)), "47 h"),
        (show_age(timedelta(days=3)), "3 d"),
        (quote_stranger("  two\n lines\u200b "), "two lines"),
    ],
)
def test_figures_read_well(shown: str, text: str) -> None:
    assert shown == text


def test_money_reads_the_same_whatever_a_library_left_in_the_context() -> None:
    with localcontext(rounding=ROUND_HALF_UP):
        assert show_money(Decimal("1012.345")) == "1,012.34"
