"""The trading switch: a reason is owed, a venue is known, the message says what goes on."""

from datetime import UTC, datetime

import pytest

from reports.texts.catalog import render
from trading.domain.alerts import AlertKind, Severity
from trading.domain.errors import BadInput
from trading.domain.switches import (
    MAX_REASON_CHARACTERS,
    SwitchChange,
    SwitchScope,
    build_switch_alert,
    check_reason,
    describe_scope,
    parse_switch_venue,
)
from trading.domain.units import TradingState, UserId, VenueName

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)


def test_a_reason_is_trimmed() -> None:
    assert check_reason("  venue maintenance ") == "venue maintenance"
    longest = "x" * MAX_REASON_CHARACTERS
    assert check_reason(longest) == longest


@pytest.mark.parametrize("text", ["", "   ", "x" * (MAX_REASON_CHARACTERS + 1), "two\x07bells"])
def test_no_reason_no_halt(text: str) -> None:
    with pytest.raises(BadInput, match=r"reason|Say why"):
        check_reason(text)


@pytest.mark.parametrize(("text", "venue"), [(" Binance", VenueName.BINANCE), ("paper", "paper")])
def test_every_venue_has_a_switch(text: str, venue: str) -> None:
    assert parse_switch_venue(text) == venue


def test_an_unknown_venue_is_named() -> None:
    with pytest.raises(
        BadInput, match="“kraken” is not a venue: choose one of binance, bybit, paper"
    ):
        parse_switch_venue("kraken")


@pytest.mark.parametrize(
    ("scope", "whom"),
    [(None, "everybody"), (UserId(3), "user 3"), (VenueName.BYBIT, "bybit")],
)
def test_a_scope_is_told_in_words(scope: SwitchScope, whom: str) -> None:
    assert describe_scope(scope) == whom


def turn(scope: SwitchScope, state: TradingState, *, reason: str) -> SwitchChange:
    return SwitchChange(scope=scope, state=state, reason=reason, actor="ann")


def test_only_a_user_s_switch_is_about_a_user() -> None:
    halted = TradingState.HALTED
    assert turn(UserId(3), halted, reason="x").about == 3
    assert turn(VenueName.BYBIT, halted, reason="x").about is None
    assert turn(None, halted, reason="x").about is None


def test_a_halt_says_what_goes_on_and_how_it_ends() -> None:
    halt = turn(None, TradingState.HALTED, reason="a bad feed")
    alert = build_switch_alert(halt, to=None, now=NOW)
    assert (alert.kind, alert.severity) == (AlertKind.STATE_CHANGED, Severity.CRITICAL)
    assert render(alert.text) == (
        "Trading is HALTED for everybody: nothing new is opened; exits, stops and cancels go on. "
        "Reason: a bad feed. `quorum unhalt` allows entries again."
    )


def test_a_user_is_not_told_of_the_operator_s_command() -> None:
    halt = turn(VenueName.BINANCE, TradingState.REDUCING, reason="maintenance")
    alert = build_switch_alert(halt, to=UserId(1), now=NOW)
    assert alert.user_id == 1
    assert "REDUCING for Binance" in render(alert.text)
    assert render(alert.text).endswith("Reason: maintenance.")


def test_the_end_of_a_halt_is_told_too() -> None:
    release = turn(UserId(1), TradingState.ACTIVE, reason="it is over")
    alert = build_switch_alert(release, to=None, now=NOW)
    assert alert.severity is Severity.WARNING
    assert render(alert.text) == "Entries are allowed again for user 1. Reason: it is over."
