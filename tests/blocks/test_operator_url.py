"""The operator's own address, driven through a webhook."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from blocks.operator_url import OperatorUrl


@asynccontextmanager
async def serve_webhook() -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """An address as apprise spells it, and what was posted there."""
    posted: list[dict[str, Any]] = []

    async def take(request: web.BaseRequest) -> web.StreamResponse:
        posted.append(await request.json())
        return web.Response()

    runner = web.ServerRunner(web.Server(take))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield "json://user:password@{}:{}/".format(*runner.addresses[0]), posted
    finally:
        await runner.cleanup()


async def test_a_text_arrives_with_a_title() -> None:
    async with serve_webhook() as (url, posted):
        assert await OperatorUrl(SecretStr(url)).notify("stop lost")

    assert [(one["title"], one["message"]) for one in posted] == [("Quorum", "stop lost")]


async def test_without_an_address_nothing_is_sent() -> None:
    assert not OperatorUrl().is_set
    assert not await OperatorUrl().notify("stop lost")


async def test_the_address_is_not_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    gone = OperatorUrl(SecretStr("json://user:password@127.0.0.1:9/"))

    assert not await gone.notify("stop lost")

    assert "takes no message" in caplog.text
    assert "password" not in caplog.text
    assert "127.0.0.1" not in caplog.text
