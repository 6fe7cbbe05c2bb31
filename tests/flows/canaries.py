"""Canaries: secrets that would be recognized anywhere, and every place where one could be left.

    open_world, canary keys -> World;  list_places -> bytes of all tables, files, logs, states

Brings the fixture `world`. What a search of the places finds, somebody could have read.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from blocks.venues.offline.generated import SampleMarket
from db.codecs.compression import unpack
from db.encryption.envelope import load_master_keys
from db.engine.settings import DatabaseSettings
from tasks.runtime.container import Services
from tasks.runtime.live_accounts import LiveAccounts
from tests.blocks.venues.venue_cases import World, open_world
from tests.database import TestDatabase
from tests.doubles.venue.engine import KEY
from tests.prefect_server import PrefectServer
from tests.stage import Stage
from trading.domain.units import VenueName
from trading.market.snapshot import MarketSource
from trading.security.credentials import Credentials

CANARY = "canary-0f3b9e-secret"
CANARY_KEY = "canary-7aa1c4-api-key"


class OwnPrices:
    """Prices that count as a venue's own: the sample's, which the double follows."""

    source = MarketSource.LIVE

    def __init__(self, venue: VenueName) -> None:
        self.venue = venue
        self._market = SampleMarket()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._market, name)


@pytest_asyncio.fixture(params=[VenueName.BINANCE, VenueName.BYBIT])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """A venue whose only account is opened by the canaries."""
    async with open_world(request.param) as world:
        account = world.server.engine.accounts.pop(KEY)
        account.key, account.secret = CANARY_KEY, CANARY
        world.server.engine.accounts[CANARY_KEY] = account
        yield world


async def connect(stage: Stage, world: World, folder: Path, *, secret: str = CANARY) -> Services:
    """The stage, with a key of its user's sealed for the venue that the double speaks for."""
    settings = DatabaseSettings(home=folder)
    keys = load_master_keys(settings.secrets)
    stage.now = world.clock()
    credentials = Credentials(api_key=CANARY_KEY, api_secret=secret)
    async with stage.database.tenant(stage.user_id) as tenant:
        await tenant.accounts.save_credentials(
            world.name, credentials=credentials, keys=keys, now=stage.now
        )
    live = LiveAccounts(urls={world.name: world.server.url}, settings=settings, is_unlocked=True)
    return replace(stage.connect(), clock=world.clock, live=live)


def list_places(
    database_run: TestDatabase,
    prefect: PrefectServer,
    *,
    folders: Iterable[Path],
    texts: Iterable[str],
) -> dict[str, bytes]:
    """Everything that was written down, by where: our tables, Prefect's, each file, each text."""
    places = {f"text {number}": text.encode() for number, text in enumerate(texts)}
    for folder in (prefect.home.root, *folders):
        files = (path for path in folder.rglob("*") if path.is_file())
        places |= {str(path): path.read_bytes() for path in files}
    with psycopg.connect(prefect.books) as books:
        places |= {f"prefect's {table}": rows for table, rows in _read_tables(books)}
    with database_run.connect() as owner:
        places |= {f"table {table}": rows for table, rows in _read_tables(owner)}
        packed = owner.execute("SELECT receipt FROM cycles WHERE receipt IS NOT NULL").fetchall()
        places["receipts"] = b"".join(unpack(receipt) for (receipt,) in packed)
    return places


def _read_tables(connection: psycopg.Connection[Any]) -> Iterator[tuple[str, bytes]]:
    tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for (table,) in tables.fetchall():
        rows = connection.execute(f'SELECT t::text FROM "{table}" AS t').fetchall()
        yield table, str(rows).encode()


def find(places: dict[str, bytes], *words: str) -> list[tuple[str, str]]:
    """Which word stands where."""
    return [
        (word, place)
        for word in words
        for place, content in places.items()
        if word.encode() in content
    ]
