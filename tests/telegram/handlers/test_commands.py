"""Every command with good, bad, missing, hostile and out-of-order input: a sentence, no crash.

The table says what comes back; the rest holds for every row: one answer at least, nothing in the
log, nothing that Telegram refused.
"""

import logging
import re

import pytest

from telegram.bot.router import VERBS
from tests.doubles.telegram_chats import Person
from tests.telegram.stage import Stage

TROUBLE = "Something went wrong"
HOSTILE = (
    "'; DROP TABLE users; --",
    "<b>BTC/USDT</b> & <script>alert(1)</script>",
    "\U0001f525" * 900,
    "A" * 4000,
    "../../etc/passwd",
    "\u202eTDSU/CTB 1000",
    "BTC/USDT\nETH/USDT",
    "NaN",
    "-1",
    "1e309",
    "BTC/USDT 1e-30",
    "BTC/USDT NaN",
    "max_leverage Infinity",
    "max_leverage -0",
    "%s%n{0}{user.name}",
    "u1-BTC-USDT",
    "all all all all",
    "99999999999999999999999",
    "\uff42\uff49nance",
    "BTC/USDT \x00 x",
)

TABLE = [
    # command, what stands in the answer; the user trades BTC/USDT and ETH/USDT
    ("/start", "Welcome back"),
    ("/start CODE", "Welcome back"),
    ("/help", "/addpair"),
    ("/HELP@quorum_bot", "/addpair"),
    ("/cancel", "Canceled"),
    ("/addpair SOL/USDT 1", "too little"),
    ("/addpair SOL/USDT 1000", "Added SOL/USDT"),
    ("/addpair BTC/USDT 1000", "already trade BTC/USDT"),
    ("/addpair", "/addpair PAIR AMOUNT"),
    ("/addpair BTC/USDT", "/addpair PAIR AMOUNT"),
    ("/addpair BTC/USDT ten", "“ten”"),
    ("/addpair BTC/USDT 0", "above 0"),
    ("/addpair BTC/USDT 0.001", "two decimals"),
    ("/addpair BTC/USDT 1", "already trade"),
    ("/addpair BTC 100", "“BTC”"),
    ("/removepair ETH/USDT", "Removed ETH/USDT"),
    ("/removepair", "/removepair PAIR"),
    ("/removepair DOGE/USDT", "do not trade DOGE/USDT"),
    ("/pairs", "BTC/USDT"),
    ("/listpairs", "ETH/USDT"),
    ("/pause", "Paused"),
    ("/pause all", "Paused"),
    ("/pause BTC/USDT", "Paused: BTC/USDT"),
    ("/stop_trading", "Paused"),
    ("/pause DOGE/USDT", "do not trade"),
    ("/resume", "BTC/USDT"),
    ("/start_trading BTC/USDT", "BTC/USDT"),
    ("/resume x", "“x”"),
    ("/close", "/close PAIR"),
    ("/close BTC/USDT", "no open position"),
    ("/close DOGE/USDT", "do not trade"),
    ("/close all", "“all”"),
    ("/panic", "Pause every pair"),
    ("/panic now", "Pause every pair"),
    ("/status", "BTC/USDT"),
    ("/status BTC/USDT", "BTC/USDT"),
    ("/positions", ""),
    ("/position DOGE/USDT", "do not trade"),
    ("/trades", ""),
    ("/trades x", "“x”"),
    ("/why", ""),
    ("/why BTC/USDT", ""),
    ("/why DOGE/USDT", "do not trade"),
    ("/stats", "BTC/USDT"),
    ("/mystats BTC/USDT", "BTC/USDT"),
    ("/stats DOGE/USDT", "do not trade"),
    ("/risk", "max_leverage"),
    ("/config", "max_leverage"),
    ("/risk BTC/USDT", "max_leverage"),
    ("/risk max_leverage 2", "2 from now on"),
    ("/risk BTC/USDT max_leverage 2", "2 from now on"),
    ("/risk max_leverage 100", "can only be lowered"),
    ("/risk max_leverage two", "max_leverage"),
    ("/risk courage 2", "not a limit"),
    ("/risk DOGE/USDT max_leverage 2", "do not trade"),
    ("/risk a b c d", "/risk"),
    ("/budget", ""),
    ("/mode", "PAPER"),
    ("/mode paper BTC/USDT", "BTC/USDT"),
    ("/mode live BTC/USDT", "days on PAPER: 0 of 30"),
    ("/mode live", "/mode"),
    ("/mode real BTC/USDT", "/mode"),
    ("/mode live DOGE/USDT", "do not trade"),
    ("/alerts", ""),
    ("/alerts trades off", ""),
    ("/alerts nothing", "on or off"),
    ("/language", "Which language"),
    ("/language en", "English"),
    ("/language tlh", "not a language"),
    ("/connect", "Which exchange"),
    ("/connect binance", "Step 1"),
    ("/connect kraken", "can't be connected"),
    ("/cancel", "Canceled"),
    ("/disconnect", "/disconnect"),
    ("/disconnect binance", "No key"),
    ("/disconnect kraken", "can't be connected"),
    ("/risk_raise", "/risk"),
    ("/risk_raise max_leverage 3", ""),
    ("/risk_cancel max_leverage", "stays as it is"),
    ("/risk_cancel", ""),
    ("/ask_close BTC/USDT", "no open position"),
    ("/nonsense", "/help"),
    ("/", "/help"),
    ("hello", "/help"),
    ("LIVE", "/help"),
    # an admin's, said by somebody else
    ("/users", "don't know"),
    ("/halt everything", "don't know"),
    ("/unhalt", "don't know"),
    ("/ban 1", "don't know"),
    ("/unban 1", "don't know"),
    ("/broadcast hello", "don't know"),
    ("/health", "don't know"),
    ("/seats", "don't know"),
    ("/ask BTC/USDT", "don't know"),
]


async def enter(stage: Stage) -> Person:
    """A user with two pairs."""
    ann = await stage.register(101)
    await ann.ask("/addpair BTC/USDT 1000")
    await ann.ask("/addpair ETH/USDT 1000")
    return ann


def find_failures(stage: Stage, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What must never be: refused calls, troubles told, errors logged."""
    refused = [f"{c.method}: {c.description}" for c in stage.telegram.journal if not c.is_ok]
    told = [m.text for m in stage.telegram.list_messages(101) if TROUBLE in m.text]
    return [*refused, *told, *(r.getMessage() for r in caplog.records if r.levelno >= 40)]


async def test_every_row_of_the_table(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    ann = await enter(stage)
    wrong = []
    for text, expected in TABLE:
        reply = await ann.ask(text)
        if not any(one in reply.text for one in expected.split("|")):
            wrong.append(f"{text}: {reply.text!r}")
        if text.startswith("/removepair ETH"):
            await ann.ask("/addpair ETH/USDT 1000")
    assert not wrong, "\n".join(wrong)
    assert find_failures(stage, caplog) == []


@pytest.mark.slow
async def test_hostile_words_after_every_command(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    ann = await enter(stage)
    for name in sorted(VERBS):
        for words in HOSTILE:
            await ann.ask(f"/{name} {words}")
    assert find_failures(stage, caplog) == []
    user = await stage.load_user(101)
    async with stage.database.tenant(user.user_id) as tenant:
        assert len(await tenant.pairs.list_pairs()) == 2


async def test_answers_nobody_asked_for_and_commands_out_of_order(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    ann = await stage.register(101)
    for text in (
        "/status", "/positions", "/why", "/stats", "/trades", "/budget", "/mode", "/risk",
        "/resume", "/pause", "/panic", "/close BTC/USDT", "/removepair BTC/USDT",
        "/risk max_leverage 2", "/connect binance", "/status", "/connect bybit", "/addpair",
        "/start", "a key", "/cancel", "a secret",
    ):  # fmt: skip
        await ann.ask(text)
    assert find_failures(stage, caplog) == []


async def test_everything_speaks_russian_too(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    ann = await enter(stage)
    await ann.ask("/language ru")
    skipped = {"/addpair BTC 100", "/language en"}
    for text, _ in TABLE:
        if text not in skipped:
            reply = await ann.ask(text)
            assert re.search("[\u0430-\u044f]", reply.text), text
    assert find_failures(stage, caplog) == []
