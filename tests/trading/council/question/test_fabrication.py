"""Made-up figures: a thousand mutated reasons are caught, a thousand true reasons pass."""

import random
import re
from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.trading.builders import make_proposal
from tests.trading.council_cases import make_facts
from trading.council.question.fabrication import find_fabrication
from trading.council.question.fact_sheet import Fact, build_sheet

SHEET = build_sheet(
    make_facts(
        h1={"rsi": 61.3, "adx": 27.4, "close": 84_210.0, "volume_ratio": 1.4},
        h4={"rsi": 47.8, "adx": 33.6, "close": 83_930.0},
        m15={"rsi": 38.2, "adx": 18.9},
    )
)
COUNT = 1_000
LABELS = {"15m": 10, "1h": 11, "4h": 12}
WORDS: tuple[Callable[[str, int, str, str], str], ...] = (
    lambda i, n, r, a: f"F{n}: {i} RSI 14 at {r} with ADX {a}.",
    lambda i, n, r, a: f"On {i} (F{n}) rsi is {r}, adx {a}; the last 24 closes pay 2:1.",
    lambda i, n, r, a: f"F{n} rsi {r} and adx {a} on 2025-03-20 at 12:30 leave room.",
    lambda i, n, r, a: f"{i} momentum: RSI(14) = {r}, ADX = {a} [F{n}], target pays 1.5 to 1.",
    lambda i, n, r, a: f"RSI of {r} per F{n} is above 20; ADX of {a} backs the {i} move.",
)


def read(number: int, name: str) -> str:
    return dict(SHEET[number - 1].figures)[name]


def write(rng: random.Random) -> tuple[str, str, int]:
    """A true reason, the RSI in it and the number of its fact."""
    interval, number = rng.choice(sorted(LABELS.items()))
    rsi, adx = read(number, "rsi"), read(number, "adx")
    if rng.random() < 0.3:
        rsi = str(round(float(rsi)))
    return rng.choice(WORDS)(interval, number, rsi, adx), rsi, number


def mutate(rng: random.Random) -> str:
    """A changed digit, a scaled or negated figure, another fact, or a made-up level."""
    reason, rsi, number = write(rng)
    first = int(rsi[0])
    digit = rng.choice([d for d in range(1, 10) if d != first])
    wrong = {
        0: str(digit) + rsi[1:],
        1: str(Decimal(rsi) * 10),
        2: f"-{rsi}",
        3: rsi,
        4: str(rng.choice((12.7, 88.4, 91.0, 5.5))),
    }
    kind = rng.randrange(5)
    changed = re.sub(rf"(?<![\d.]){re.escape(rsi)}(?![\d])", wrong[kind], reason)
    if kind == 3:
        other = rng.choice([n for n in LABELS.values() if n != number])
        changed = changed.replace(f"F{number}", f"F{other}")
    return changed


def is_caught(reason: str) -> bool:
    return bool(find_fabrication(make_proposal(reasons=(reason,)), SHEET))


def test_a_thousand_mutated_reasons_are_caught_and_a_thousand_true_ones_pass() -> None:
    rng = random.Random(20261130)
    true = [write(rng)[0] for _ in range(COUNT)]
    false = [mutate(rng) for _ in range(COUNT)]
    alarms = [reason for reason in true if is_caught(reason)]
    missed = [reason for reason in false if not is_caught(reason)]
    assert len(alarms) <= COUNT / 100, alarms[:5]
    assert len(missed) <= COUNT / 100, missed[:5]


@pytest.mark.parametrize(
    ("reason", "caught"),
    [
        ("The market is calm.", False),
        ("F1 last $84k.", False),
        ("F1 last $85k.", True),
        ("F11 close 84,210 is 280 above the 4h close of 83,930 in F12.", False),
        ("F11 close 84,210 is 380 above the 4h close of 83,930 in F12.", True),
        ("F3 funding of 1 bp per 8h.", False),
        ("F3 funding is -0.01 %.", True),
        ("F99 says 61.3.", True),
        ("Stop 2 %, target 4 %, F11 rsi above 50.", False),
        ("F11 rsi above 70.", True),
    ],
)
def test_single_reasons(reason: str, caught: bool) -> None:
    assert is_caught(reason) is caught


def test_without_facts_nothing_is_compared() -> None:
    sheet: tuple[Fact, ...] = ()
    assert find_fabrication(make_proposal(reasons=("RSI 99.",)), sheet) == ""


def test_a_figure_of_zero_makes_no_percentage() -> None:
    sheet = (Fact(number=1, label="price", figures=(("close", "100.5"), ("change", "0.0"))),)
    proposal = make_proposal(reasons=("F1 close 100.5, change 0.0, change 7.3.",))
    assert find_fabrication(proposal, sheet) != ""
