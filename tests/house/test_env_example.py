"""Every variable that .env.example offers is one that some room's settings read."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic_settings import BaseSettings

CHECKOUT = Path(__file__).resolve().parents[2]


def settings_classes() -> list[type[BaseSettings]]:
    """The settings of our rooms; libraries have some too."""
    modules = {
        importlib.import_module(".".join(path.relative_to(CHECKOUT).with_suffix("").parts))
        for room in ("blocks", "cli", "commands", "db", "flows", "tasks", "telegram")
        for path in (CHECKOUT / room).rglob("settings.py")
    }
    names = {module.__name__ for module in modules}
    return [cls for cls in list_subclasses(BaseSettings) if cls.__module__ in names]


def list_subclasses(cls: type[BaseSettings]) -> Iterator[type[BaseSettings]]:
    """Subclasses of every depth."""
    for one in cls.__subclasses__():
        yield one
        yield from list_subclasses(one)


def variables_read() -> set[str]:
    """Names of all variables that the settings read; a nested one by its first part."""
    return {
        str(field.validation_alias or f"{cls.model_config['env_prefix']}{name}").upper()
        for cls in settings_classes()
        for name, field in cls.model_fields.items()
    }


def variables_offered() -> set[str]:
    lines = (CHECKOUT / ".env.example").read_text().splitlines()
    return {match[1] for line in lines if (match := re.match(r"#?([A-Z][A-Z0-9_]+)=", line))}


def test_nothing_is_offered_that_nobody_reads() -> None:
    offered = {name.split("__")[0] for name in variables_offered()}
    assert offered
    assert offered - variables_read() == set()


def test_every_key_of_an_outside_service_is_offered() -> None:
    keys = {name for name in variables_read() if name.endswith(("_API_KEY", "_TOKEN"))}
    assert keys
    assert keys - variables_offered() == set()


def test_the_example_changes_nothing_until_somebody_edits_it() -> None:
    lines = (CHECKOUT / ".env.example").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
