"""The council for admins of the bot: one question to every seat, and the table of the seats.

pair -> a question to each model -> Completed with the answer as JSON, or Failed with the reason

Flows, because the bot has no model clients. The result holds no data of a user.
"""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from blocks.council import view_seats
from commands.caller import Caller
from commands.caller import Services as CommandServices
from commands.conversation import load_user
from commands.council import ask, seats
from commands.council.flows import SeatTable, write_result
from commands.settings import CommandSettings
from tasks.runtime.caching import RESULTS
from tasks.runtime.container import Services, get_services
from trading.domain.errors import BadInput, QuorumError
from trading.domain.messages import message, write_state
from trading.domain.units import Pair, UserId, VenueName


@flow(
    name="ask-council",
    flow_run_name="ask about {pair}",
    persist_result=False,
    result_storage=RESULTS,
)
async def ask_council(  # signature: deployments pass the parameters by name
    user_id: int, venue: str, pair: str
) -> State[None]:
    """
    Ask every model once.

    Args:
        user_id: the admin who pays.
        venue: source of the prices, binance or bybit.
        pair: BTC/USDT.
    """
    services = await get_services()
    try:
        caller = await _open_caller(services, UserId(user_id))
        market = services.market_of(VenueName(venue))
        answer = await ask.ask_council(
            caller, services.models, market=market, pair=Pair.parse(pair)
        )
    except QuorumError as error:
        return Failed(message=write_state(error.message))
    return Completed(message=write_result(answer))


@flow(name="list-seats", persist_result=False, result_storage=RESULTS)
async def list_seats() -> State[None]:
    """Read the vendors' catalogs and the votes of the seats."""
    services = await get_services()
    lines = await seats.list_seats(
        view_seats(services.models), database=services.database, now=services.clock()
    )
    return Completed(message=write_result(SeatTable(lines=lines)))


async def _open_caller(services: Services, user_id: UserId) -> Caller:
    user = await load_user(services.database, user_id)
    if user is None:
        raise BadInput(message("user-missing", user=str(user_id)))
    return Caller(
        services=CommandServices(
            database=services.database, deployments=None, settings=CommandSettings()
        ),
        user=user,
        now=services.clock(),
    )
