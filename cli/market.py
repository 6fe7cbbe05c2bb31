"""Which prices a stack trades on, decided once when it starts.

auto -> live if a venue answers, else sample with a notice;  live, sample, recorded:FILE as asked

Decided once, because a paper position that was opened on one market and closed on another would be
worth nothing anybody can explain.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from trading.errors import BadInput
from trading.market import MarketSource

AUTO = "auto"
RECORDED_PREFIX = "recorded:"
SAMPLE_NOTICE = (
    "No venue answers, so the prices are MADE UP by a seeded generator (sample market). Nothing "
    "you see is a real price. `--market live` insists on real ones."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketChoice:
    """
    The market of a stack.

    Attributes:
        market: live, sample or recorded:FILE with an absolute path; what QUORUM_MARKET takes.
        notice: what a person has to know about it; empty when there is nothing.
    """

    market: str
    notice: str = ""


async def choose_market(wanted: str) -> MarketChoice:
    """
    Settle on a market.

    Raises:
        BadInput: for an unknown word, and for a recording that is not there.
    """
    if wanted.startswith(RECORDED_PREFIX):
        return _choose_recording(wanted.removeprefix(RECORDED_PREFIX))
    if wanted == AUTO:
        answering = await list_answering_venues()
        if answering:
            return MarketChoice(market=MarketSource.LIVE)
        return MarketChoice(market=MarketSource.SAMPLE, notice=SAMPLE_NOTICE)
    if wanted == MarketSource.SAMPLE:
        return MarketChoice(
            market=MarketSource.SAMPLE,
            notice="The prices are MADE UP by a seeded generator (sample market).",
        )
    if wanted == MarketSource.LIVE:
        return MarketChoice(market=MarketSource.LIVE)
    raise BadInput(f"{wanted[:40]!r} is no market: auto, live, sample or recorded:FILE.")


async def list_answering_venues() -> list[str]:
    """Names of the venues whose public side answers now."""
    from blocks.venues.binance import BinanceMarket
    from blocks.venues.bybit import BybitMarket

    markets = (BinanceMarket(), BybitMarket())
    try:
        answers = await asyncio.gather(*(market.probe() for market in markets))
    finally:
        await asyncio.gather(*(market.close() for market in markets))
    return [market.venue for market, answer in zip(markets, answers, strict=True) if answer]


def _choose_recording(name: str) -> MarketChoice:
    path = Path(name).expanduser().absolute()
    if not path.is_file():
        raise BadInput(f"There is no recording {name}.")
    return MarketChoice(
        market=f"{RECORDED_PREFIX}{path}",
        notice=f"The prices are a recording ({path.name}), not today's.",
    )
