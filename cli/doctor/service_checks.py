"""Checks of external services: database, Prefect, venues, models, Telegram.

home, settings -> a request to each service -> Finding

The checks start and change nothing: a stopped part is idle, not broken.
"""

import time
from datetime import UTC, datetime

import httpx
from prefect.client.orchestration import PrefectClient

from blocks.markets import build_live_markets
from blocks.models.settings import CouncilSettings
from blocks.prefect.client import open_client, translate_errors
from blocks.prefect.gateway import Deployments
from blocks.prefect.specs import ENTRYPOINTS, WORK_POOL
from blocks.prefect.system import describe_pool
from cli.base.database import load_running_access
from cli.base.home import Home
from cli.base.prefect_settings import ensure_auth_string
from cli.base.settings import CliSettings
from cli.doctor.findings import Finding, Health
from commands.council.health import load_council_health
from commands.settings import CommandSettings
from commands.users import list_all_pairs
from db.engine.settings import DatabaseSettings
from db.server.embedded import EmbeddedPostgres
from db.server.health import Revisions, load_revisions
from db.session import Database
from reports.texts.catalog import render, tell
from trading.council.seats import explain_voices
from trading.domain.errors import QuorumError

ASK_SECONDS = 5.0
PAGE = 200
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


async def check_prefect(home: Home) -> list[Finding]:
    """The API answers our password, a worker is online, the deployments match the database."""
    state = home.load_state()
    if state is None:
        return [Finding(part="Prefect", health=Health.IDLE, detail="does not run", mend=START)]
    try:
        async with open_client(
            str(state["api_url"]), auth_string=ensure_auth_string(home)
        ) as client:
            if trouble := await describe_pool(client):
                return [_judge_pool(trouble)]
            with translate_errors():
                workers = await client.read_workers_for_work_pool(WORK_POOL)
            online = [worker.name for worker in workers if worker.status == "ONLINE"]
            drift = await _check_drift(home, gateway=Deployments(client))
            flows = await _check_entrypoints(client)
    except QuorumError as error:
        return [
            Finding(
                part="Prefect",
                health=Health.BROKEN,
                detail=tell(error),
                mend="See logs/prefect-server.log in the home; stop `quorum up` and start it.",
            )
        ]
    return [
        Finding(part="Prefect", health=Health.GOOD, detail=str(state["ui_url"])),
        _judge_workers(online),
        drift,
        flows,
    ]


def _judge_pool(trouble: str) -> Finding:
    return Finding(
        part="Work pool",
        health=Health.BROKEN,
        detail=f"{WORK_POOL} {trouble}: no run starts; workers' guards still protect and close",
        mend="Resume the pool in the Prefect UI; a pool that is gone: start `quorum up` again.",
    )


def _judge_workers(online: list[str]) -> Finding:
    if online:
        return Finding(part="Worker", health=Health.GOOD, detail=f"{', '.join(online)} online")
    return Finding(
        part="Worker",
        health=Health.BROKEN,
        detail="none is online: no cycle runs",
        mend="See logs/worker.log in the home; was `quorum up` started with --workers 0?",
    )


async def _check_entrypoints(client: PrefectClient) -> Finding:
    """Every deployment names a flow of Quorum, without steps before the flow."""
    foreign, offset = [], 0
    while page := await client.read_deployments(limit=PAGE, offset=offset):
        offset += len(page)
        foreign += [
            deployment.name
            for deployment in page
            if deployment.entrypoint not in ENTRYPOINTS or deployment.pull_steps
        ]
    if not foreign:
        return Finding(part="Flows", health=Health.GOOD, detail="all deployments run our flows")
    return Finding(
        part="Flows",
        health=Health.BROKEN,
        detail=f"{len(foreign)} deployments name foreign code: {', '.join(foreign[:5])}",
        mend="Change the password of the Prefect UI, then delete these deployments there.",
    )


async def _check_drift(home: Home, *, gateway: Deployments) -> Finding:
    access = load_running_access(home)
    if access is None:
        return Finding(part="Deployments", health=Health.IDLE, detail="no database to compare")
    database = Database(access.app_url, operator_url=access.operator_url)
    try:
        configs = await list_all_pairs(database)
    finally:
        await database.close()
    report = await gateway.compare(configs)
    wrong = [*report.created, *report.updated, *report.removed]
    if not wrong:
        detail = f"{report.unchanged} match the database"
        return Finding(part="Deployments", health=Health.GOOD, detail=detail)
    return Finding(
        part="Deployments",
        health=Health.WEAK,
        detail=f"{len(wrong)} differ from the database: {', '.join(wrong[:5])}",
        mend="The next `quorum up` repairs it.",
    )


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
