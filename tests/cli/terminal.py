"""A person at a terminal, for tests: types a command, reads what it says, sees the exit code.

main([...]) as the process would run it -> the test run's database, a home of its own
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from db.session import Database
from tests.database import TestDatabase


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one command said."""

    code: int
    out: str
    error: str

    @property
    def json(self) -> Any:
        """The last line of the output, read."""
        return json.loads(self.out.splitlines()[-1])


class Terminal:
    """Runs commands against the run's database, as its two roles."""

    def __init__(
        self, database: TestDatabase, *, home: Path, capture: pytest.CaptureFixture[str]
    ) -> None:
        self.home = home
        self._database = database
        self._capture = capture

    def run(self, *arguments: str) -> Answer:
        """Type it."""
        code = main(arguments)
        said = self._capture.readouterr()
        return Answer(code=code, out=said.out, error=said.err)

    def succeed(self, *arguments: str) -> Answer:
        """Type what must work."""
        answer = self.run(*arguments)
        assert answer.code == 0, answer.error
        return answer

    def seed[T](self, work: Callable[[Database], Awaitable[T]]) -> T:
        """Set the stage in the database, as the application's roles."""

        async def do() -> T:
            urls = self._database.urls
            database = Database(urls.app, operator_url=urls.operator)
            try:
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(do())

    def dump(self) -> dict[str, list[str]]:
        """Every row of every table, as text."""
        with self._database.connect() as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
            ).fetchall()
            return {
                name: sorted(
                    row[0] for row in connection.execute(f'SELECT t::text FROM "{name}" AS t')
                )
                for (name,) in tables
            }
