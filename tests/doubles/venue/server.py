"""The HTTP side of the double: signatures, rate limits, faults, then one of the dialects.

unchanged ccxt -> HTTP on this machine -> VenueServer -> Binance | Bybit dialect -> Engine

Every request is noted, so that a test can count posts. Each takes a few virtual milliseconds.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from random import Random

from aiohttp import web

from tests.doubles.venue.binance import BinanceDialect
from tests.doubles.venue.bybit import BybitDialect
from tests.doubles.venue.clock import VirtualClock
from tests.doubles.venue.dialect import Asked, Reply
from tests.doubles.venue.engine import Engine
from tests.doubles.venue.faults import Action, Fault
from tests.doubles.venue.mutation import mutate


@dataclass(slots=True, kw_only=True)
class VenueServer:
    """
    One venue on a free port.

    Attributes:
        requests: "METHOD /path" of everything that was asked, in order.
        posted: names of the orders in every POST that came, done or not.
        doubled: names in requests that the venue itself executed twice, by a fault.
        latency_ms: from and to, of each request.
        before: called before each request; a test moves the world there.
    """

    clock: VirtualClock
    dialect: BinanceDialect | BybitDialect
    seed: int = 1
    url: str = ""
    latency_ms: tuple[int, int] = (5, 30)
    requests: list[str] = field(default_factory=list)
    posted: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    samples: dict[str, list[str]] = field(default_factory=dict)
    refused: int = 0
    asked_while_blocked: int = 0
    faults: list[Fault] = field(default_factory=list)
    before: Callable[[str], None] | None = None

    @property
    def engine(self) -> Engine:
        """The exchange behind it."""
        return self.dialect.engine

    def reset(self) -> None:
        """As new, but for the clock and the numbers."""
        self.engine.reset()
        self.dialect.skew_ms = 0
        self.dialect.counter.blocked_until, self.dialect.counter.used = 0, 0
        self.requests, self.posted, self.faults, self.samples = [], [], [], {}
        self.doubled = []
        self.refused = self.asked_while_blocked = 0
        self.before = None

    def count(self, request: str) -> int:
        """How often "METHOD /path" was asked."""
        return self.requests.count(request)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["VenueServer"]:
        """Listen on a free port of this machine."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.url = "http://{}:{}".format(*runner.addresses[0])
            yield self
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        random = Random(self.seed * 1_000_003 + len(self.requests))
        self.clock.advance(random.randint(*self.latency_ms) / 1000)
        line = f"{request.method} {request.path}"
        self.requests.append(line)
        if self.before is not None:
            self.before(line)
        asked = Asked(
            method=request.method,
            path=request.path,
            query=request.query_string,
            body=await request.text(),
            headers=request.headers,
        )
        if request.method == "POST":
            self.posted.append(self.dialect.read_name(asked))
        fault = next(
            (fault for fault in self.faults if fault.strikes(line, now_ms=self.clock.ms)), None
        )
        if fault is None:
            reply = self._serve(asked)
            self.samples.setdefault(line, []).append(reply.body)
            return _respond(reply)
        return await self._strike(fault, request, asked)

    def _serve(self, asked: Asked) -> Reply:
        blocked = self.dialect.limit(asked)
        if blocked is not None:
            self.refused += 1
            self.asked_while_blocked += blocked.is_repeated
            return blocked
        return self.dialect.answer(asked)

    async def _strike(
        self, fault: Fault, request: web.Request, asked: Asked
    ) -> web.StreamResponse:
        if fault.action is Action.DO_TWICE:
            self.doubled.append(self.dialect.read_name(asked))
            self._serve(asked)
            return _respond(self._serve(asked))
        if fault.action is Action.MUTATE:
            served = self._serve(asked)
            body = mutate(served.body, **fault.mutation)
            if body is None:
                fault.take_back()
            return _respond(served if body is None else replace(served, body=body))
        reply = self._serve(asked) if fault.is_done else Reply(body="{}")
        if fault.action is Action.ANSWER:
            return web.Response(
                status=fault.status,
                text=fault.body,
                headers=dict(fault.headers),
                content_type=fault.content_type,
            )
        transport = request.transport
        if fault.action is Action.CUT_BODY and transport is not None:
            text = reply.body.encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(text) + 9}\r\n"
            transport.write(f"{head}Content-Type: application/json\r\n\r\n".encode())
            transport.write(text[: len(text) // 2])
        if transport is not None:
            transport.close()
        return web.Response()


def _respond(reply: Reply) -> web.Response:
    return web.Response(
        status=reply.status,
        text=reply.body,
        headers=dict(reply.headers),
        content_type="application/json",
    )


def build_binance(clock: VirtualClock, *, seed: int = 1) -> VenueServer:
    """Binance USD-M with ann's account."""
    engine = Engine(clock=clock, are_names_for_ever=False)
    engine.open_account()
    return VenueServer(clock=clock, dialect=BinanceDialect(engine=engine), seed=seed)


def build_bybit(clock: VirtualClock, *, seed: int = 1) -> VenueServer:
    """Bybit linear with ann's account."""
    engine = Engine(clock=clock, are_names_for_ever=True)
    engine.open_account()
    return VenueServer(clock=clock, dialect=BybitDialect(engine=engine), seed=seed)
