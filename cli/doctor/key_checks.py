"""Check of the users' sealed exchange keys: each record opens, and none is an old copy.

home -> every sealed record -> Finding; no key leaves the repository
"""

from cli.base.database import load_running_access
from cli.base.home import Home
from cli.doctor.findings import Finding, Health
from cli.people.keys import load_sealing_keys
from commands.people.keys import list_damaged
from db.session import Database
from reports.texts.catalog import tell
from trading.domain.errors import QuorumError

PART = "Sealed keys"
RECONNECT = "Each named user connects the venue again with /connect or `quorum connect`."


async def check_keys(home: Home) -> Finding:
    """The sealed keys of all users open."""
    access = load_running_access(home)
    if access is None:
        return Finding(
            part=PART, health=Health.IDLE, detail="not running", mend="Start it with `quorum up`."
        )
    database = Database(access.app_url, operator_url=access.operator_url)
    try:
        damaged = await list_damaged(database, keys=load_sealing_keys(home.secrets))
    except QuorumError as error:
        return Finding(part=PART, health=Health.WEAK, detail=tell(error))
    finally:
        await database.close()
    if not damaged:
        return Finding(part=PART, health=Health.GOOD, detail="all open")
    names = ", ".join(f"{user.name} ({user.user_id}) at {venue}" for user, venue in damaged)
    detail = f"changed or put back from an earlier time: {names}"
    return Finding(part=PART, health=Health.BROKEN, detail=detail, mend=RECONNECT)
