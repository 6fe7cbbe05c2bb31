"""Opening market data: live, recorded or made up, behind one port.

VenueSettings -> MarketChoice -> open_market -> OpenedMarket

`auto` is live when a venue answers within three seconds, else the sample with a notice for people.
Venue adapters are imported on first use: the import of ccxt takes a second and 80 MB, not needed
for a replay.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from blocks.settings import VenueSettings
from blocks.venues.offline.generated import DEFAULT_SEED, SampleMarket
from blocks.venues.offline.recorded import RecordedMarket
from trading.domain.errors import BadInput
from trading.domain.units import VenueName
from trading.market.snapshot import MarketSource
from trading.ports import MarketData

if TYPE_CHECKING:
    from blocks.venues.base.market import PublicMarket

AUTO = "auto"
KINDS = (AUTO, MarketSource.LIVE.value, MarketSource.SAMPLE.value, MarketSource.RECORDED.value)

_LIVE_VENUES = (VenueName.BINANCE, VenueName.BYBIT)
_SAMPLE_NOTICE = (
    "No venue answers, so the prices are MADE UP by a seeded generator (sample market): nothing "
    "here is a real price."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketChoice:
    """
    Kind and options of the market data.

    Attributes:
        kind: a value of `KINDS`.
        venue: preferred venue of live prices.
        path: of the recording; None for the other kinds.
        seed: of the sample.

    Raises:
        BadInput: for an unknown kind, a venue without market data, or a recording without a file.
    """

    kind: str = AUTO
    venue: VenueName = VenueName.BINANCE
    path: Path | None = None
    seed: int = DEFAULT_SEED

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadInput(
                f"{self.kind[:40]!r} is no market: auto, live, sample or recorded:FILE."
            )
        if self.venue not in _LIVE_VENUES:
            raise BadInput(f"{self.venue} has no prices of its own: binance or bybit.")
        if (self.kind == MarketSource.RECORDED) != (self.path is not None):
            raise BadInput("A recorded market needs a file, and only a recorded one has it.")

    @classmethod
    def from_settings(cls, settings: VenueSettings) -> Self:
        """Read `recorded:FILE` apart. Raises BadInput as the class does."""
        kind, _, file = settings.market.partition(":")
        path = Path(file).expanduser() if file else None
        return cls(kind=kind, venue=settings.venue, path=path, seed=settings.sample_seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedMarket:
    """
    Market data ready for use.

    Attributes:
        markets: by the venue of a pair's config; anything but live answers for every venue.
        venue: the preferred venue.
        namespace: name of the prices; only runs in the same namespace share work.
        notice: warning for people about the prices, None without a warning.
    """

    markets: Mapping[VenueName, MarketData]
    venue: VenueName
    namespace: str
    notice: str | None

    @property
    def market(self) -> MarketData:
        """The preferred venue's."""
        return self.markets[self.venue]

    async def close(self) -> None:
        """Give the connections back."""
        for market in {id(market): market for market in self.markets.values()}.values():
            await market.close()


async def open_market(settings: VenueSettings | None = None) -> OpenedMarket:
    """
    Open the configured market data (`QUORUM_MARKET`, `QUORUM_VENUE`, `QUORUM_SAMPLE_SEED`).

    Raises:
        BadInput: when the market data can't be opened, with the reason.
    """
    asked = settings or VenueSettings()
    return await open_choice(MarketChoice.from_settings(asked), urls=asked.urls)


async def open_choice(
    choice: MarketChoice, *, urls: Mapping[VenueName, str] | None = None
) -> OpenedMarket:
    """
    Open a market of any kind.

    Args:
        choice: kind and options.
        urls: hosts in place of the venues' own.

    Raises:
        BadInput: for an unusable recording.
    """
    if choice.kind == MarketSource.SAMPLE:
        return _open_sample(choice, notice=None)
    if choice.path is not None:
        return _open_recording(choice.path)
    live = build_live_markets(urls)
    if choice.kind == MarketSource.LIVE:
        return _opened_live(live, venue=choice.venue, notice=None)
    answers = await asyncio.gather(*(market.probe() for market in live.values()))
    answering = [venue for venue, answer in zip(live, answers, strict=True) if answer]
    if not answering:
        await asyncio.gather(*(market.close() for market in live.values()))
        return _open_sample(choice, notice=_SAMPLE_NOTICE)
    if choice.venue in answering:
        return _opened_live(live, venue=choice.venue, notice=None)
    notice = f"{choice.venue} does not answer: the prices are those of {answering[0]}."
    return _opened_live(live, venue=answering[0], notice=notice)


def build_live_markets(
    urls: Mapping[VenueName, str] | None = None,
) -> "dict[VenueName, PublicMarket]":
    """A client for every venue with a public side; nothing is asked yet."""
    from blocks.venues.binance.market import BinanceMarket  # noqa: PLC0415 - see the module's docstring
    from blocks.venues.bybit.market import BybitMarket  # noqa: PLC0415 - see the module's docstring

    hosts = urls or {}
    return {
        VenueName.BINANCE: BinanceMarket(url=hosts.get(VenueName.BINANCE)),
        VenueName.BYBIT: BybitMarket(url=hosts.get(VenueName.BYBIT)),
    }


def _opened_live(
    live: "Mapping[VenueName, PublicMarket]", *, venue: VenueName, notice: str | None
) -> OpenedMarket:
    # A paper account fills at the prices of the preferred venue.
    markets: dict[VenueName, MarketData] = {**live, VenueName.PAPER: live[venue]}
    return OpenedMarket(
        markets=markets, venue=venue, namespace=f"{MarketSource.LIVE}-{venue}", notice=notice
    )


def _open_sample(choice: MarketChoice, *, notice: str | None) -> OpenedMarket:
    return _everywhere(
        SampleMarket(choice.seed), namespace=f"{MarketSource.SAMPLE}-{choice.seed}", notice=notice
    )


def _open_recording(path: Path) -> OpenedMarket:
    market = RecordedMarket.open(path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    return _everywhere(market, namespace=f"{MarketSource.RECORDED}-{digest}", notice=market.notice)


def _everywhere(market: MarketData, *, namespace: str, notice: str | None) -> OpenedMarket:
    return OpenedMarket(
        markets=dict.fromkeys(VenueName, market),
        venue=market.venue,
        namespace=namespace,
        notice=notice,
    )
