"""HTTP session of the bot: aiogram's, with the proxy of the environment.

HTTPS_PROXY, HTTP_PROXY, NO_PROXY -> EnvironmentSession -> Bot API

aiohttp reads the variables only on request; all other clients of Quorum read the variables.
"""

from typing import Any, override

from aiogram.client.session.aiohttp import AiohttpSession


class EnvironmentSession(AiohttpSession):
    """aiogram's session through the environment's proxy."""

    @override
    async def create_session(self) -> Any:
        session = await super().create_session()
        session._trust_env = True  # noqa: SLF001 - aiogram passes no options on to aiohttp
        return session
