"""`quorum replace-passwords`: gives the database roles the passwords of this home.

secrets/ -> ALTER ROLE ... PASSWORD, for each existing role of Quorum and Prefect

No other command changes the password of an existing role: a second home on the same database
would cut off the home at work. Every other home and every running container loses access.
"""

import asyncio
from typing import Annotated

import typer

from cli.base.output import JsonOption, print_json
from trading.domain.errors import PermanentError

commands = typer.Typer()


@commands.command("replace-passwords")
def replace_passwords(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Set the passwords of the database roles to this home's; cuts off every other home."""
    if not yes:
        typer.confirm("Every other home on this database loses access. Go on?", abort=True)
    roles = asyncio.run(_replace())
    if as_json:
        print_json({"roles": roles})
        return
    print(f"Set the passwords of {', '.join(roles) or 'no role'}. Restart what used the old ones.")


async def _replace() -> list[str]:
    from cli.base.home import Home
    from cli.base.settings import CliSettings
    from db.engine.settings import DatabaseSettings
    from db.server.bootstrap import replace_role_passwords
    from db.server.embedded import EmbeddedPostgres

    home = Home(root=CliSettings().home.expanduser().absolute())
    home.prepare()
    if home.load_state() is not None:
        raise PermanentError("Quorum runs on this home: stop it first. Nothing was changed.")
    given = DatabaseSettings(home=home.root).database_url
    if given is not None:
        return replace_role_passwords(given.get_secret_value(), secrets=home.secrets)
    with home.lock():
        server = EmbeddedPostgres(home.postgres, secrets=home.secrets)
        await asyncio.to_thread(server.start)
        try:
            return replace_role_passwords(server.url, secrets=home.secrets)
        finally:
            await asyncio.to_thread(server.stop)
