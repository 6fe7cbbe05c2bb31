"""Validation of a person's requests, before anything is changed.

    text, current state -> check_* -> a value, or BadInput with one clear sentence

The command line and the bot use the same checks, so both accept and refuse the same requests.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from trading.cycle import floor_cycle_time
from trading.domain.accounts import PairConfig
from trading.domain.errors import BadInput
from trading.domain.instruments import Instrument
from trading.domain.messages import message
from trading.domain.units import ZERO, Mode, Pair, UserId, VenueName, ceil_to_step, to_decimal

MAX_CAPITAL = Decimal(100_000_000)
"""Quote units that one pair may be given; more is taken for a slip of the finger."""

CAPITAL_STEP = Decimal("0.01")
MAX_PAIRS = 30
"""Pairs of one user: each costs a market snapshot and a vote every half hour."""

MAX_NAME_CHARACTERS = 40
ALL_PAIRS = "all"


def parse_capital(text: str, *, quote: str) -> Decimal:
    """
    Read an amount of quote currency.

    Raises:
        BadInput: for text without a number, NaN, infinity, zero, less, more than two decimals or
            more than `MAX_CAPITAL`.
    """
    capital = to_decimal(text)
    if capital <= 0:
        raise BadInput(message("capital-not-positive", amount=capital, quote=quote))
    if capital > MAX_CAPITAL:
        raise BadInput(message("capital-too-large", amount=capital, quote=quote, most=MAX_CAPITAL))
    if capital % CAPITAL_STEP:
        raise BadInput(message("capital-too-precise", amount=capital, quote=quote))
    return capital


def compute_minimum_capital(instrument: Instrument, *, max_position_ratio: Decimal) -> Decimal:
    """
    Least capital, quote units, at which the venue's smallest order fits the position limit.

    A position is at most `max_position_ratio` (0..1, above 0) of the equity, so the capital has to
    be at least min_notional / max_position_ratio.
    """
    return ceil_to_step(instrument.min_notional / max_position_ratio, CAPITAL_STEP)


def check_add_pair(
    pair: Pair,
    *,
    capital_text: str,
    existing: Iterable[PairConfig],
    instrument: Instrument,
    max_position_ratio: Decimal,
) -> Decimal:
    """
    The capital of a new pair, quote units.

    Raises:
        BadInput: for an unreadable amount, an amount too small for the venue's minimum order, a
            pair of the user that exists already, or a pair above `MAX_PAIRS`.
    """
    configs = tuple(existing)
    if any(config.pair == pair for config in configs):
        raise BadInput(message("pair-already-traded", pair=str(pair)))
    if len(configs) >= MAX_PAIRS:
        raise BadInput(message("too-many-pairs", count=len(configs), most=MAX_PAIRS))
    capital = parse_capital(capital_text, quote=pair.quote)
    minimum = compute_minimum_capital(instrument, max_position_ratio=max_position_ratio)
    if capital < minimum:
        raise BadInput(
            message(
                "capital-too-small",
                amount=capital,
                quote=pair.quote,
                pair=str(pair),
                least=instrument.min_notional,
                share=f"{max_position_ratio:.0%}",
                minimum=minimum,
            )
        )
    return capital


def check_set_capital(
    config: PairConfig, *, capital: Decimal, earned: Decimal, minimum: Decimal, is_open: bool
) -> None:
    """
    Let a pair's capital change; all amounts in quote units.

    Args:
        config: the pair with its present capital.
        capital: the wanted capital, > 0.
        earned: net PnL of closed positions less profit taken out; negative for losses.
        minimum: equity that the venue's smallest order needs (`compute_minimum_capital`).
        is_open: a position is open or an order is not settled.

    Raises:
        BadInput: when the capital does not change, is too little, or is lowered while `is_open`.
    """
    pair, quote = config.pair, config.pair.quote
    if capital == config.capital:
        raise BadInput(message("capital-same", pair=str(pair), amount=capital, quote=quote))
    if capital < config.capital and is_open:
        raise BadInput(message("capital-only-raised", pair=str(pair)))
    least = minimum - min(earned, ZERO)
    if capital < config.capital and capital < least:
        raise BadInput(
            message("capital-below", amount=capital, quote=quote, pair=str(pair), least=least)
        )


def build_pair_config(
    *, user_id: UserId, pair: Pair, venue: VenueName, capital: Decimal, now: datetime
) -> PairConfig:
    """A new pair: on paper and running, as every pair starts."""
    return PairConfig(
        user_id=user_id,
        pair=pair,
        venue=venue,
        mode=Mode.PAPER,
        capital=capital,
        is_paused=False,
        created_at=now,
    )


def find_pair(pair: Pair, *, existing: Iterable[PairConfig]) -> PairConfig:
    """
    The user's own configuration of `pair`.

    Raises:
        BadInput: when the user does not trade the pair; another user's pair gives the same error,
            so the error tells nothing about other users.
    """
    configs = tuple(existing)
    for config in configs:
        if config.pair == pair:
            return config
    known = ", ".join(sorted(str(config.pair) for config in configs))
    if not known:
        raise BadInput(message("pair-missing-none", pair=str(pair)))
    raise BadInput(message("pair-missing", pair=str(pair), known=known))


def is_one_pair(text: str) -> bool:
    """Whether a word names a single pair, rather than all pairs ("all", or nothing)."""
    return text.strip().lower() not in {"", ALL_PAIRS}


def select_pairs(text: str, *, existing: Iterable[PairConfig]) -> tuple[PairConfig, ...]:
    """
    The pairs behind a word: a single pair, or every pair for "all" and for an empty word.

    Raises:
        BadInput: for a word without a pair, a pair of another user, or a user without pairs.
    """
    configs = filter_pairs(text, existing=existing)
    if not configs:
        raise BadInput(message("no-pairs"))
    return configs


def filter_pairs(text: str, *, existing: Iterable[PairConfig]) -> tuple[PairConfig, ...]:
    """As `select_pairs`, for queries: a user without pairs gets an empty result."""
    configs = tuple(existing)
    return (find_pair(Pair.parse(text), existing=configs),) if is_one_pair(text) else configs


def parse_cycle_time(text: str) -> datetime:
    """
    The cycle of an instant; an instant without an offset is UTC.

    Raises:
        BadInput: for text other than an ISO 8601 date and time.
    """
    try:
        instant = datetime.fromisoformat(text.strip())
        aware = instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise BadInput(message("time-unreadable", text=text.strip()[:40])) from None
    return floor_cycle_time(aware)


def check_removable(config: PairConfig, *, open_quantity: Decimal, open_intents: int = 0) -> None:
    """
    Allow the removal of a pair without an open position or order.

    Raises:
        BadInput: when `open_quantity` (base units, >= 0) is not 0, or orders are still in doubt.
    """
    if open_quantity > ZERO:
        raise BadInput(
            message(
                "pair-has-position",
                pair=str(config.pair),
                quantity=open_quantity,
                base=config.pair.base,
            )
        )
    if open_intents:
        raise BadInput(message("pair-has-orders", pair=str(config.pair), count=open_intents))


def check_disconnectable(venue: VenueName, *, existing: Iterable[PairConfig]) -> None:
    """
    Allow the removal of a key without live pairs: stops and exits of live pairs need the key.

    Raises:
        BadInput: when a pair is traded live at `venue`, with a position or without.
    """
    live = [str(c.pair) for c in existing if c.venue is venue and c.mode is Mode.LIVE]
    if live:
        raise BadInput(message("key-in-use", pairs=", ".join(live), venue=venue))


def check_user_name(name: str) -> str:
    """
    A name to show, trimmed.

    Raises:
        BadInput: for an empty or long name, unprintable characters, or a number (ambiguous with a
            user id).
    """
    plain = name.strip()
    if not plain or len(plain) > MAX_NAME_CHARACTERS:
        raise BadInput(message("name-length", most=MAX_NAME_CHARACTERS, count=len(plain)))
    if not plain.isprintable():
        raise BadInput(message("name-unprintable"))
    if plain.isdigit():
        raise BadInput(message("name-is-number", name=plain))
    return plain


def parse_venue(text: str) -> VenueName:
    """
    A real venue by name.

    Raises:
        BadInput: for any other word; paper needs no connection.
    """
    word = text.strip().lower()
    if word in {VenueName.BINANCE, VenueName.BYBIT}:
        return VenueName(word)
    raise BadInput(message("venue-not-connectable", text=text.strip()[:40]))
