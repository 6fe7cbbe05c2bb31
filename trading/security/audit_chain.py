"""A chain of hashes over the audit log: finds edits, deletions, swaps and truncations.

entry -> content = H(salt, entry);  link = H(previous link, sequence, entry id, content)
links, entries, head seen elsewhere -> verify_chain -> faults

The last link is the head; its hash stands in the daily digest, outside the database. A link names
an entry only by a salted hash: after the erasure of a user the salts of the user's entries are
removed, so nothing of the entries can be guessed, and the links of all others stay valid. An
erasure is itself an entry (`ERASURE`) with the sequences of the erased links.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from trading.domain.units import UserId

SALT_BYTES = 16
NUMBER_BYTES = 8
GENESIS = bytes(32)
ERASURE = "erase_user"
ERASED_LINKS = "links"
"""Detail of an erasure: the sequences of the erased links, separated by spaces."""
HEAD_DIGITS = 16
"""Hex digits of the head in the digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """
    One recorded action.

    Attributes:
        user_id: the affected user; None for the system.
        actor: "user:1", "telegram:7", "watchdog".
        detail: figures and names as text; never a secret.
        at: aware UTC.
    """

    entry_id: int
    user_id: UserId | None
    actor: str
    action: str
    detail: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLink:
    """The hash of an entry (`content`) and of the chain so far (`link`); no salt once erased."""

    sequence: int
    entry_id: int
    salt: bytes | None
    content: bytes
    link: bytes

    @property
    def head(self) -> str:
        """The digits that the digest shows."""
        return self.link.hex()[:HEAD_DIGITS]


class ChainFault(StrEnum):
    """What the verification found at a link."""

    CHANGED = "the entry was changed"
    MISSING = "the entry was deleted"
    BROKEN = "the link does not follow from the link before"
    UNSEALED = "the salt was removed without an erasure"
    TRUNCATED = "the end of the chain was cut off"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFault:
    """A fault at a sequence; for a cut end the sequence after the last link."""

    sequence: int
    fault: ChainFault


def extend_chain(
    entries: Sequence[AuditEntry], *, last: ChainLink | None, salts: Iterable[bytes]
) -> list[ChainLink]:
    """Seal entries in order behind the last link; one fresh salt of `SALT_BYTES` for each."""
    links: list[ChainLink] = []
    for entry, salt in zip(entries, salts, strict=False):
        sequence = last.sequence + 1 if last else 1
        content = _hash_entry(entry, salt=salt)
        link = _hash_link(
            last.link if last else GENESIS,
            sequence=sequence,
            entry_id=entry.entry_id,
            content=content,
        )
        last = ChainLink(
            sequence=sequence, entry_id=entry.entry_id, salt=salt, content=content, link=link
        )
        links.append(last)
    return links


def verify_chain(
    links: Sequence[ChainLink], *, entries: Mapping[int, AuditEntry], heads: Collection[str] = ()
) -> list[FoundFault]:
    """
    Compare a chain with the audit log.

    Args:
        links: the whole chain by sequence.
        entries: the log by entry id.
        heads: heads seen in digests; each must be in the chain.
    """
    erased = _list_erased(entries.values())
    faults: list[FoundFault] = []
    previous, expected = GENESIS, 1
    for link in links:
        fault = _check_link(link, previous=previous, expected=expected, erased=erased)
        fault = fault or _check_entry(link, entry=entries.get(link.entry_id), erased=erased)
        if fault is not None:
            faults.append(FoundFault(sequence=link.sequence, fault=fault))
        previous, expected = link.link, link.sequence + 1
    known = {link.head for link in links}
    if any(head[:HEAD_DIGITS].lower() not in known for head in heads):
        faults.append(FoundFault(sequence=expected, fault=ChainFault.TRUNCATED))
    return faults


def _check_link(
    link: ChainLink, *, previous: bytes, expected: int, erased: Collection[int]
) -> ChainFault | None:
    follows = _hash_link(
        previous, sequence=link.sequence, entry_id=link.entry_id, content=link.content
    )
    if link.sequence != expected or link.link != follows:
        return ChainFault.BROKEN
    is_unsealed = link.salt is None and link.sequence not in erased
    return ChainFault.UNSEALED if is_unsealed else None


def _check_entry(
    link: ChainLink, *, entry: AuditEntry | None, erased: Collection[int]
) -> ChainFault | None:
    if link.salt is None and link.sequence in erased:
        return None
    if entry is None:
        return ChainFault.MISSING
    is_same = link.salt is not None and _hash_entry(entry, salt=link.salt) == link.content
    return None if is_same else ChainFault.CHANGED


def _list_erased(entries: Iterable[AuditEntry]) -> frozenset[int]:
    words = (
        entry.detail.get(ERASED_LINKS, "").split() for entry in entries if entry.action == ERASURE
    )
    return frozenset(int(word) for sequence in words for word in sequence if word.isdecimal())


def _hash_entry(entry: AuditEntry, *, salt: bytes) -> bytes:
    at = entry.at.astimezone(UTC).isoformat()
    content = [
        entry.entry_id, entry.user_id, entry.actor, entry.action, dict(entry.detail), at,
    ]  # fmt: skip
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(salt + text.encode("utf-8", "surrogatepass")).digest()


def _hash_link(previous: bytes, *, sequence: int, entry_id: int, content: bytes) -> bytes:
    numbers = sequence.to_bytes(NUMBER_BYTES) + entry_id.to_bytes(NUMBER_BYTES)
    return hashlib.sha256(previous + numbers + content).digest()
