"""Checks every setting before anything starts: an unknown name or a wrong value is a sentence.

environment and .env -> names against the catalog, values against the classes -> Problem, ...

An unknown name would be ignored silently: `QUORUM_LIMITS__MAX_LEVRAGE=1` would leave the limit at
3. So `quorum up` and the processes of containers refuse to start.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsError

from cli.base.environment import read_environment
from cli.config.catalog import NESTED, list_classes, list_settings, name_variable
from trading.domain.errors import BadInput, QuorumError

PREFIX = "QUORUM_"
LONGEST_VALUE = 60
_MEMBER = re.compile(r"<[\w.]+: ('[^']*')>")  # of an enumeration, in pydantic's words

OTHER_NAMES = frozenset(
    {
        "QUORUM_STACK",  # the mark of a stack's processes
        "QUORUM_UI_API_URL",  # docker-compose.yml
        "QUORUM_DATA",  # the tests' candles
    }
)
TEST_PREFIX = "QUORUM_TEST_"
RETIRED = {
    "QUORUM_WORKER_MODE": "QUORUM_WORKER_TYPE",
    "QUORUM_OPENAI_MODEL": "QUORUM_COUNCIL",
    "QUORUM_OPENAI_PRICES": "QUORUM_PRICES",
    "QUORUM_OPENAI_REASONING_EFFORT": "QUORUM_COUNCIL",
}
"""Names that earlier releases read, and the setting to use now: a warning only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A wrong setting; a warning does not stop a start."""

    sentence: str
    is_warning: bool = False


def require_sound_settings(*, with_choices: bool) -> None:
    """Raise BadInput with a sentence for each wrong setting; argument as of `check_settings`."""
    found = check_settings(with_choices=with_choices)
    problems = [one.sentence for one in found if not one.is_warning]
    if problems:
        raise BadInput("\n".join(problems))


def check_settings(
    environment: Mapping[str, str] | None = None, *, with_choices: bool = True
) -> tuple[Problem, ...]:
    """
    Every problem of the names and values.

    Args:
        environment: whose names are checked, None for this process's and .env; the values are
            always read as the rooms read them.
        with_choices: whether the market, the feeds and the seats are built, too. A container has
            only its own keys: the bot shares QUORUM_COUNCIL and has no key of a model.
    """
    found = read_environment() if environment is None else environment
    problems = [*_check_names(found), *_check_values()]
    if problems or not with_choices:  # a choice is built of sound values only
        return tuple(problems)
    return tuple(_check_choices())


def _check_names(environment: Mapping[str, str]) -> list[Problem]:
    known = {one.variable for one in list_settings()} | OTHER_NAMES
    names = [name for name in environment if name.upper().startswith(PREFIX)]
    problems = []
    for name in sorted(names):
        upper = name.upper()
        if upper in known or upper.startswith(TEST_PREFIX):
            continue
        if upper in RETIRED:
            sentence = f"{name} is no longer read: use {RETIRED[upper]}."
            problems.append(Problem(sentence=sentence, is_warning=True))
            continue
        problems.append(Problem(sentence=f"{name} is no setting{_hint(upper, known)}"))
    return problems


def _hint(name: str, known: Iterable[str]) -> str:
    """The nearest name, compared without the common prefix; else where the names stand."""
    bare = [one.removeprefix(PREFIX) for one in known if one.startswith(PREFIX)]
    near = get_close_matches(name.removeprefix(PREFIX), bare, n=1, cutoff=0.6)
    return f": did you mean {PREFIX}{near[0]}?" if near else "; `quorum config` lists all."


def _check_values() -> list[Problem]:
    sentences: dict[str, None] = {}
    for cls in list_classes():
        sentences |= dict.fromkeys(_check_class(cls))
    return [Problem(sentence=sentence) for sentence in sentences]


def _check_choices() -> list[Problem]:
    """Names inside of values: the market, the feeds, the seats of the council."""
    from blocks.council import SAVED, council_from_settings
    from blocks.feed import feeds_from_settings
    from blocks.markets import MarketChoice
    from blocks.models.settings import CouncilSettings
    from blocks.settings import VenueSettings
    from reports.texts.catalog import render

    choices: list[tuple[str, Callable[[], object]]] = [
        ("QUORUM_MARKET", lambda: MarketChoice.from_settings(VenueSettings())),
        ("QUORUM_FEEDS", feeds_from_settings),
    ]
    if not any(seat.startswith(SAVED) for seat in CouncilSettings().council):
        choices.append(("QUORUM_COUNCIL", council_from_settings))
    problems = []
    for variable, build in choices:
        try:
            build()
        except QuorumError as error:
            problems.append(Problem(sentence=f"{variable}: {render(error.message)}"))
    return problems


def _check_class(cls: type[BaseSettings]) -> list[str]:
    try:
        cls()
    except ValidationError as error:
        return [_tell(cls, one) for one in error.errors(include_url=False)]
    except SettingsError as error:
        # The text is 'error parsing value for field "name" from source "source"'.
        field = str(error).partition('field "')[2].partition('"')[0]
        variable = name_variable(cls, field) if field in cls.model_fields else str(error)
        return [f"{variable} can't be read: a list is written as [1, 2, 4]."]
    except BadInput as error:
        from reports.texts.catalog import render

        return [render(error.message)]
    return []


def _tell(cls: type[BaseSettings], error: Any) -> str:
    """A sentence that names the variable, the value (unless secret) and the bound."""
    field, *inner = [str(part) for part in error["loc"]] or [""]
    variable = name_variable(cls, field) if field in cls.model_fields else field.upper()
    variable = NESTED.join([variable, *(part.upper() for part in inner)])
    secret = any(one.is_secret for one in list_settings() if one.variable == variable)
    value = error.get("input")
    is_told = isinstance(value, str | int | float) and not secret
    said = f"={str(value)[:LONGEST_VALUE]}" if is_told else ""
    text = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    text = _MEMBER.sub(r"\1", text.replace("should be", "must be", 1).rstrip("."))
    if str(error["msg"]).startswith("Value error"):
        return f"{variable}{said}: {text}."
    return f"{variable}{said} {text}."
