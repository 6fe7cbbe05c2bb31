"""Faults of a seat: why a model gives no answer, and the operator's next step for each cause."""

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


_NEXT_STEPS = {
    SeatFault.REQUEST: "Update Quorum: the vendor has changed what it accepts.",
    SeatFault.KEY: "Set a valid key in .env and restart.",
    SeatFault.FUNDS: "Add credit at the vendor.",
    SeatFault.QUOTA: "Add credit at the vendor, or raise the spending limit there.",
    SeatFault.RIGHTS: "Give the key the right to use this model.",
    SeatFault.REGION: "Give the seat to another vendor, or set its base URL to a served region.",
    SeatFault.GONE: "Name a current model in QUORUM_COUNCIL: `quorum seats` shows them.",
}


def find_next_step(detail: str) -> str:
    """The operator's next step for an abstention with the given detail."""
    for fault, step in _NEXT_STEPS.items():
        if fault in detail:
            return step
    return "Look at the vendor's status page and at this machine's network."
