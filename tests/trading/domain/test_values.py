"""The plain values: decisions, news, accounts, errors. What is impossible cannot be built."""

from dataclasses import is_dataclass, replace
from decimal import Decimal
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest

import trading
from reports.texts.catalog import tell
from tests.trading.builders import (
    BTC,
    NOW,
    USER,
    make_balance,
    make_decision,
    make_portfolio,
    make_proposal,
)
from trading.council.decisions import Abstention, Action, Decision
from trading.domain.accounts import Balance, PairConfig
from trading.domain.errors import (
    BadInput,
    OutcomeUnknown,
    PermanentError,
    QuorumError,
    StaleLease,
    TransientError,
)
from trading.domain.units import Mode, VenueName
from trading.news.items import NO_NEWS, NewsDigest, NewsItem, SentimentScore

NAN = Decimal("NaN")


def test_only_opening_is_an_entry() -> None:
    assert {action for action in Action if action.is_entry} == {
        Action.OPEN_LONG,
        Action.OPEN_SHORT,
    }


@pytest.mark.parametrize("confidence", [0, 100])
def test_confidence_runs_from_0_to_100(confidence: int) -> None:
    assert make_proposal(confidence=Decimal(confidence)).confidence == confidence


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"confidence": Decimal("-0.1")}, "confidence must be at least 0"),
        ({"confidence": Decimal("100.1")}, "confidence must be at most 100, got 100.1"),
        ({"confidence": NAN}, "confidence must be a finite Decimal"),
        ({"stop_pct": None}, "an entry needs a stop and a target"),
        ({"target_pct": None}, "an entry needs a stop and a target"),
        ({"stop_pct": Decimal(0)}, "stop_pct must be above 0"),
        ({"target_pct": Decimal(-1)}, "target_pct must be above 0"),
        ({"stop_pct": NAN}, "stop_pct must be a finite Decimal"),
        ({"stop_pct": Decimal(100)}, "stop and target must be below 100 percent"),
        ({"target_pct": Decimal(100)}, "stop and target must be below 100 percent"),
        ({"reasons": ("x",) * 6}, "at most 5 reasons, got 6"),
        ({"reasons": ("x" * 201,)}, "a reason has at most 200 characters"),
        ({"would_change_mind": "x" * 201}, "a reason has at most 200 characters"),
    ],
)
def test_a_proposal_out_of_range_is_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make_proposal(**changes)


def test_a_proposal_at_its_bounds_is_fine() -> None:
    proposal = make_proposal(
        stop_pct=Decimal("99.9"),
        target_pct=Decimal("99.9"),
        reasons=("x" * 200,) * 5,
        would_change_mind="x" * 200,
    )
    assert len(proposal.reasons) == 5


@pytest.mark.parametrize("action", [Action.HOLD, Action.CLOSE])
def test_what_opens_nothing_needs_no_stop(action: Action) -> None:
    assert make_proposal(action).stop_pct is None


def test_a_decision_is_a_vote_or_an_abstention() -> None:
    vote, silence = make_decision(), make_decision(None)
    assert (vote.abstained, silence.abstained) == (False, True)
    for proposal, abstention in [(None, None), (vote.proposal, Abstention.BUDGET)]:
        with pytest.raises(ValueError, match="either a vote or an abstention"):
            Decision(model=vote.model, proposal=proposal, abstention=abstention)


def test_a_news_item_is_short_and_its_time_utc() -> None:
    item = NewsItem(source="coindesk", item_id="1", title="x" * 240, published_at=NOW)
    assert item.language == "en"
    with pytest.raises(ValueError, match="a title has at most 240 characters"):
        NewsItem(source="coindesk", item_id="1", title="x" * 241, published_at=NOW)
    with pytest.raises(ValueError, match="a link has at most 500 characters"):
        replace(item, link="x" * 501)
    with pytest.raises(ValueError, match="published_at must be aware UTC"):
        NewsItem(source="coindesk", item_id="1", title="x", published_at=NOW.replace(tzinfo=None))


@pytest.mark.parametrize("score", ["-1", "0", "1"])
def test_a_mood_lies_between_minus_one_and_one(score: str) -> None:
    assert SentimentScore(score=Decimal(score), item_count=1).score == Decimal(score)


@pytest.mark.parametrize("score", ["-1.01", "1.01", "NaN"])
def test_a_mood_beyond_is_refused(score: str) -> None:
    with pytest.raises(ValueError, match="score"):
        SentimentScore(score=Decimal(score), item_count=1)


def test_no_news_has_no_mood() -> None:
    assert NewsDigest().sentiment is NO_NEWS
    assert NO_NEWS.score == 0


def make_config(**changes: Any) -> PairConfig:
    fields: dict[str, Any] = {
        "user_id": USER,
        "pair": BTC,
        "venue": VenueName.PAPER,
        "mode": Mode.PAPER,
        "capital": Decimal(1000),
        "is_paused": False,
        "created_at": NOW,
    }
    return PairConfig(**{**fields, **changes})


def test_a_pair_needs_capital_and_its_time_is_utc() -> None:
    assert make_config().overrides == {}
    with pytest.raises(ValueError, match="capital must be above 0"):
        make_config(capital=Decimal(0))
    with pytest.raises(ValueError, match="created_at must be aware UTC"):
        make_config(created_at=NOW.replace(tzinfo=None))


@pytest.mark.parametrize("name", ["total", "available", "reserved"])
def test_a_balance_is_finite(name: str) -> None:
    fields = {"total": Decimal(1), "available": Decimal(1), "reserved": Decimal(0), name: NAN}
    with pytest.raises(ValueError, match=f"{name} must be a finite Decimal"):
        Balance(**fields)
    assert make_balance(5).available == 5


@pytest.mark.parametrize("name", ["equity", "realized_pnl", "unrealized_pnl", "fees", "funding"])
def test_a_portfolio_is_finite(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be a finite Decimal"):
        make_portfolio(**{name: NAN})


def test_a_portfolio_needs_a_time_and_no_negative_exposure() -> None:
    with pytest.raises(ValueError, match="as_of must be aware UTC"):
        make_portfolio(as_of=NOW.replace(tzinfo=None))
    with pytest.raises(ValueError, match="exposure must be at least 0"):
        make_portfolio(exposure=Decimal(-1))


def test_drawdown_is_the_lost_fraction_of_the_peak() -> None:
    portfolio = make_portfolio(equity=Decimal(900), peak_equity=Decimal(1200))
    assert portfolio.drawdown == Decimal("0.25")
    assert make_portfolio(equity=Decimal(1300), peak_equity=Decimal(1200)).drawdown == 0
    assert make_portfolio(equity=Decimal(-5), peak_equity=Decimal(0)).drawdown == 0
    assert make_portfolio(equity=Decimal(-1), peak_equity=Decimal(1)).drawdown == 1


def test_pnl_counts_from_the_capital_and_from_the_day() -> None:
    portfolio = make_portfolio(equity=Decimal(990), day_start_equity=Decimal(1020))
    assert portfolio.net_pnl == -10
    assert portfolio.day_pnl == -30


@pytest.mark.parametrize("kind", [BadInput, TransientError, PermanentError, OutcomeUnknown])
def test_every_failure_carries_its_sentence(kind: type[QuorumError]) -> None:
    error = kind("The venue is closed.")
    assert tell(error) == str(error) == "The venue is closed."
    assert isinstance(error, QuorumError)


def test_a_transient_failure_may_say_how_long_to_wait() -> None:
    assert TransientError("Wait.").retry_after_seconds is None
    assert TransientError("Wait.", retry_after_seconds=1.5).retry_after_seconds == 1.5


def test_a_lost_lease_is_no_reason_to_retry() -> None:
    assert not issubclass(StaleLease, TransientError)


def list_dataclasses() -> list[type]:
    modules = [import_module(f"trading.{found.name}") for found in iter_modules(trading.__path__)]
    return [
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__
    ]


@pytest.mark.parametrize("kind", list_dataclasses(), ids=lambda kind: kind.__name__)
def test_every_value_is_frozen_and_slim(kind: type) -> None:
    parameters = kind.__dataclass_params__  # type: ignore[attr-defined]  # typeshed hides it
    assert parameters.frozen
    assert "__slots__" in vars(kind)
