"""Prefect follows what a person changes: database first, then the deployment."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from cli.base.home import Home
from cli.base.prefect_settings import AUTH_FILE
from db.encryption.secrets import replace_secret
from tests.cli.terminal import Terminal
from tests.prefect_server import PrefectServer


@pytest.fixture
def running(
    terminal: Terminal, prefect_server: PrefectServer, monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    """A terminal beside a Prefect server that runs, and a local user."""
    for name in ("PREFECT_HOME", "PREFECT_PROFILES_PATH"):  # a command points them at its home
        monkeypatch.setenv(name, str(terminal.home))
    monkeypatch.setenv("QUORUM_PREFECT_API_URL", prefect_server.api_url)
    home = Home(root=terminal.home)
    home.prepare()
    replace_secret(home.secrets / AUTH_FILE, text=prefect_server.auth_string)
    terminal.succeed("user", "add", "local")
    return terminal


@pytest.mark.timeout(300)
def test_a_pair_s_deployment_follows_from_its_first_day_to_its_last(
    running: Terminal, prefect_server: PrefectServer
) -> None:
    added = running.succeed("addpair", "BTC/USDT", "1000", "--json").json
    assert not added["prefect_follows_later"]
    assert _read(prefect_server)["parameters"] == {"user_id": 1, "pair": "BTC/USDT"}

    running.succeed("pause")
    assert _read(prefect_server)["paused"]

    running.succeed("resume", "BTC/USDT")
    assert not _read(prefect_server)["paused"]

    running.succeed("removepair", "BTC/USDT")
    assert _read(prefect_server)["detail"] == "Deployment not found"


@pytest.mark.timeout(300)
def test_a_refused_pair_leaves_no_deployment(
    running: Terminal, prefect_server: PrefectServer
) -> None:
    assert running.run("addpair", "BTC/USDT", "5").code == 2

    assert _read(prefect_server)["detail"] == "Deployment not found"


@pytest.mark.timeout(300)
def test_a_pair_is_kept_when_prefect_does_not_answer(
    running: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUORUM_PREFECT_API_URL", "http://127.0.0.1:9/api")

    answer = running.succeed("addpair", "BTC/USDT", "1000", "--json")

    assert answer.json["prefect_follows_later"]
    assert len(running.succeed("pairs", "--json").json["pairs"]) == 1


def _read(server: PrefectServer) -> Mapping[str, Any]:
    async def ask() -> Mapping[str, Any]:
        user, _, password = server.auth_string.partition(":")
        async with httpx.AsyncClient(auth=(user, password)) as client:
            answer = await client.get(
                f"{server.api_url}/deployments/name/trading-cycle/u1-BTC-USDT"
            )
            found: Mapping[str, Any] = answer.json()
            return found

    return asyncio.run(ask())
