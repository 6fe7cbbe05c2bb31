"""Rules task: what a venue says of a pair, kept where those who can't ask a venue look it up."""

from dataclasses import replace

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.runtime.container import get_services
from trading.domain.units import Pair, VenueName


@task(name="learn_rules", task_run_name="rules of {pair}", cache_policy=NO_CACHE)
async def learn_rules(venue: VenueName, pair: Pair) -> None:
    """
    Read the rules of `pair` as the market of this installation tells them, and keep them.

    Raises:
        PermanentError: when it is not traded there.
        TransientError: when the market does not answer.
    """
    services = await get_services()
    market = services.markets[venue]
    rules = await services.read(lambda: market.fetch_instrument(pair, as_of=services.clock()))
    async with services.database.operator() as operator:
        # A made-up market answers for every venue: what a user trades on is the venue asked for.
        await operator.instruments.save_instrument(replace(rules, venue=venue))
