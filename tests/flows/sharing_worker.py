"""A process that runs the cycles of some users, for the test that two of them share the work.

argv: folder, namespace, user ids -> cycles at once -> votes counted in the folder
"""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from db.session import Database
from flows.trading_cycle import trading_cycle
from flows.worker.shared_clients import share_clients
from tests.doubles.council import council
from tests.doubles.counting_market import CountingMarket
from tests.stage import PAIR, Stage
from trading.council.decisions import Action
from trading.domain.units import UserId

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)


async def main(folder: Path, namespace: str, users: list[UserId]) -> None:
    """Run one cycle for each user, all at once."""
    database = Database(
        os.environ["QUORUM_DATABASE_APP_URL"],
        operator_url=os.environ["QUORUM_DATABASE_OPERATOR_URL"],
    )
    stage = Stage(
        database=database,
        user_id=users[0],
        now=NOW,
        market=CountingMarket(file=folder / "reads"),
        models=council(Action.HOLD, Action.HOLD, Action.HOLD),
        namespace=namespace,
    )
    with stage.in_use():
        async with share_clients():
            await asyncio.gather(*(trading_cycle(user, str(PAIR), NOW) for user in users))
    with (folder / "votes").open("a") as file:
        file.writelines(f"{m.identity.name}\n" for m in stage.models for _ in m.prompts)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], [UserId(int(u)) for u in sys.argv[3:]]))
