"""Critical alerts past Telegram: mail, Slack or a webhook of the operator, by apprise.

QUORUM_OPERATOR_ALERT_URL -> OperatorUrl.notify (a thread) -> sent, or a line in the log
"""

import asyncio
import logging

from pydantic import SecretStr

from blocks.settings import OperatorAlertSettings

TITLE = "Quorum"
logger = logging.getLogger(__name__)


class OperatorUrl:
    """The operator's address; without an address nothing is sent. The address is never logged."""

    def __init__(self, url: SecretStr | None = None) -> None:
        self._url = url

    @classmethod
    def from_settings(cls) -> "OperatorUrl":
        """The address of QUORUM_OPERATOR_ALERT_URL."""
        return cls(OperatorAlertSettings().operator_alert_url)

    @property
    def is_set(self) -> bool:
        """Whether there is an address."""
        return self._url is not None

    async def notify(self, text: str) -> bool:
        """Send a text; False without an address, or when the service behind it refuses."""
        if self._url is None:
            return False
        is_sent = await asyncio.to_thread(_send, self._url.get_secret_value(), text=text)
        if not is_sent:
            logger.error("QUORUM_OPERATOR_ALERT_URL takes no message.")
        return is_sent


def _send(url: str, *, text: str) -> bool:
    # The import takes a quarter of a second and most installations name no address.
    from apprise import Apprise  # noqa: PLC0415

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its lines quote the address
    service = Apprise()
    return service.add(url) and bool(service.notify(title=TITLE, body=text))
