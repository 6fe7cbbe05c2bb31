"""The receipt of a cycle: the newest, or the receipt of a given cycle time."""

from datetime import datetime

from commands.caller import Caller
from db.session import Tenant
from trading.council.cassette import CassetteEntry
from trading.cycle import CycleRecord
from trading.domain.accounts import PairConfig
from trading.domain.errors import BadInput
from trading.domain.messages import message, plain
from trading.domain.units import Pair
from trading.requests import is_one_pair, select_pairs


async def load_receipt(
    caller: Caller, text: str, *, cycle_time: datetime | None = None
) -> CycleRecord:
    """
    Load the newest receipt of a pair, or of "all".

    A removed pair keeps its receipts.

    Args:
        caller: user whose receipt is loaded.
        text: a pair, "all", or nothing.
        cycle_time: start of the wanted cycle; None for the newest.

    Raises:
        BadInput: for another user's pair, and without a finished cycle.
    """
    async with caller.tenant() as tenant:
        configs = await tenant.pairs.list_pairs()
        if is_one_pair(text):
            pairs = await _select_one(tenant, text)
        else:
            pairs = tuple(config.pair for config in select_pairs(text, existing=configs))
        found = [await tenant.cycles.load_cycle(pair, cycle_time=cycle_time) for pair in pairs]
    records = [record for record in found if record is not None]
    if records:
        return max(records, key=lambda record: record.key.cycle_time)
    of = plain(str(pairs[0])) if is_one_pair(text) else message("receipt-of-your-pairs")
    if cycle_time is None:
        raise BadInput(message("receipt-missing", of=of))
    raise BadInput(message("receipt-missing-at", of=of, cycle=cycle_time))


async def find_config(caller: Caller, record: CycleRecord) -> PairConfig | None:
    """The pair of a receipt as the pair is now; None for a removed pair."""
    async with caller.tenant() as tenant:
        return await tenant.pairs.load_pair(record.key.pair)


async def load_exchanges(caller: Caller, record: CycleRecord) -> tuple[CassetteEntry, ...]:
    """The questions and raw answers behind a receipt's votes, oldest first."""
    second = () if record.news_check is None else record.news_check.decisions
    digests = {decision.prompt_hash for decision in (*record.decisions, *second)}
    async with caller.operator() as operator:
        return await operator.cassette.load(digests)


async def _select_one(tenant: Tenant, text: str) -> tuple[Pair, ...]:
    """The named pair. Raises BadInput for a pair without receipts that the user does not trade."""
    pair = Pair.parse(text)
    if await tenant.cycles.load_cycle(pair) is None:
        select_pairs(text, existing=await tenant.pairs.list_pairs())
    return (pair,)
