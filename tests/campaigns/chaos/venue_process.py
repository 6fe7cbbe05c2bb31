"""The venue double in a process of its own, so that a killed worker leaves it standing.

fork -> VenueServer + a control port -> open an account, move the price, tell the ledger
"""

import asyncio
import json
import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.request import Request, urlopen

from aiohttp import web

from tests.doubles.venue.clock import VirtualClock
from tests.doubles.venue.engine import SECRET, VenueOrder
from tests.doubles.venue.faults import Action, Fault
from tests.doubles.venue.server import VenueServer, build_binance, build_bybit
from trading.domain.units import VenueName

SYMBOL = "BTCUSDT"


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueProcess:
    """Where the venue listens, and how to steer it."""

    url: str
    control_url: str

    def open_account(
        self, key: str, *, faults: list[dict[str, Any]], pieces: int, late_ms: int
    ) -> None:
        """A fresh account and market for the next run."""
        self._ask("open", {"key": key, "faults": faults, "pieces": pieces, "late_ms": late_ms})

    def set_faults(self, faults: list[dict[str, Any]]) -> None:
        """From now on these faults strike."""
        self._ask("faults", {"faults": faults})

    def read_samples(self) -> dict[str, list[str]]:
        """Bodies of the answers since the last call, by "METHOD /path"."""
        return self._ask("samples", {})

    def set_price(self, price: int) -> None:
        """Move the market."""
        self._ask("price", {"price": price})

    def read_ledger(self, key: str) -> dict[str, Any]:
        """What really happened to the account."""
        return self._ask("ledger", {"key": key})

    def _ask(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        request = Request(  # noqa: S310, our own address
            f"{self.control_url}/{operation}", data=json.dumps(body).encode(), method="POST"
        )
        with urlopen(request, timeout=30) as answer:  # noqa: S310, our own address
            found: dict[str, Any] = json.loads(answer.read())
        return found


@contextmanager
def start_venue(name: VenueName, *, clock: VirtualClock, seed: int) -> Iterator[VenueProcess]:
    """Fork the venue; it ends with the block."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read_end)
        try:
            asyncio.run(_serve(name, clock=clock, seed=seed, pipe=write_end))
        finally:
            os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        addresses = json.loads(pipe.readline())
    try:
        yield VenueProcess(**addresses)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


async def _serve(name: VenueName, *, clock: VirtualClock, seed: int, pipe: int) -> None:
    build = build_binance if name is VenueName.BINANCE else build_bybit
    async with build(clock, seed=seed).serve() as server:
        app = web.Application()
        app.router.add_post("/{operation}", _Control(server).answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        control = "http://{}:{}".format(*runner.addresses[0])
        line = json.dumps({"url": server.url, "control_url": control})
        os.write(pipe, f"{line}\n".encode())
        os.close(pipe)
        await asyncio.Event().wait()


@dataclass(slots=True)
class _Control:
    server: VenueServer

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json()
        operations = {
            "open": self._open,
            "price": self._price,
            "ledger": self._ledger,
            "faults": self._faults,
            "samples": self._samples,
        }
        return web.json_response(operations[request.match_info["operation"]](body))

    def _open(self, body: dict[str, Any]) -> dict[str, Any]:
        self.server.reset()
        self.server.engine.accounts.clear()
        self.server.engine.open_account(body["key"], SECRET)
        self.server.engine.pieces = body["pieces"]
        self.server.engine.late_ms = body["late_ms"]
        return self._faults(body)

    def _faults(self, body: dict[str, Any]) -> dict[str, Any]:
        self.server.faults = [
            Fault(**{**fault, "action": Action(fault["action"])}) for fault in body["faults"]
        ]
        return {}

    def _samples(self, _: dict[str, Any]) -> dict[str, Any]:
        samples, self.server.samples = self.server.samples, {}
        return samples

    def _price(self, body: dict[str, Any]) -> dict[str, Any]:
        self.server.engine.late_ms = 0
        self.server.faults = []
        self.server.engine.set_price(SYMBOL, Decimal(body["price"]))
        return {}

    def _list_entries(self, orders: Iterable[VenueOrder]) -> list[str]:
        """Names of entry orders; an order that the venue doubled by itself counts once."""
        names = [order.name for order in orders if not order.is_reduce_only]
        for name in self.server.doubled:
            if names.count(name) > 1:
                names.remove(name)
        return names

    def _ledger(self, body: dict[str, Any]) -> dict[str, Any]:
        engine = self.server.engine
        account = engine.accounts[body["key"]]
        return {
            "posted": [name for name in self.server.posted if name],
            "entries": self._list_entries(account.orders),
            "resting": [o.name for o in account.resting(SYMBOL)],
            "signed": str(account.signed.get(SYMBOL, Decimal(0))),
            "balance": str(account.balance),
            "fills": len(account.fills),
            "bare_ms": engine.end_bare(account),
            "requests": len(self.server.requests),
            "struck": max((fault.struck for fault in self.server.faults), default=0),
        }
