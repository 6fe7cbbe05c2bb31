"""The codes and arguments that the sources use, and those that a catalog has."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl

from trading.council.decisions import Abstention, Action
from trading.council.llm_budget import BudgetScope
from trading.council.news_check import NewsEffect
from trading.council.seat_faults import LASTING_FAULTS, SeatFault
from trading.cycle import CycleOutcome
from trading.domain.alert_topics import AlertGroup
from trading.domain.alerts import AlertKind
from trading.domain.orders import Leg, Outcome
from trading.domain.units import PositionSide, Side, TradingState
from trading.market.snapshot import MarketSource
from trading.risk.circuit_breaker import BreakerCode
from trading.risk.results import DenialReason

ROOT = Path(__file__).resolve().parents[3]
LOCALES = ROOT / "reports" / "texts" / "locales"
ROOMS = ("cli", "flows", "telegram", "commands", "tasks", "blocks", "db", "reports", "trading")
CALLS = {"say": 1, "message": 0}
"""Functions that take a code, and the position of the code among their arguments."""


@cache
def list_families() -> Mapping[str, frozenset[str]]:
    """Codes that are put together at run time: a prefix and its members."""
    from telegram.views.command_list import COMMANDS, Group
    from telegram.views.dialogs.risk import LIMITS

    places = {word.strip("[]|") for one in COMMANDS for word in one.form.replace("|", " ").split()}
    return {
        "side-": frozenset(PositionSide),
        "order-side-": frozenset(Side),
        "action-": frozenset(Action),
        "news-entry-": frozenset({NewsEffect.KEPT, NewsEffect.WEAKENED}),
        "news-hold-": frozenset({NewsEffect.STOPPED, NewsEffect.UNANSWERED}),
        "outcome-": frozenset(CycleOutcome),
        "receipt-head-": frozenset(CycleOutcome),
        "receipt-headlines-": frozenset(NewsEffect),
        "abstention-": frozenset(Abstention),
        "breaker-": frozenset(BreakerCode),
        "state-": frozenset(TradingState),
        "topic-": frozenset(AlertGroup),
        "headline-": frozenset(AlertKind),
        "denial-": frozenset(DenialReason),
        "source-": frozenset(MarketSource),
        "limit-": frozenset(LIMITS),
        "command-": frozenset(one.name for one in COMMANDS),
        "help-group-": frozenset(Group),
        "place-": frozenset(word for word in places if word.isupper()),
        "leg-": frozenset(Leg),
        "seat-fault-": frozenset(fault.name for fault in SeatFault),
        "seat-step-": frozenset(fault.name for fault in LASTING_FAULTS) | {"OTHER"},
        "ended-": frozenset(
            {
                AlertKind.TRADE_CLOSED,
                AlertKind.STOP_HIT,
                AlertKind.TARGET_HIT,
                AlertKind.LIQUIDATED,
            }
        ),
        "alert-opened-": frozenset({PositionSide.LONG, PositionSide.SHORT}),
        "held-": frozenset({PositionSide.LONG, PositionSide.SHORT}),
        "budget-of-": frozenset({BudgetScope.USER, BudgetScope.INSTALLATION}),
        "filled-": frozenset(Side),
        "filled-at-": frozenset(Side),
        "trading-": frozenset({TradingState.HALTED, TradingState.REDUCING}),
        "switch-": frozenset({TradingState.HALTED, TradingState.REDUCING}),
        "answer-": frozenset(Outcome) - {Outcome.ACCEPTED},
        "month-": frozenset(str(number) for number in range(1, 13)),
    }


@cache
def find_uses() -> Mapping[str, list[tuple[str, frozenset[str]]]]:
    """Each code with the places of its use and the names of the arguments given there."""
    uses: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
    for file in (file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                place = f"{file.relative_to(ROOT)}:{node.lineno}"
                for code, names in _read_call(node, place):
                    uses[code].append((place, names))
    return uses


def _read_call(node: ast.Call, place: str) -> Iterator[tuple[str, frozenset[str]]]:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in CALLS or len(node.args) <= CALLS[name]:
        return
    code = node.args[CALLS[name]]
    names = frozenset(keyword.arg or "**" for keyword in node.keywords)
    if isinstance(code, ast.Constant):
        yield str(code.value), names
    elif isinstance(code, ast.JoinedStr) and isinstance(code.values[0], ast.Constant):
        prefix = str(code.values[0].value)
        assert prefix in list_families(), f"{place}: no family {prefix!r}"
        yield from ((prefix + member, names) for member in list_families()[prefix])
    else:
        raise AssertionError(f"{place}: a code is a literal or a family")


def read_catalog(file: Path) -> dict[str, frozenset[str]]:
    """Each message of a catalog with the names of the variables in it."""
    found: dict[str, frozenset[str]] = {}
    for entry in FluentParser().parse(file.read_text(encoding="utf-8")).body:
        assert not isinstance(entry, ftl.Junk), entry.content
        if isinstance(entry, ftl.Message):
            assert entry.id.name not in found, f"{entry.id.name} is there twice"
            found[entry.id.name] = frozenset(_list_variables(entry))
    return found


def _list_variables(node: object) -> Iterator[str]:
    if isinstance(node, ftl.VariableReference):
        yield node.id.name
    elif isinstance(node, ftl.BaseNode):
        for value in vars(node).values():
            yield from _list_variables(value)
    elif isinstance(node, list):
        for value in node:
            yield from _list_variables(value)
