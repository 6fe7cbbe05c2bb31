"""Pairs at a terminal: what is asked for well happens once, what is not changes nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest

from cli.base.clock import now_utc
from db.session import Database
from tests.cli.terminal import Terminal
from tests.db.reads import list_entries
from tests.db.values import make_breaker, make_intent, make_position
from trading.domain.units import Pair, UserId

ANN = UserId(1)
BTC = Pair("BTC", "USDT")


@pytest.fixture
def ann(terminal: Terminal) -> Terminal:
    """Ann, who is the local user, and Bob; Bob trades ETH, Ann nothing yet."""
    terminal.succeed("user", "add", "local")
    terminal.succeed("user", "add", "bob")
    terminal.succeed("addpair", "ETH/USDT", "500", "--user", "bob")
    return terminal


def test_an_added_pair_is_on_paper_running_and_paid_in(ann: Terminal) -> None:
    answer = ann.succeed("addpair", "btc-usdt", "1000")

    assert "1,000.00 USDT" in answer.out
    (pair,) = ann.succeed("pairs", "--json").json["pairs"]
    assert (pair["pair"], pair["mode"], pair["capital"]) == ("BTC/USDT", "paper", "1000")
    assert not pair["is_paused"]
    assert _balance(ann, ANN) == Decimal(1000)


def test_without_prefect_the_person_is_told_when_it_follows(ann: Terminal) -> None:
    answer = ann.succeed("addpair", "BTC/USDT", "1000", "--json")

    assert answer.json["prefect_follows_later"]
    assert "next `quorum up`" in ann.succeed("pause").out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("addpair", "FOO/USDT", "1000"), "FOO/USDT is not traded"),
        (("addpair", "BTCUSDT", "1000"), "is not a pair like BTC/USDT"),
        (("addpair", "BTC/BTC", "1000"), "both sides are BTC"),
        (("addpair", "BTC/USDT", "-5"), "must be above 0"),
        (("addpair", "BTC/USDT", "0"), "must be above 0"),
        (("addpair", "BTC/USDT", "nan"), "is not a finite number"),
        (("addpair", "BTC/USDT", "much"), "is not a number"),
        (("addpair", "BTC/USDT", "333"), "at least 333.34 USDT"),
        (("addpair", "BTC/USDT", "1000", "--venue", "kraken"), "binance or bybit"),
        (("addpair", "ETH/USDT", "1000", "--user", "bob"), "already trade ETH/USDT"),
        (("addpair", "BTC/USDT", "1000", "--user", "eve"), "There is no user eve"),
        (("removepair", "ETH/USDT"), "You do not trade ETH/USDT"),
        (("removepair", "nonsense"), "is not a pair"),
        (("pause", "ETH/USDT"), "You do not trade ETH/USDT"),
        (("pause",), "You trade no pair yet"),
        (("resume", "ETH/USDT"), "You do not trade ETH/USDT"),
        (("positions", "ETH/USDT"), "You do not trade ETH/USDT"),
        (("trades", "ETH/USDT"), "You do not trade ETH/USDT"),
        (("why", "ETH/USDT"), "You do not trade ETH/USDT"),
        (("stats", "ETH/USDT"), "You do not trade ETH/USDT"),
    ],
)
def test_bad_input_is_one_sentence_and_changes_nothing(
    ann: Terminal, arguments: tuple[str, ...], says: str
) -> None:
    before = ann.dump()

    answer = ann.run(*arguments)

    assert answer.code == 2
    assert says in answer.error
    assert answer.error.count("\n") == 1
    assert answer.out == ""
    assert ann.dump() == before


def test_a_removed_pair_is_gone_and_paid_out(ann: Terminal) -> None:
    ann.succeed("addpair", "BTC/USDT", "1000")

    ann.succeed("removepair", "BTC/USDT")

    assert ann.succeed("pairs", "--json").json["pairs"] == []
    assert _balance(ann, ANN) == 0


def test_a_pair_with_an_open_position_stays(ann: Terminal) -> None:
    ann.succeed("addpair", "BTC/USDT", "1000")

    async def open_position(database: Database) -> None:
        async with database.tenant(ANN) as tenant:
            await tenant.positions.save_position(make_position(now_utc()))

    ann.seed(open_position)
    before = ann.dump()

    answer = ann.run("removepair", "BTC/USDT")

    assert answer.code == 2
    assert "open position of 0.01 BTC" in answer.error
    assert ann.dump() == before


def test_a_pair_with_an_order_in_doubt_stays(ann: Terminal) -> None:
    ann.succeed("addpair", "BTC/USDT", "1000")

    async def send(database: Database) -> None:
        async with database.tenant(ANN) as tenant:
            now = now_utc()
            await tenant.intents.add_intent(make_intent(ANN, now), now=now)

    ann.seed(send)

    assert "not settled yet" in ann.run("removepair", "BTC/USDT").error


def test_pause_and_resume_take_one_pair_or_all(ann: Terminal) -> None:
    ann.succeed("addpair", "BTC/USDT", "1000")
    ann.succeed("addpair", "ETH/USDT", "1000")

    assert ann.succeed("pause", "--json").json["paused"] == ["BTC/USDT", "ETH/USDT"]
    assert ann.succeed("resume", "ETH/USDT", "--json").json["resumed"] == ["ETH/USDT"]

    pairs = ann.succeed("pairs", "--json").json["pairs"]
    assert {one["pair"]: one["is_paused"] for one in pairs} == {
        "BTC/USDT": True,
        "ETH/USDT": False,
    }
    (bobs,) = ann.succeed("pairs", "--user", "bob", "--json").json["pairs"]
    assert not bobs["is_paused"]


def test_resume_closes_an_open_breaker_and_the_audit_says_which(ann: Terminal) -> None:
    ann.succeed("addpair", "BTC/USDT", "1000")

    async def trip(database: Database) -> None:
        async with database.tenant(ANN) as tenant:
            breaker = make_breaker(now_utc() - timedelta(hours=1))
            await tenant.breakers.save_breaker(BTC, breaker)
            await tenant.breakers.save_breaker(None, breaker)

    ann.seed(trip)
    ann.succeed("resume", "BTC/USDT")

    async def look(database: Database) -> tuple[bool, dict[str, str]]:
        async with database.tenant(ANN) as tenant:
            breakers = [await tenant.breakers.load_breaker(scope) for scope in (BTC, None)]
            (entry, *_) = await list_entries(tenant.audit, limit=1)
            return any(breaker.is_open for breaker in breakers), dict(entry.detail)

    is_open, detail = ann.seed(look)
    assert not is_open
    assert detail["closed_pair_breaker"] == detail["closed_user_breaker"] == "THREE_LOSSES"


def _balance(terminal: Terminal, user_id: UserId) -> Decimal:
    async def load(database: Database) -> Decimal:
        async with database.tenant(user_id) as tenant:
            return (await tenant.paper.load_book()).balance

    return terminal.seed(load)
