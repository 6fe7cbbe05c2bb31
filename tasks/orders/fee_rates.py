"""Reads an account's own fee rates for sizing and for the rules about costs.

venue, once a day -> FeeRates | None (then the rates of a new account, the instrument's, count)

An unreadable rate blocks nothing: neither an entry nor an exit.
"""

import asyncio
from datetime import timedelta

from prefect.logging import get_logger

from tasks.orders.pair_account import PairAccount
from trading.domain.errors import QuorumError
from trading.domain.instruments import FeeRates

RATES_LIFE = timedelta(days=1)
RETRY_AFTER = timedelta(hours=1)
"""After a failed read; the cycle must not wait for the venue each time."""
DEADLINE_SECONDS = 2.0

logger = get_logger(__name__)


async def read_fee_rates(account: PairAccount) -> FeeRates | None:
    """The account's own rates of the pair, None where unreadable."""
    config, now = account.config, account.now()
    known = account.services.live.fee_rates
    key = (config.user_id, config.trade_venue, config.pair)
    rates, until = known.get(key, (None, now))
    if now < until:
        return rates
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            rates = await account.exchange.fetch_fee_rates(config.pair)
    except TimeoutError:
        logger.warning("The fee rates of %s were not told in time.", config.pair)
        rates = None
    except QuorumError as error:
        logger.warning("The fee rates of %s are unknown: %s", config.pair, error)
        rates = None
    known[key] = (rates, now + (RETRY_AFTER if rates is None else RATES_LIFE))
    return rates
