"""Builds a home with the version before: its own `quorum`, its own stack, voters that always buy.

    python -m tests.campaigns.upgrade.former --before CHECKOUT --home FOLDER

checkout of the version before -> users, pairs, a pause, a position, receipts -> FOLDER.tar,
FOLDER.dump (a backup)

The voters are the tests' model double behind the vendors' real clients, so the position is
opened by a cycle, on paper, at made-up prices.
"""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.doubles.models import ModelDouble, Script, answer_text, serve_models

PORT = 4377
PATIENCE_SECONDS = 300.0
POLL_SECONDS = 2.0
VENDORS = ("openai", "deepseek", "anthropic")
SAVE_BLOCK = (
    "from blocks.model import ModelBlock; ModelBlock(provider='offline-trend').save('old')"
)


class FormerQuorum:
    """The command line of a checkout of the version before, on a home of its own."""

    def __init__(self, checkout: Path, *, home: Path, environment: dict[str, str]) -> None:
        self._bin = checkout / ".venv" / "bin"
        self._home = home
        self._folder = home.with_name("empty")  # without an .env
        self._folder.mkdir(exist_ok=True)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("QUORUM_", "PREFECT_"))}
        self._environment = {**kept, **environment, "QUORUM_HOME": str(home)}

    def start(self) -> subprocess.Popen[bytes]:
        """`quorum up`; its lines go to a file beside the home."""
        with self._home.with_suffix(".log").open("wb") as output:
            return subprocess.Popen(
                [self._bin / "quorum", "up", "--market", "sample", "--port", str(PORT)],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def run(self, *arguments: str) -> str:
        """One verb; its output."""
        done = subprocess.run(
            [self._bin / "quorum", *arguments],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"quorum {arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def read(self, *arguments: str) -> Any:
        """One verb with `--json`."""
        return json.loads(self.run(*arguments, "--json"))

    def save_block(self) -> None:
        """A model block in Prefect, as an operator saves one."""
        password = (self._home / "secrets" / "prefect-auth").read_text(encoding="utf-8").strip()
        subprocess.run(
            [self._bin / "python", "-c", SAVE_BLOCK],
            cwd=self._bin.parent.parent,
            env={
                **self._environment,
                "PREFECT_HOME": str(self._home / "prefect"),
                "PREFECT_API_URL": f"http://127.0.0.1:{PORT}/api",
                "PREFECT_API_AUTH_STRING": password,
            },
            check=True,
        )


def _vote(body: dict[str, Any]) -> str:
    """Buy BTC/USDT while flat, hold everything else."""
    text = json.dumps(body)
    return answer_text("open_long" if "BTC/USDT" in text else "hold")


def _environment(models: ModelDouble) -> dict[str, str]:
    environment = {"QUORUM_COUNCIL": ",".join(VENDORS)}
    for vendor in VENDORS:
        environment[f"{vendor.upper()}_API_KEY"] = "made-up"
        environment[f"QUORUM_{vendor.upper()}_BASE_URL"] = models.base_url(vendor)
    return environment


async def build_home(checkout: Path, *, home: Path) -> None:
    """
    Two users, three pairs (one paused), a position, receipts, a saved block; then a clean stop.

    Raises:
        AssertionError: when a step does not come to its end in time.
    """
    async with serve_models() as models:
        for vendor in (models.openai, models.deepseek, models.anthropic):
            vendor.answer_with(Script(text=_vote))
        former = FormerQuorum(checkout, home=home, environment=_environment(models))
        await asyncio.to_thread(_play, former, home)


def _play(former: FormerQuorum, home: Path) -> None:
    stack = former.start()
    try:
        _await(lambda: former.read("positions", "--user", "local")["positions"])
        former.run("user", "add", "ann")
        former.run("addpair", "ETH/USDT", "500")
        former.run("pause", "ETH/USDT")
        former.run("addpair", "SOL/USDT", "700", "--user", "ann")
        former.save_block()
        print(former.run("status", "--user", "local"), former.run("positions", "--user", "local"))
        former.run("backup", str(home.with_suffix(".dump")))
    finally:
        stack.send_signal(signal.SIGINT)
        stack.wait(timeout=PATIENCE_SECONDS)
    subprocess.run(
        ["tar", "-C", home.parent, "-cf", home.with_suffix(".tar"), home.name], check=True
    )


def _await(is_done: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if is_done():
                return
        except AssertionError as error:  # the stack is not up yet
            last = error
        else:
            last = AssertionError("nothing yet")
        if time.monotonic() > deadline:
            raise last
        time.sleep(POLL_SECONDS)


def main() -> None:
    """Build the home named on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--before", type=Path, required=True)
    parser.add_argument("--home", type=Path, required=True)
    given = parser.parse_args()
    asyncio.run(build_home(given.before.absolute(), home=given.home.absolute()))


if __name__ == "__main__":
    main()
