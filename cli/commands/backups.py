"""`quorum backup` and `quorum restore`: the database in one file, and back.

backup: database -> FILE (sealed keys as they are);  restore: FILE -> new database, halted

The file holds no master key, so the API keys in the file can't be opened. After a restore trading
is halted for everybody: orders sent since the backup are missing from the restored database. The
operator compares positions with the venues, lets `reconcile` run, then calls `quorum unhalt`.
"""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.base.output import JsonOption, print_json
from trading.domain.errors import BadInput, PermanentError
from trading.domain.switches import SwitchChange
from trading.domain.units import TradingState

if TYPE_CHECKING:
    from cli.base.home import Home
    from db.server.bootstrap import DatabaseUrls

RESTORED = "restored from a backup: let reconcile run, compare with the venues, then unhalt"

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]

commands = typer.Typer()


@commands.command()
def backup(file: FileArgument, as_json: JsonOption = False) -> None:
    """Write the whole database into a new file; keep the master key somewhere else."""
    size, secrets = asyncio.run(_back_up(file))
    if as_json:
        print_json({"file": str(file), "bytes": size, "secrets": str(secrets)})
        return
    print(
        f"Wrote {file} ({size / 1_000_000:.1f} MB). It holds no master key: keep a copy of "
        f"{secrets} apart from it, or the sealed API keys can't be opened by anybody."
    )


@commands.command()
def restore(
    file: FileArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the database anew from a backup, in a home whose database is empty; halts trading."""
    if not yes:
        typer.confirm(f"Restore {file} into this home?", abort=True)
    asyncio.run(_restore(file))
    if as_json:
        print_json({"file": str(file), "state": TradingState.HALTED})
        return
    print(
        f"Restored {file}. Trading is HALTED for everybody: put the master key back into "
        "secrets/, start Quorum, compare the positions with the venues, then `quorum unhalt`."
    )


async def _back_up(file: Path) -> tuple[int, Path]:
    from db.engine.settings import DatabaseSettings
    from db.server import backup as backups
    from db.server.bootstrap import fill_password

    home = _open_home()
    settings = DatabaseSettings(home=home.root)
    if settings.database_url is not None:
        address = fill_password(settings.database_url.get_secret_value(), secrets=home.secrets)
        size = await asyncio.to_thread(backups.back_up, address, file=file)
        return size, home.secrets
    from cli.base.database import open_database_access

    async with open_database_access(home, settings=settings) as access:
        if access.embedded is None:
            raise BadInput("A backup needs the owner's address: set QUORUM_DATABASE_URL.")
        size = await asyncio.to_thread(backups.back_up, access.embedded.url, file=file)
    return size, home.secrets


async def _restore(file: Path) -> None:
    from cli.base.database import DatabaseAccess, publish_access
    from db.engine.settings import DatabaseSettings
    from db.server import backup as backups
    from db.server.bootstrap import fill_password
    from db.server.embedded import EmbeddedPostgres

    backups.check_backup(file)
    home = _open_home()
    if home.load_state() is not None:
        raise PermanentError("Quorum runs on this home: stop it first. Nothing was changed.")
    settings = DatabaseSettings(home=home.root)
    if settings.database_url is not None:
        address = fill_password(settings.database_url.get_secret_value(), secrets=home.secrets)
        urls = await asyncio.to_thread(backups.restore, address, file=file, secrets=home.secrets)
        publish_access(home, DatabaseAccess(app_url=urls.app, operator_url=urls.operator))
        await _halt(urls)
        return
    with home.lock():
        server = EmbeddedPostgres(home.postgres, secrets=home.secrets)
        await asyncio.to_thread(server.start)
        try:
            urls = await asyncio.to_thread(
                backups.restore, server.url, file=file, secrets=home.secrets
            )
            await _halt(urls)
        finally:
            await asyncio.to_thread(server.stop)


async def _halt(urls: "DatabaseUrls") -> None:
    from cli.base.clock import now_utc
    from commands.switches import turn_switch
    from db.session import Database

    database = Database(urls.app, operator_url=urls.operator)
    try:
        turn = SwitchChange(
            scope=None, state=TradingState.HALTED, reason=RESTORED, actor="restore"
        )
        await turn_switch(database, turn, now=now_utc())
    finally:
        await database.close()


def _open_home() -> "Home":
    from cli.base.home import Home
    from cli.base.settings import CliSettings

    home = Home(root=CliSettings().home.expanduser().absolute())
    home.prepare()
    return home
