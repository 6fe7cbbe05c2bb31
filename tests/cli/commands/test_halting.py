"""`quorum halt` at a terminal: who is stopped, who is told, what is written down."""

import pytest

from db.session import Database
from reports.texts.catalog import render
from tests.cli.terminal import Terminal
from tests.db.reads import list_alerts, list_entries
from trading.domain.alerts import AlertKind
from trading.domain.units import TradingState, UserId, VenueName

LOCAL = UserId(1)


@pytest.fixture
def local(terminal: Terminal) -> Terminal:
    terminal.succeed("user", "add", "local")
    terminal.succeed("addpair", "BTC/USDT", "1000")
    return terminal


def load_state(terminal: Terminal) -> TradingState:
    async def load(database: Database) -> TradingState:
        async with database.tenant(LOCAL) as tenant:
            return await tenant.states.load_trading_state(VenueName.PAPER, VenueName.BINANCE)

    return terminal.seed(load)


def test_everybody_is_halted_and_let_go_again(local: Terminal) -> None:
    said = local.succeed("halt", "--reason", "a bad feed")
    assert said.out == "Trading is HALTED for everybody. Exits, stops and cancels go on.\n"
    assert load_state(local) is TradingState.HALTED

    said = local.succeed("unhalt", "--reason", "it is back")
    assert said.out == "Entries are allowed again for everybody.\n"
    assert load_state(local) is TradingState.ACTIVE


@pytest.mark.parametrize(
    ("scope", "whom"),
    [
        (("--venue", "paper"), "paper"),
        (("--venue", "binance"), "binance"),
        (("--user", "local"), "user 1"),
    ],
)
def test_a_halt_of_a_venue_or_a_user_stops_its_pairs(
    local: Terminal, scope: tuple[str, str], whom: str
) -> None:
    said = local.succeed("halt", *scope, "--reducing", "--reason", "maintenance", "--json").json
    assert said == {"scope": whom, "state": "reducing", "others": {}}
    assert load_state(local) is TradingState.REDUCING


def test_another_venue_s_halt_stops_nothing_here(local: Terminal) -> None:
    local.succeed("halt", "--venue", "bybit", "--reason", "maintenance")
    assert load_state(local) is TradingState.ACTIVE


def test_an_unhalt_names_the_halts_that_still_hold(local: Terminal) -> None:
    local.succeed("halt", "--user", "local", "--reason", "on holiday")
    local.succeed("halt", "--reason", "a bad feed")
    said = local.succeed("unhalt", "--reason", "the feed is back")
    assert said.out.splitlines() == [
        "Entries are allowed again for everybody.",
        "Still HALTED: user 1.",
    ]
    assert load_state(local) is TradingState.HALTED


def test_a_halt_is_audited_and_told(local: Terminal) -> None:
    local.succeed("halt", "--reason", "a bad feed")

    async def look(database: Database) -> None:
        async with database.operator() as operator:
            (entry, *_) = await list_entries(operator.audit, limit=1)
        async with database.tenant(LOCAL) as tenant:
            (alert,) = await list_alerts(tenant.alerts, limit=10)
        assert entry.action == "halt"
        assert entry.detail == {"scope": "everybody", "state": "halted", "reason": "a bad feed"}
        assert alert.kind is AlertKind.STATE_CHANGED
        assert "a bad feed" in render(alert.text)

    local.seed(look)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--reason", "   "),
        ("--venue", "kraken", "--reason", "x"),
        ("--venue", "binance", "--user", "local", "--reason", "x"),
        ("--user", "nobody", "--reason", "x"),
    ],
)
def test_a_halt_asked_for_wrongly_changes_nothing(
    local: Terminal, arguments: tuple[str, ...]
) -> None:
    before = local.dump()
    assert local.run("halt", *arguments).code == 2
    assert local.dump() == before
