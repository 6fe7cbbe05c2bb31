"""Stores a venue's trading rules of a pair for processes without access to the venue."""

from dataclasses import replace

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.runtime.container import get_services
from trading.domain.units import Pair, VenueName


@task(name="learn_rules", task_run_name="rules of {pair}", cache_policy=NO_CACHE)
async def learn_rules(venue: VenueName, pair: Pair) -> None:
    """
    Read the rules of `pair` from the installation's market and store the rules.

    Raises:
        PermanentError: when the venue does not trade the pair.
        TransientError: when the market does not answer.
    """
    services = await get_services()
    market = services.markets[venue]
    rules = await services.read(lambda: market.fetch_instrument(pair, as_of=services.clock()))
    async with services.database.operator() as operator:
        # A generated market answers for every venue: store the requested venue.
        await operator.instruments.save_instrument(replace(rules, venue=venue))
