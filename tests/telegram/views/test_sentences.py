"""The domain's sentences are known in Russian: read from the sources, so none is forgotten.

A form of ours that no longer exists anywhere does no harm; a sentence that we can't say does.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from blocks.venues.base.key_permissions import find_binance_faults, find_bybit_faults
from flows.hooks import INTERRUPTED
from tasks.alerts import account as account_alerts
from tasks.alerts import trading as alerts
from tasks.orders.order_sender import NOT_SHOWN
from tasks.orders.position_sync import _compare
from tasks.recovery.lost_cycles import CUT_OFF, LOST
from telegram.views.sentence_list import PATTERNS
from telegram.views.sentences import translate
from tests.db.repositories.profit import make_transfer
from tests.db.values import make_intent
from tests.languages import RUSSIAN
from tests.telegram.views.view_values import make_breaker, make_closed, make_fill
from tests.trading.council_cases import BTC, NOW, make_position, make_vote
from trading.council.consensus import reach_consensus
from trading.council.decisions import Action
from trading.council.llm_budget import BudgetScope, Reservation, SpendCaps
from trading.cycle import CycleKey
from trading.domain.accounts import ENGLISH
from trading.domain.alerts import Alert
from trading.domain.orders import Leg
from trading.domain.switches import SwitchChange, build_switch_alert
from trading.domain.transfers import ProfitNotice, TransferResult, TransferStatus
from trading.domain.units import Mode, PositionSide, TradingState, UserId, VenueName
from trading.portfolio.bookkeeping import Closing
from trading.risk.circuit_breaker import Breaker

ROOT = Path(__file__).resolve().parents[3]
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)  # noqa: RUF001 - it is meant
REFUSING = (
    "trading",
    "db/repositories",
    "commands",
    "telegram",
    "blocks/prefect/gateway.py",
)
NOT_FOR_THE_CHAT = (
    "a name has 1 to 7 characters",  # the command line's and Telegram's own names are cut before
    "telegram account 7 already has a user",
    "a deposit of",
    "a withdrawal of",
    "can't be withdrawn",
    "users are named 7",  # users are named at a terminal only
    "there is no user 7. users",
    "there is a user named 7",
)
FAILING = (
    *(f"blocks/venues/base/{name}.py" for name in ("exchange", "rest_client", "market")),
    *(f"blocks/venues/{venue}/exchange.py" for venue in ("binance", "bybit", "paper")),
    *(
        "db/engine/errors.py",
        "db/session.py",
        "db/repositories",
        "tasks",
        "trading/simulation/exchange.py",
    ),
)
FAILURES = ("PermanentError", "TransientError", "OutcomeUnknown")
NOBODYS = "operator's access"
RU = RUSSIAN
FIGURE = "7"
TURNS = tuple(
    SwitchChange(scope=scope, state=state, reason="because", actor="operator")
    for scope in (None, UserId(3), VenueName.BINANCE)
    for state in TradingState
)
RESERVATION = Reservation(
    call_ids=frozenset(),
    exceeded=BudgetScope.USER,
    caps=SpendCaps(
        installation_usd=Decimal("9.50"), user_usd=Decimal("2.25"), pair_usd=Decimal("1.75")
    ),
    day=NOW.date(),
)


def list_files(*places: str) -> Iterator[Path]:
    for place in places:
        path = ROOT / place
        yield from path.rglob("*.py") if path.is_dir() else [path]


def read_text(node: ast.expr) -> str:
    """A literal or an f-string with a figure in each of its holes; "" for anything else."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else FIGURE for part in node.values
        )
    return ""


def list_refusals() -> list[str]:
    """Every sentence that `raise BadInput(...)` says."""
    found = set()
    for path in list_files(*REFUSING):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "BadInput":
                found.add(read_text(node.args[0]))
    said = (text for text in found if re.search("[a-z]{3}", text))
    return sorted(
        text for text in said if not any(words in text.lower() for words in NOT_FOR_THE_CHAT)
    )


def list_alerts() -> list[Alert]:
    """One of everything that the tasks write for users."""
    user, now = UserId(1), NOW
    long, flat = make_position(), make_closed("5", hours=1)
    short = replace(long, side=PositionSide.SHORT, venue=VenueName.BINANCE)
    fill = make_fill()
    notice = ProfitNotice(equity=Decimal(1200), threshold=Decimal(1100), amount=Decimal(90))
    key = CycleKey(user_id=user, pair=BTC, cycle_time=now)
    written = [alerts.build_opened(user, one) for one in (long, short)]
    for leg in (None, Leg.STOP, Leg.TARGET):
        for closing in (fill, None, replace(fill, is_liquidation=True)):
            ended = Closing(position=flat, fill=closing)
            written.append(alerts.build_closed(user, ended, leg=leg, now=now))
    for is_so in (True, False):
        written += [
            alerts.build_protection_failed(
                user, long, reason=f"{NOT_SHOWN}", is_flat=is_so, now=now
            ),
            alerts.build_resolved(make_intent(user, now), found=is_so, now=now),
        ]
    return [
        *written,
        *(
            alerts.build_in_doubt(make_intent(user, now, leg), now=now)
            for leg in (Leg.ENTRY, Leg.EXIT)
        ),
        alerts.build_books_differ(user, BTC, sentence=_compare(long, None), now=now),
        alerts.build_breaker_changed(user, BTC, breaker=make_breaker(), now=now),
        alerts.build_breaker_changed(user, None, breaker=make_breaker(), now=now),
        alerts.build_breaker_changed(user, None, breaker=Breaker(), now=now),
        alerts.build_withdrawal_due(user, BTC, mode=Mode.PAPER, notice=notice, now=now),
        *(alerts.build_cycle_failed(key, sentence=one, now=now) for one in (CUT_OFF, LOST)),
        *(build_switch_alert(turn, to=user, now=now) for turn in TURNS),
        *(
            alerts.build_budget_reached(user, BTC, scope=scope, reservation=RESERVATION, now=now)
            for scope in BudgetScope
        ),
        alerts.build_venue_down(BTC, venue="binance", sentence="It does not answer.", now=now),
        account_alerts.build_key_refused(
            user, VenueName.BYBIT, sentence="Untick 'Withdraw' under Wallet.", now=now
        ),
        account_alerts.build_key_accepted(user, VenueName.BYBIT, now=now),
        *(
            account_alerts.build_profit_moved(
                replace(make_transfer(user, now), venue=venue),
                TransferResult(status=status, reason="The margin is 7.50."),
                now=now,
            )
            for venue in (VenueName.PAPER, VenueName.BINANCE)
            for status in TransferStatus
        ),
    ]


def test_there_is_something_to_translate() -> None:
    assert len(list_refusals()) > 20


@pytest.mark.parametrize("sentence", list_refusals())
def test_a_refusal_is_said_in_russian(sentence: str) -> None:
    assert CYRILLIC.search(translate(sentence, language=RUSSIAN)), sentence
    assert translate(sentence, language=ENGLISH) == sentence


@pytest.mark.parametrize("alert", list_alerts(), ids=lambda alert: alert.text[:60])
def test_an_alert_is_said_in_russian(alert: Alert) -> None:
    said = translate(alert.text, language=RUSSIAN)
    assert CYRILLIC.search(said)
    assert "nothing" not in said
    for figure in re.findall(r"\d+\.\d+", alert.text):
        assert figure in said
    if "net " in alert.text:
        assert "USDT PAPER" in said


def list_causes() -> list[str]:
    """What venues, keys, tasks and the database may say within an alert."""
    found = set()
    for path in list_files(*FAILING):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in FAILURES:
                found.add(read_text(node.args[0]))
    said = (text for text in found if re.search("[a-z]{3}", text))
    return sorted(text for text in said if "QUORUM_" not in text and NOBODYS not in text)


@pytest.mark.parametrize("cause", [*list_causes(), CUT_OFF, LOST, INTERRUPTED, NOT_SHOWN])
def test_a_cause_within_an_alert_is_said_in_russian(cause: str) -> None:
    said = translate(
        f"BTC/USDT: {cause} Nothing new is opened until our books and the venue agree.",
        language=RU,
    )
    assert CYRILLIC.search(translate(cause, language=RU)), cause
    assert translate(cause, language=RU) in said


def test_what_to_change_at_a_key_is_said_step_by_step() -> None:
    steps = (
        *find_binance_faults({"enableWithdrawals": True, "enableMargin": True}),
        *find_bybit_faults({"readOnly": 1}),
        *find_bybit_faults({"readOnly": 0, "permissions": {"Wallet": ["Withdraw"]}}),
    )
    assert len(steps) > 5
    said = translate(
        f"The Bybit key can't be used as it is. {'; '.join(steps)}.", language=RUSSIAN
    )
    assert said.count(";") == len(steps) - 1
    assert not re.search("(?i)tick |make |restrict|the venue", said)


def test_paper_is_marked_in_alerts_and_real_money_is_not() -> None:
    user = UserId(1)
    real = replace(make_position(), venue=VenueName.BINANCE)
    assert "PAPER" in alerts.build_opened(user, make_position()).text
    assert "PAPER" not in alerts.build_opened(user, real).text


VOTES = (Action.OPEN_LONG, Action.OPEN_SHORT, Action.CLOSE, Action.HOLD)


@pytest.mark.parametrize("first", VOTES)
@pytest.mark.parametrize("second", [*VOTES, None])
@pytest.mark.parametrize("silent", [False, True])
def test_what_the_council_agrees_on_is_said_in_russian(
    first: Action, *, second: Action | None, silent: bool
) -> None:
    votes = [make_vote(first, name="a"), *([make_vote(second, name="b")] if second else [])]
    if silent:
        votes += [make_vote(Action.HOLD, name="c"), make_vote(Action.CLOSE, name="c")]
    reason = reach_consensus(votes, quorum=2).reason
    said = translate(reason, language=RUSSIAN)
    assert not re.search(r"\b(open|hold|close|answers|needed|contradicted)\b", said), said


def test_figures_are_carried_over() -> None:
    said = translate(f"You do not trade ETH/USDT. Your pairs: {'BTC/USDT'}.", language=RUSSIAN)
    assert said == "Пары ETH/USDT у вас нет. Ваши пары: BTC/USDT."  # noqa: RUF001
    assert "-1.5" in translate(
        f"{Decimal('-1.5')} USDT can't be traded: the amount must be above 0.",
        language=RUSSIAN,
    )


def test_braces_of_a_person_are_only_text() -> None:
    said = translate("'{0.__class__}' is not a pair like BTC/USDT.", language=RUSSIAN)
    assert "{0.__class__}" in said


def test_every_form_can_be_filled() -> None:
    for pattern, template in PATTERNS:
        holes = set(re.findall(r"\{(\w+)\}", template))
        assert holes <= set(pattern.groupindex), template


def test_a_long_text_is_looked_at_quickly() -> None:
    hostile = "a: " * 3000
    assert translate(hostile, language=RUSSIAN) == hostile
