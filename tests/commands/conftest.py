"""Fixtures of the commands: a terminal, and both surfaces on one database."""

from tests.cli.conftest import terminal
from tests.commands.surfaces import surfaces

__all__ = ["surfaces", "terminal"]
