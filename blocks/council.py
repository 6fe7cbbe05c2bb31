"""The council: which voters this installation asks.

CouncilSettings -> council_from_settings() -> Model, Model, Model

"auto" gives every vendor with a key a seat. One answer is no quorum, so with fewer than two keys
the offline rules fill the council up; they are named as rules wherever they appear.
"""

from blocks.model import ModelBlock
from blocks.models.settings import AUTO
from blocks.models.settings import CouncilSettings
from trading.ports import Model

OFFLINE_SEATS = ("offline-trend", "offline-mean-reversion", "offline-breakout")


def council_from_settings(settings: CouncilSettings | None = None) -> tuple[Model, ...]:
    """
    The voters in the order of their seats.

    Raises:
        PermanentError: for a provider that does not exist or lacks its key.
    """
    chosen = settings or CouncilSettings()
    seats = OFFLINE_SEATS if chosen.council in {AUTO, ("offline",)} else chosen.council
    return tuple(ModelBlock(provider=seat).get_client() for seat in seats)
