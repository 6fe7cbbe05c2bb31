"""Every command does the same at the terminal and in the chat: effect, refusal and exit.

Case -> both surfaces -> same rows and deployments, same refusal, exit code beside the answer
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from blocks.prefect.gateway import RunResult
from commands.council.flows import SeatTable, write_result
from commands.mode import LIVE_PHRASE
from db.session import Tenant
from tests.commands.surfaces import Case, Surfaces
from tests.db.values import (
    BTC,
    KEYS,
    make_breaker,
    make_fill,
    make_position,
    make_record,
)
from tests.db.values import make_config as make_paper_config
from tests.telegram.views.view_values import make_council_answer, make_seat_line
from trading.domain.units import VenueName
from trading.security.credentials import Credentials

KEY, SECRET = "key-of-twenty-letters", "secret-of-twenty-letters"
STRANGER = "You do not trade ETH/USDT. Your pairs: BTC/USDT."
NO_PAIR = "You trade no pair yet: add one, for example BTC/USDT 1000."
NOT_A_PAIR = "“nonsense” is not a pair like BTC/USDT."
COMMANDS = 26
REFUSED = 2
"""Exit code of a refusal."""


async def trade(tenant: Tenant, now: datetime) -> None:
    """Ann trades BTC on paper with 1,000."""
    config = make_paper_config(tenant.user_id, now - timedelta(hours=3))
    await tenant.pairs.add_pair(replace(config, venue=VenueName.BINANCE))
    await tenant.paper.deposit(Decimal(1000), now=now)


async def hold(tenant: Tenant, now: datetime) -> None:
    """Ann's pair has an open position, an execution and a receipt."""
    await trade(tenant, now)
    await tenant.positions.save_position(make_position(now))
    await tenant.trades.add_fills([make_fill(now)])
    await tenant.cycles.close_cycle(make_record(tenant.user_id, now))


async def hold_by_hand(tenant: Tenant, now: datetime) -> None:
    """Ann holds a position at the venue that she opened by hand."""
    await trade(tenant, now)
    await tenant.foreign_positions.save_seen(make_position(now), now=now)


async def pause(tenant: Tenant, now: datetime) -> None:
    """Ann's pair is paused, and its breaker is open."""
    await trade(tenant, now)
    await tenant.pairs.set_paused(BTC, is_paused=True)
    await tenant.breakers.save_breaker(BTC, make_breaker(now - timedelta(hours=1)))


async def tighten(tenant: Tenant, now: datetime) -> None:
    """Ann's pair has a leverage limit of her own."""
    await trade(tenant, now)
    await tenant.pairs.set_overrides(BTC, overrides={"max_leverage": "1.5"})


async def connect(tenant: Tenant, now: datetime) -> None:
    """Ann has a verified key at Binance."""
    await trade(tenant, now)
    credentials = Credentials(api_key=KEY, api_secret=SECRET)
    await tenant.accounts.save_credentials(
        VenueName.BINANCE, credentials=credentials, keys=KEYS, now=now
    )
    await tenant.accounts.set_verified(VenueName.BINANCE, now=now)


def same(words: str, *, says: str, code: int = 0, **more: object) -> Case:
    """A case whose words are the same on both surfaces."""
    return Case(
        typed=tuple(words.split()),
        said=(f"/{words}",),
        says=says,
        code=code,
        **more,  # type: ignore[arg-type]
    )


def refused(words: str, *, says: str, **more: object) -> Case:
    """A case of the same words that both surfaces refuse."""
    return same(words, says=says, code=2, **more)


CASES = (
    same("addpair BTC/USDT 1000", says="BTC/USDT"),
    refused("addpair BTC/USDT 0", says="0 USDT can't be traded: the amount must be above 0."),
    refused(
        "addpair BTC/USDT 900", says="You already trade BTC/USDT. Remove it first.", seed=trade
    ),
    refused(
        "addpair FOO/USDT 1000",
        says="FOO/USDT is not traded in this market.",
        end=RunResult(is_completed=False, message="FOO/USDT is not traded in this market."),
    ),
    same("removepair BTC/USDT", says="Removed BTC/USDT", seed=trade),
    refused("removepair ETH/USDT", says=STRANGER, seed=trade),
    refused(
        "removepair BTC/USDT",
        says="BTC/USDT still has an open position of 0.01 BTC: close it first, then remove the "
        "pair.",
        seed=hold,
    ),
    same("setcapital BTC/USDT 1500", says="1,500", seed=trade),
    same("setcapital BTC/USDT 400", says="400", seed=trade),
    refused("setcapital ETH/USDT 400", says=STRANGER, seed=trade),
    refused(
        "setcapital BTC/USDT 1000",
        says="BTC/USDT has a capital of 1000 USDT already.",
        seed=trade,
    ),
    refused(
        "setcapital BTC/USDT 500",
        says="BTC/USDT has an open position or an unsettled order: its capital can only be raised "
        "now.",
        seed=hold,
    ),
    same("pairs", says="BTC/USDT", seed=trade),
    same("pause BTC/USDT", says="BTC/USDT", seed=trade),
    refused("pause ETH/USDT", says=STRANGER, seed=trade),
    refused("pause", says=NO_PAIR),
    same("resume", says="BTC/USDT", seed=pause),
    refused("resume", says=NO_PAIR),
    same("risk max_leverage 1.5", says="1.5", seed=trade),
    Case(
        typed=("risk", "max_leverage", "2.5", "--yes"),
        said=("/risk max_leverage 2.5", "press:Yes"),
        says="2.5",
        seed=tighten,
    ),
    refused("risk max_profit 3", says="“max_profit” is not a limit.", seed=trade),
    refused(
        "risk BTC/USDT max_leverage 1", says="You do not trade BTC/USDT. You have no pairs yet."
    ),
    same("mode", says="0 of 0", seed=trade),
    same("mode paper", says="BTC/USDT", seed=trade),
    Case(
        typed=("mode", "live", "BTC/USDT"),
        stdin=f"{LIVE_PHRASE}\n",
        said=("/mode live BTC/USDT", LIVE_PHRASE),
        says="BTC/USDT",
        seed=connect,
    ),
    Case(
        typed=("mode", "live", "BTC/USDT"),
        stdin="yes\n",
        said=("/mode live BTC/USDT", "yes"),
        says="Those were not the words, so nothing was changed: the pair stays on PAPER.",
        code=2,
        seed=connect,
    ),
    refused("mode live ETH/USDT", says=STRANGER, seed=trade),
    Case(
        typed=("connect", "binance"),
        stdin=f"{KEY}\n{SECRET}\n",
        said=(f"/connect binance {KEY} {SECRET}",),
        says="inance",
    ),
    refused("connect kraken", says="“kraken” can't be connected: choose binance or bybit."),
    same("disconnect binance", says="inance", seed=connect),
    refused("disconnect bybit", says="No key for Bybit is connected.", seed=connect),
    same("profit binance on", says="inance", seed=connect),
    refused("profit bybit on", says="No key for Bybit is connected.", seed=connect),
    Case(
        typed=("close", "BTC/USDT", "--yes"),
        said=("/close BTC/USDT", "press:Close BTC/USDT"),
        says="BTC/USDT",
        seed=hold,
    ),
    Case(
        typed=("close", "BTC/USDT", "--yes"),
        said=("/close BTC/USDT",),
        says="BTC/USDT has no open position.",
        code=2,
        seed=trade,
    ),
    Case(
        typed=("adopt", "BTC/USDT", "--yes"),
        said=("/adopt BTC/USDT", "press:Hand over BTC/USDT"),
        says="BTC/USDT",
        seed=hold_by_hand,
    ),
    Case(
        typed=("adopt", "BTC/USDT", "--yes"),
        said=("/adopt BTC/USDT",),
        says="BTC/USDT has no position at the venue that Quorum did not open.",
        code=2,
        seed=hold,
    ),
    Case(typed=("panic", "--yes"), said=("/panic", "press:Yes"), says="BTC/USDT", seed=hold),
    Case(typed=("panic", "--yes"), said=("/panic",), says=NO_PAIR, code=2),
    same("addpair BTC/USDT 1000", says="BTC/USDT", is_prefect_down=True),
    Case(
        typed=("close", "BTC/USDT", "--yes"),
        said=("/close BTC/USDT", "press:Close BTC/USDT"),
        says="BTC/USDT",
        code=1,  # paused, and nothing is closed yet: the bot says so as well
        seed=hold,
        is_prefect_down=True,
    ),
    Case(
        typed=("halt", "--reason", "because"),
        said=("/halt because", "press:Yes"),
        says="HALTED",
        seed=trade,
    ),
    refused("halt", says="Say why, in 1 to 200 characters."),
    same("unhalt", says="gain", seed=trade),
    same("budget", says="5", seed=trade),
    same("budget 2.50", says="2.50", seed=trade),
    refused("budget 5000", says="A day's budget is 0 to 1000 dollars, or off."),
    same("alerts", says="rades"),
    same("alerts trades off", says="rades"),
    refused(
        "alerts weather off",
        says="Write a subject",
    ),
    same("status", says="BTC/USDT", seed=hold),
    same("positions", says="BTC", seed=hold),
    refused("positions ETH/USDT", says=STRANGER, seed=trade),
    same("trades", says="BTC/USDT", seed=hold),
    refused("trades nonsense", says=NOT_A_PAIR, seed=trade),
    same("why", says="BTC/USDT", seed=hold),
    refused("why", says="There is no finished cycle of your pairs yet.", seed=trade),
    refused("why ETH/USDT", says=STRANGER, seed=trade),
    same("stats", says="BTC/USDT", seed=hold),
    refused("stats ETH/USDT", says=STRANGER, seed=trade),
    Case(typed=("stats", "models"), said=("/models",), says="30 days", seed=trade),
    same(
        "ask BTC/USDT",
        says="anthropic:claude-haiku-5-5",
        end=RunResult(is_completed=True, message=write_result(make_council_answer())),
    ),
    refused("ask nonsense", says=NOT_A_PAIR),
    same(
        "seats",
        says="anthropic:claude-haiku-5-5",
        end=RunResult(
            is_completed=True,
            message=write_result(
                SeatTable(lines=(make_seat_line(seat="anthropic:claude-haiku-5-5"),))
            ),
        ),
    ),
)


def list_ids() -> Iterator[str]:
    for number, case in enumerate(CASES):
        yield f"{number}-{case.command}-{'refused' if case.code else 'done'}"


def test_every_command_of_both_surfaces_is_in_the_table() -> None:
    done = {case.command for case in CASES if not case.code}

    assert len(done) == COMMANDS


@pytest.mark.parametrize("case", CASES, ids=tuple(list_ids()))
async def test_both_surfaces_do_the_same(surfaces: Surfaces, case: Case) -> None:
    code, typed = await surfaces.play_typed(case)
    said = await surfaces.play_said(case)

    assert code == case.code, typed.answer
    assert typed.effect == said.effect
    if case.code == REFUSED:
        assert typed.answer == said.answer
    assert case.says in typed.answer
    assert case.says in said.answer
