"""The vendors' catalogs: whether a seat's model exists, and when the model is shut down.

    Seat -> GET /models -> Listing

OpenAI lists `shutdown_date` (developers.openai.com/api/docs/deprecations, read 2026-11-30); Gemini
lists ids as `models/NAME`. Some vendors list no dates, and a page may hold only some models.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx

from blocks.models.base import CONNECT_SECONDS, Seat, tls_context
from trading.council.seats import Listing


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorCatalog:
    """The catalog of a seat's vendor; `is_messages` as of `blocks.models.dialects.Provider`."""

    seat: Seat
    is_messages: bool

    async def look_up(self) -> Listing:
        """The entry of the seat's model; a failure is an entry with a note, never an exception."""
        return await _look_up(self.seat, is_messages=self.is_messages)


async def _look_up(seat: Seat, *, is_messages: bool) -> Listing:
    key = seat.key.get_secret_value() or "none"
    path = "/v1/models?limit=1000" if is_messages else "/models"
    headers = (
        {"x-api-key": key, "anthropic-version": "2023-06-01"}
        if is_messages
        else {"authorization": f"Bearer {key}"}
    )
    try:
        async with httpx.AsyncClient(verify=tls_context(), timeout=CONNECT_SECONDS) as client:
            answer = await client.get(seat.base_url.rstrip("/") + path, headers=headers)
            rows = answer.json()["data"] if answer.is_success else None
    except (httpx.HTTPError, ValueError, LookupError, TypeError):
        return Listing(exists=None, note="the catalog does not answer")
    if not isinstance(rows, list):
        return Listing(exists=None, note=f"the catalog answered {answer.status_code}")
    found = next((row for row in rows if _is_named(row, seat.model)), None)
    return Listing(exists=found is not None, shutdown_on=_read_date(found))


def _is_named(row: Any, model: str) -> bool:
    return isinstance(row, dict) and str(row.get("id", "")).removeprefix("models/") == model


def _read_date(row: Any) -> date | None:
    if not isinstance(row, dict):
        return None
    for name in ("shutdown_date", "expiration_date"):
        try:
            return date.fromisoformat(str(row.get(name) or "")[:10])
        except ValueError:
            continue
    return None
