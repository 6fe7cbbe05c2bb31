"""Checks of external services: database, venues, models, Telegram; Prefect has its own module.

home, settings -> a request to each service -> Finding

The checks start and change nothing: a stopped part is idle, not broken.
"""

import time
from datetime import UTC, datetime

import httpx

from blocks.markets import build_live_markets
from blocks.models.settings import CouncilSettings
from cli.base.database import load_running_access
from cli.base.home import Home
from cli.base.settings import CliSettings
from cli.doctor.findings import Finding, Health
from commands.council.health import load_council_health
from commands.settings import CommandSettings
from db.engine.settings import DatabaseSettings
from db.server.embedded import EmbeddedPostgres
from db.server.health import Revisions, load_revisions
from db.session import Database
from reports.texts.catalog import render, tell
from trading.council.seats import explain_voices
from trading.domain.errors import QuorumError

ASK_SECONDS = 5.0
TELEGRAM_API = "https://api.telegram.org"
CLOCK_SOURCE = "https://fapi.binance.com/fapi/v1/time"
WEAK_SKEW_SECONDS = 2.0
BROKEN_SKEW_SECONDS = 10.0
"""Venues refuse signed requests that are older than 5 s, and cycles are dated by this clock."""
SEATS = "See `quorum seats` for the cause at each seat."
START = "Start it with `quorum up`."


def check_database(home: Home) -> Finding:
    """The database answers and has this version's schema."""
    address = find_admin_url(home)
    if address is None:
        return Finding(
            part="Database", health=Health.IDLE, detail="embedded, does not run", mend=START
        )
    try:
        return _judge(load_revisions(address))
    except QuorumError as error:
        return Finding(
            part="Database",
            health=Health.BROKEN,
            detail=tell(error),
            mend="Check QUORUM_DATABASE_URL, or see postgres/server.log in the home.",
        )


def _judge(revisions: Revisions) -> Finding:
    detail = f"PostgreSQL {revisions.server_version}, schema {revisions.found or 'missing'}"
    if revisions.is_current:
        return Finding(part="Database", health=Health.GOOD, detail=detail)
    return Finding(
        part="Database",
        health=Health.BROKEN,
        detail=f"{detail}, this version wants {revisions.wanted}",
        mend="Start `quorum up` once: it migrates. If the schema is newer, update Quorum.",
    )


def find_admin_url(home: Home) -> str | None:
    """The owner's address of the database, None for an embedded server not running."""
    settings = DatabaseSettings(home=home.root)
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    server = EmbeddedPostgres(home.postgres, secrets=home.secrets)
    return server.url if server.is_running() else None


async def check_market() -> Finding:
    """A venue answers, so that real prices are available."""
    markets = build_live_markets()
    try:
        answering = [venue for venue, market in markets.items() if await market.probe()]
    finally:
        for market in markets.values():
            await market.close()
    if not answering:
        return Finding(
            part="Market",
            health=Health.WEAK,
            detail="no venue answers",
            mend="Check the network. Until then `--market auto` trades on made-up prices.",
        )
    return Finding(part="Market", health=Health.GOOD, detail=f"{', '.join(answering)} answer")


async def check_council(home: Home) -> Finding:
    """The council reached its quorum in the newest cycles, and every seat can vote."""
    access = load_running_access(home)
    if access is None:
        return Finding(part="Council", health=Health.IDLE, detail="not running", mend=START)
    database = Database(access.app_url, operator_url=access.operator_url)
    try:
        quorum = CommandSettings().limits.quorum
        council = await load_council_health(database, quorum=quorum, now=datetime.now(UTC))
    except QuorumError as error:
        return Finding(part="Council", health=Health.WEAK, detail=tell(error), mend=SEATS)
    finally:
        await database.close()
    detail = render(council.summary)
    if council.is_broken:
        mend = " ".join(map(render, council.steps)) or SEATS
        return Finding(part="Council", health=Health.BROKEN, detail=detail, mend=mend)
    health = Health.GOOD if council.decisions else Health.IDLE
    return Finding(part="Council", health=health, detail=detail)


def check_models() -> Finding:
    """The models of the council."""
    from blocks.council import council_from_settings

    try:
        council = council_from_settings(CouncilSettings())
    except QuorumError as error:
        return Finding(
            part="Models",
            health=Health.BROKEN,
            detail=tell(error),
            mend="Set the key in .env, or take the seat out of QUORUM_COUNCIL.",
        )
    voters = ", ".join(model.identity.name for model in council)
    if warning := explain_voices(model.identity for model in council):
        return Finding(part="Models", health=Health.WEAK, detail=voters, mend=render(warning))
    return Finding(part="Models", health=Health.GOOD, detail=voters)


async def check_telegram(*, api: str = TELEGRAM_API) -> Finding:
    """Telegram knows the bot's token."""
    token = CliSettings().telegram_bot_token
    if token is None:
        return Finding(part="Telegram", health=Health.IDLE, detail="no TELEGRAM_BOT_TOKEN")
    try:
        async with httpx.AsyncClient(timeout=ASK_SECONDS) as client:
            answer = await client.get(f"{api}/bot{token.get_secret_value()}/getMe")
    except httpx.HTTPError as error:
        return Finding(
            part="Telegram",
            health=Health.WEAK,
            detail=f"does not answer ({type(error).__name__})",
            mend="Check the network: the bot waits for it.",
        )
    if answer.is_success:
        name = answer.json()["result"]["username"]
        return Finding(part="Telegram", health=Health.GOOD, detail=f"@{name}")
    return Finding(
        part="Telegram",
        health=Health.BROKEN,
        detail=f"refuses the token (HTTP {answer.status_code})",
        mend="Ask @BotFather for the token and set TELEGRAM_BOT_TOKEN.",
    )


async def check_clock(*, source: str = CLOCK_SOURCE) -> Finding:
    """This machine's clock against a venue's, half the round trip allowed for."""
    try:
        async with httpx.AsyncClient(timeout=ASK_SECONDS) as client:
            begin = time.time()
            answer = await client.get(source)
            end = time.time()
        skew = (begin + end) / 2 - answer.raise_for_status().json()["serverTime"] / 1000
    except (httpx.HTTPError, KeyError, ValueError):
        now = datetime.now(UTC)
        detail = f"{now:%Y-%m-%d %H:%M:%S} UTC, nobody to compare with"
        return Finding(part="Clock", health=Health.IDLE, detail=detail)
    health = Health.GOOD
    if abs(skew) > WEAK_SKEW_SECONDS:
        health = Health.BROKEN if abs(skew) > BROKEN_SKEW_SECONDS else Health.WEAK
    mend = "" if health is Health.GOOD else "Set the clock: timedatectl set-ntp true"
    return Finding(part="Clock", health=health, detail=f"off by {skew:+.1f} s", mend=mend)
