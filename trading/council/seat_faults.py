"""Faults of a seat: why a model gives no answer."""

from enum import StrEnum


class SeatFault(StrEnum):
    """Causes, each as the detail of an abstention."""

    REQUEST = "the vendor refused the request"
    KEY = "the key was refused"
    FUNDS = "the account at the vendor has no funds"
    QUOTA = "the quota at the vendor is used up"
    RIGHTS = "the key may not do this"
    REGION = "the vendor does not serve this region"
    GONE = "the vendor knows no such model"
    RATE = "over the vendor's rate limit"
    LOAD = "the vendor is overloaded"
    LINE = "the connection failed"


LASTING_FAULTS = frozenset(SeatFault) - {SeatFault.RATE, SeatFault.LOAD, SeatFault.LINE}
"""Faults that stay until the operator acts; the catalogs have a next step for each."""


def find_fault(detail: str) -> SeatFault | None:
    """The fault within the detail of an abstention; None for a detail in other words."""
    return next((fault for fault in SeatFault if fault in detail), None)
