"""Session of a single command: the database and, while the stack runs, the deployment gateway.

home -> database (running, or started for the command) + Prefect's API when reachable

The database is the source of truth: a command writes to the database first. Without a running
stack there is no Prefect API, and the next `quorum up` synchronizes Prefect.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.base.database import load_published_access, load_running_access, open_database_access
from cli.base.home import Home
from cli.base.prefect_settings import ensure_auth_string, isolate_prefect
from cli.base.settings import CliSettings
from db.engine.settings import DatabaseSettings
from db.session import Database

if TYPE_CHECKING:
    from blocks.prefect.gateway import Deployments


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """
    Access of a command to the data of Quorum.

    Attributes:
        deployments: None without a Prefect API (the next `quorum up` catches up), and for a
            command without need of Prefect.
    """

    home: Home
    database: Database
    deployments: "Deployments | None"


@asynccontextmanager
async def open_session(
    settings: CliSettings | None = None, *, needs_prefect: bool = True
) -> AsyncIterator[Session]:
    """
    Open the resources of a command and close the resources at the end.

    Args:
        settings: of the command line; read from the environment when None.
        needs_prefect: False for a read-only command: the import of Prefect's client takes 1.5 s.

    Raises:
        PermanentError: with a sentence, when the database can't be used.
    """
    settings = settings or CliSettings()
    home = Home(root=settings.home.absolute())
    home.prepare()
    async with AsyncExitStack() as stack:
        access = load_running_access(home)
        if access is None and settings.prefect_api_url:
            access = load_published_access(home)
        if access is None:
            settings_of_database = DatabaseSettings(home=home.root)
            access = await stack.enter_async_context(
                open_database_access(home, settings=settings_of_database)
            )
        database = Database(access.app_url, operator_url=access.operator_url)
        stack.push_async_callback(database.close)
        deployments = None
        if needs_prefect:
            deployments = await _open_deployments(home, settings=settings, stack=stack)
        yield Session(home=home, database=database, deployments=deployments)


async def _open_deployments(
    home: Home, *, settings: CliSettings, stack: AsyncExitStack
) -> "Deployments | None":
    auth = ensure_auth_string(home)
    if (state := home.load_state()) is not None:
        api_url = str(state["api_url"])
    elif settings.prefect_api_url:
        api_url = settings.prefect_api_url
    else:
        return None
    isolate_prefect(home)
    from blocks.prefect.gateway import open_deployments

    return await stack.enter_async_context(open_deployments(api_url, auth_string=auth))
