"""What a person sees of his books: status, positions, trades, receipts, statistics."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from db.session import Database
from reports.equity_curve import find_markers
from tests.cli.terminal import Terminal
from tests.db.values import (
    close_position,
    make_config,
    make_fill,
    make_intent,
    make_pair_state,
    make_position,
    make_record,
)
from trading.domain.orders import Fill
from trading.domain.units import Side, UserId

ANN = UserId(1)
NOON = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
PNG = b"\x89PNG\r\n"


@pytest.fixture
def ann(terminal: Terminal) -> Terminal:
    """Ann trades BTC: a position won, another is open; one cycle explained, one order open."""
    terminal.succeed("user", "add", "local")
    terminal.succeed("user", "add", "bob")

    async def trade(database: Database) -> None:
        async with database.tenant(ANN) as tenant:
            before = NOON - timedelta(hours=2)
            await tenant.pairs.add_pair(make_config(ANN, before))
            won = make_position(before)
            await tenant.positions.save_position(won)
            await tenant.positions.save_position(close_position(won, NOON - timedelta(hours=1)))
            await tenant.positions.save_position(make_position(NOON))
            await tenant.trades.add_fills([make_fill(NOON, "t-1"), make_fill(before, "t-0")])
            await tenant.states.save_pair_state(make_config(ANN, NOON).pair, make_pair_state(NOON))
            await tenant.intents.add_intent(make_intent(ANN, NOON), now=NOON)
            await tenant.cycles.close_cycle(make_record(ANN, NOON))

    terminal.seed(trade)
    return terminal


def test_status_says_all_of_a_pair_at_a_glance(ann: Terminal) -> None:
    said = ann.succeed("status", "--json").json

    (pair,) = said["pairs"]
    assert not said["is_running"]
    assert (pair["pair"], pair["equity"], pair["net_pnl"]) == ("BTC/USDT", "1010.5", "10.5")
    assert pair["position"]["quantity"] == "0.01"
    assert pair["last_cycle"]["cycle_time"] == NOON.isoformat()
    assert (pair["open_orders"], pair["orders_in_doubt"]) == (1, 0)
    text = ann.succeed("status").out
    for word in ("BTC/USDT", "running", "1,010.50", "+10.50", "long 0.01", "not running"):
        assert word in text


def test_another_user_sees_none_of_it(ann: Terminal) -> None:
    for verb in ("status", "positions", "trades", "stats"):
        said = ann.succeed(verb, "--json", "--user", "bob").json
        assert all(not value for key, value in said.items() if key not in {"user"})


def test_an_open_position_is_shown_with_the_mark_of_the_last_cycle(ann: Terminal) -> None:
    (one,) = ann.succeed("positions", "--json").json["positions"]

    assert one["position"]["side"] == "long"
    assert one["mark_price"] == "60500"
    assert one["marked_at"] == NOON.isoformat()
    assert "59,000" in ann.succeed("positions", "BTC/USDT").out


def test_closed_positions_come_with_what_they_netted(ann: Terminal) -> None:
    (one,) = ann.succeed("positions", "--closed", "--json").json["positions"]

    assert (one["realized_pnl"], one["fees"], one["net_pnl"]) == ("5", "0.24", "4.76")
    assert "+4.76" in ann.succeed("positions", "--closed").out


def test_trades_are_newest_first_and_as_many_as_asked_for(ann: Terminal) -> None:
    trades = ann.succeed("trades", "--json").json["trades"]

    assert [one["trade_id"] for one in trades] == ["t-1", "t-0"]
    assert len(ann.succeed("trades", "btc/usdt", "--limit", "1", "--json").json["trades"]) == 1
    assert "60,000" in ann.succeed("trades").out


def test_why_explains_the_last_cycle_and_any_other(ann: Terminal) -> None:
    last = ann.succeed("why").out
    given = ann.succeed("why", "BTC/USDT", "--at", "2025-03-01T12:10").out

    assert last == given
    assert "BTC/USDT" in last
    receipt = ann.succeed("why", "--json").json["receipt"]
    assert receipt["key"]["pair"] == "BTC/USDT"


@pytest.mark.parametrize(
    "arguments", [("--at", "2025-03-01T11:00"), ("BTC/USDT", "--at", "2024-01-01T00:00")]
)
def test_a_cycle_that_never_was_is_said_to_be_none(
    ann: Terminal, arguments: tuple[str, ...]
) -> None:
    answer = ann.run("why", *arguments)

    assert answer.code == 2
    assert "no finished cycle" in answer.error


def test_stats_stand_beside_hold_and_buy_and_hold(ann: Terminal) -> None:
    (one,) = ann.succeed("stats", "BTC/USDT", "--json").json["pairs"]

    assert (one["trades"], one["wins"], one["win_rate"]) == (1, 1, "1")
    assert one["hold_pnl"] == "0"
    assert {"net_pnl", "buy_and_hold_pnl", "drawdown", "max_drawdown", "fees"} <= one.keys()
    assert "HOLD" in ann.succeed("stats").out


def test_stats_draw_the_equity_curve(ann: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "deep" / "curve.png"

    ann.succeed("stats", "BTC/USDT", "--png", str(file))

    assert file.read_bytes().startswith(PNG)


def test_stats_of_the_models_are_their_scorecard(ann: Terminal) -> None:
    card = ann.succeed("stats", "models", "--json").json
    assert (card["models"], card["quorum"], card["hold_return"]) == ([], None, "0")
    assert "Nobody was asked yet." in ann.succeed("stats", "models").out


def test_a_picture_of_several_pairs_is_refused(ann: Terminal, tmp_path: Path) -> None:
    ann.succeed("addpair", "ETH/USDT", "1000")

    assert "Name one pair" in ann.run("stats", "--png", str(tmp_path / "curve.png")).error


def test_a_pair_that_was_removed_still_has_its_trades_and_receipts(ann: Terminal) -> None:
    async def remove(database: Database) -> None:
        async with database.tenant(ANN) as tenant:
            await tenant.pairs.remove_pair(make_config(ANN, NOON).pair)

    ann.seed(remove)

    assert ann.succeed("trades", "BTC/USDT", "--json").json["trades"]
    assert ann.succeed("why", "BTC/USDT").out


@pytest.mark.parametrize("verb", [("close", "BTC/USDT"), ("panic",)])
def test_closing_asks_first_and_needs_quorum_to_run(ann: Terminal, verb: tuple[str, ...]) -> None:
    before = ann.dump()

    unasked = ann.run(*verb)
    assert (unasked.code, "--yes" in unasked.error) == (2, True)
    assert ann.dump() == before

    answer = ann.run(*verb, "--yes")
    assert answer.code == 1
    assert "Quorum is not running" in answer.error


def test_panic_pauses_even_when_nothing_can_be_closed(ann: Terminal) -> None:
    ann.run("panic", "--yes")

    (pair,) = ann.succeed("pairs", "--json").json["pairs"]
    assert pair["is_paused"]


def test_markers_stand_where_a_position_began_and_ended() -> None:
    buy = make_fill(NOON)
    more = make_fill(NOON + timedelta(minutes=1))
    sell = make_fill(NOON + timedelta(minutes=2))
    fills = [buy, more, _sold(sell, Decimal("0.02")), _sold(sell, Decimal("0.01"))]

    assert [marker.kind for marker in find_markers(fills)] == ["long", "exit", "short"]


def _sold(fill: Fill, quantity: Decimal) -> Fill:
    return replace(fill, side=Side.SELL, quantity=quantity)
