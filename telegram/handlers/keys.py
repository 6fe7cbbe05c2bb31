"""/connect step by step, and /disconnect: a key is in clear in memory only, and never for long.

venue -> key (message deleted, kept in memory) -> secret (message deleted) -> sealed -> verified

Between the two steps nothing of the key is written anywhere: after a restart it is asked for anew.
The check at the venue is a flow: it opens the sealed key itself, its parameters are ids.
"""

from telegram.request.request import Answer, Ask, HalfTold, Message, Step, Verb
from telegram.views.dialogs.connect import (
    render_disconnected,
    render_key_in_command,
    render_key_question,
    render_key_sealed,
    render_not_connected,
    render_secret_question,
    render_venue_choice,
)
from telegram.views.errors import render_bad_input
from telegram.views.help import render_usage
from trading.domain.credentials import Credentials
from trading.domain.errors import QuorumError, TransientError
from trading.domain.units import VenueName
from trading.requests import check_disconnectable, parse_venue

VERIFY_ACCOUNT = "verify-account/verify-account"
KEY_STEP, SECRET_STEP = "connect_key", "connect_secret"
WHOLE_WORDS = 3
"""/connect VENUE KEY SECRET, all at once."""


async def connect(ask: Ask) -> Answer:
    """Begin with the venue, or take everything at once."""
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
    """The key: in memory until the secret comes."""
    venue = _venue_of(ask)
    Credentials(api_key=ask.argument, api_secret="-")  # noqa: S106 - only its length is checked
    ask.services.half_told[ask.user.user_id] = HalfTold(api_key=ask.argument, told_at=ask.now)
    await ask.ask_back(SECRET_STEP, venue=str(venue))
    was_deleted = bool(ask.was_deleted)
    return render_secret_question(venue, was_deleted=was_deleted, language=ask.language)


async def take_secret(ask: Ask) -> Answer:
    """The secret: sealed together with the key; without it we begin again."""
    venue = _venue_of(ask)
    half = ask.services.half_told.pop(ask.user.user_id, None)
    if half is None:
        return await _ask_key(ask, venue)
    given = Credentials(api_key=half.api_key, api_secret=ask.argument)
    async with ask.tenant() as tenant:
        await tenant.dialogs.end_dialog()
    return await _seal(ask, venue, credentials=given)


async def disconnect(ask: Ask) -> Answer:
    """Forget a venue's key."""
    if len(ask.words) != 1:
        return render_usage("disconnect", language=ask.language)
    venue = parse_venue(ask.argument)
    async with ask.tenant() as tenant:
        check_disconnectable(venue, existing=await tenant.pairs.list_pairs())
        if not await tenant.accounts.remove_account(venue):
            return render_not_connected(venue, language=ask.language)
        detail = {"venue": str(venue)}
        await tenant.audit.append(ask.actor, action="disconnect", detail=detail, now=ask.now)
    return render_disconnected(venue, language=ask.language)


async def _ask_key(ask: Ask, venue: VenueName) -> Answer:
    ask.services.half_told.pop(ask.user.user_id, None)
    await ask.ask_back(KEY_STEP, venue=str(venue))
    return render_key_question(venue, language=ask.language)


async def _seal(ask: Ask, venue: VenueName, *, credentials: Credentials) -> Answer:
    async with ask.tenant() as tenant:
        await tenant.accounts.save_credentials(
            venue, credentials=credentials, keys=ask.services.keys, now=ask.now
        )
        detail = {"venue": str(venue), "hint": credentials.hint}
        await tenant.audit.append(ask.actor, action="connect", detail=detail, now=ask.now)
    sealed = render_key_sealed(
        venue,
        hint=credentials.hint,
        was_deleted=bool(ask.was_deleted),
        language=ask.language,
    )
    return (sealed, *await _verify(ask, venue))


async def _verify(ask: Ask, venue: VenueName) -> tuple[Message, ...]:
    """What the venue says of the key; nothing when it takes too long: /mode tells later."""
    try:
        end = await ask.services.deployments.run_to_end(
            VERIFY_ACCOUNT,
            parameters={"user_id": int(ask.user.user_id), "venue": str(venue)},
            seconds=ask.services.settings.lookup_seconds,
        )
    except TransientError:
        return ()
    except QuorumError as error:
        return (render_bad_input(error.sentence, language=ask.language),)
    return (render_bad_input(end.message, language=ask.language),) if end.message else ()


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
