"""The line between two processes of ours: passes bytes on, slowly, or is cut.

    async with Line(target).serve(address) as line:
        line.delay_seconds = 0.3
        await line.cut()

An address is (host, port), or the path of a Unix socket.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

type Address = tuple[str, int] | Path
CHUNK = 65536


@dataclass(slots=True, kw_only=True)
class Line:
    """
    One line.

    Attributes:
        target: where the bytes go.
        delay_seconds: latency of each chunk, in each direction.
    """

    target: Address
    delay_seconds: float = 0.0
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @asynccontextmanager
    async def serve(self, address: Address) -> AsyncIterator["Line"]:
        """Listen at an address; everybody who connects is connected with the target."""
        if isinstance(address, Path):
            self._server = await asyncio.start_unix_server(self._join, path=address)
        else:
            self._server = await asyncio.start_server(self._join, *address)
        try:
            yield self
        finally:
            await self.cut()

    async def cut(self) -> None:
        """Close every connection and refuse new ones."""
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.close()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if isinstance(self.target, Path):
            far_reader, far_writer = await asyncio.open_unix_connection(self.target)
        else:
            far_reader, far_writer = await asyncio.open_connection(*self.target)
        self._writers |= {writer, far_writer}
        await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(CHUNK):
                if self.delay_seconds:
                    await asyncio.sleep(self.delay_seconds)
                writer.write(data)
                await writer.drain()
        self._writers.discard(writer)
        writer.close()
