"""/connect step by step, and /disconnect: an API key is in clear only in memory, for minutes.

venue -> key (message deleted, kept in memory) -> secret (message deleted) -> commands.people.keys

Between the two steps nothing of the key is stored; after a restart the bot asks for the key again.
"""

from commands import conversation
from commands.people import keys
from telegram.request.request import Answer, Ask, HalfTold, Step, Verb
from telegram.views.dialogs.connect import (
    render_disconnected,
    render_key_in_command,
    render_key_question,
    render_key_sealed,
    render_secret_question,
    render_venue_choice,
)
from telegram.views.errors import render_bad_input
from telegram.views.help import render_usage
from trading.domain.units import VenueName
from trading.requests import parse_venue
from trading.security.credentials import Credentials

KEY_STEP, SECRET_STEP = "connect_key", "connect_secret"
WHOLE_WORDS = 3
"""/connect VENUE KEY SECRET in one message."""


async def connect(ask: Ask) -> Answer:
    """Ask for venue and key, or take everything at once."""
    if not ask.words:
        return render_venue_choice(language=ask.language)
    if len(ask.words) not in (1, WHOLE_WORDS):
        return render_key_in_command(language=ask.language)
    venue = parse_venue(ask.words[0])
    if len(ask.words) == WHOLE_WORDS:
        given = Credentials(api_key=ask.words[1], api_secret=ask.words[2])
        return await _seal(ask, venue, credentials=given)
    return await _ask_key(ask, venue)


async def take_key(ask: Ask) -> Answer:
    """Keep the key in memory until the secret comes."""
    venue = _venue_of(ask)
    Credentials(api_key=ask.argument, api_secret="-")  # noqa: S106 - checks the key's length
    ask.services.half_told[ask.user.user_id] = HalfTold(api_key=ask.argument, told_at=ask.now)
    await ask.ask_back(SECRET_STEP, venue=str(venue))
    was_deleted = bool(ask.was_deleted)
    return render_secret_question(venue, was_deleted=was_deleted, language=ask.language)


async def take_secret(ask: Ask) -> Answer:
    """Seal key and secret together; a missing key is asked for again."""
    venue = _venue_of(ask)
    half = ask.services.half_told.pop(ask.user.user_id, None)
    if half is None:
        return await _ask_key(ask, venue)
    given = Credentials(api_key=half.api_key, api_secret=ask.argument)
    await conversation.end_dialog(ask)
    return await _seal(ask, venue, credentials=given)


async def disconnect(ask: Ask) -> Answer:
    """Delete a venue's key."""
    if len(ask.words) != 1:
        return render_usage("disconnect", language=ask.language)
    venue = parse_venue(ask.argument)
    await keys.disconnect(ask, venue)
    return render_disconnected(venue, language=ask.language)


async def _ask_key(ask: Ask, venue: VenueName) -> Answer:
    ask.services.half_told.pop(ask.user.user_id, None)
    await ask.ask_back(KEY_STEP, venue=str(venue))
    return render_key_question(venue, language=ask.language)


async def _seal(ask: Ask, venue: VenueName, *, credentials: Credentials) -> Answer:
    """Seal the key; without the venue's answer in time, /mode shows the result later."""
    connected = await keys.connect(
        ask, venue, credentials=credentials, load_keys=ask.services.load_keys
    )
    sealed = render_key_sealed(
        venue,
        hint=connected.hint,
        was_deleted=bool(ask.was_deleted),
        language=ask.language,
    )
    if not connected.answer:
        return sealed
    return (sealed, render_bad_input(connected.answer, language=ask.language))


def _venue_of(ask: Ask) -> VenueName:
    return VenueName(ask.dialog.detail["venue"]) if ask.dialog else VenueName.BINANCE


VERBS = (
    Verb(name="connect", run=connect, secret_from_words=2),
    Verb(name="disconnect", run=disconnect),
)
STEPS = (
    Step(name=KEY_STEP, run=take_key, is_secret=True),
    Step(name=SECRET_STEP, run=take_secret, is_secret=True),
)
